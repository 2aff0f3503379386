/*
 * Real sockets on loopback, seen by both sources.
 */
#include "tests/unit/loop/open_listener.h"

static const struct {
    const char *address;
    bool only_v6;
    bool accepts4, accepts6;
} cases[] = {
    {"127.0.0.1", false, true, false},
    {"0.0.0.0", false, true, false},
    {"127.0.0.2", false, false, false},
    {"::1", true, false, true},
    {"::", true, false, true},
    {"::", false, true, true},
    {"::ffff:127.0.0.1", false, true, false},
};

static void check(const struct ds_listeners *listeners, size_t row, const struct opened *opened,
                  bool knows_only_v6)
{
    const struct ds_listener *listener = find(listeners, opened->inode);
    assert_non_null(listener);
    assert_int_equal(listener->port, opened->port);
    assert_int_equal(listener->uid, getuid());
    assert_int_equal(ds_listener_accepts(listener, AF_INET6), cases[row].accepts6);
    bool accepts4 = cases[row].accepts4;
    if (!knows_only_v6 && strcmp(cases[row].address, "::") == 0)
        accepts4 = true;
    assert_int_equal(ds_listener_accepts(listener, AF_INET), accepts4);
    bool reachable = accepts4 || cases[row].accepts6;
    size_t index = 0;
    const struct ds_listener *next = ds_listeners_next(listeners, opened->port, &index);
    assert_int_equal(next == listener, reachable);
}

static void sees_every_kind_of_listener(void **state)
{
    (void)state;
    for (size_t i = 0; i < DS_COUNT(cases); i++) {
        struct opened opened = open_listener(cases[i].address, cases[i].only_v6);
        ds_auto_listeners struct ds_listeners listeners = {0};
        assert_int_equal(listeners_from_diag(&listeners, NULL), LISTENERS_DONE);
        check(&listeners, i, &opened, true);
        assert_true(ds_listeners_dump(&listeners, NULL));
        check(&listeners, i, &opened, true);
        close(opened.fd);
        assert_true(ds_listeners_dump(&listeners, NULL));
        assert_null(find(&listeners, opened.inode));
    }
}

static void tables_tell_the_same(void **state)
{
    (void)state;
    for (size_t i = 0; i < DS_COUNT(cases); i++) {
        struct opened opened = open_listener(cases[i].address, cases[i].only_v6);
        ds_auto_listeners struct ds_listeners listeners = {0};
        assert_int_equal(listeners_from_table(&listeners, AF_INET, "/proc/net/tcp", NULL),
                         LISTENERS_DONE);
        assert_int_equal(listeners_from_table(&listeners, AF_INET6, "/proc/net/tcp6", NULL),
                         LISTENERS_DONE);
        check(&listeners, i, &opened, false);
        close(opened.fd);
    }
}

static void connections_are_no_listeners(void **state)
{
    (void)state;
    struct opened opened = open_listener("127.0.0.1", false);
    struct sockaddr_in where = {.sin_family = AF_INET,
                                .sin_port = htons(opened.port),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(client, (struct sockaddr *)&where, sizeof(where)), 0);
    int server = accept(opened.fd, NULL, NULL);
    close(opened.fd);
    ds_auto_listeners struct ds_listeners listeners = {0};
    assert_true(ds_listeners_dump(&listeners, NULL));
    size_t index = 0;
    assert_null(ds_listeners_next(&listeners, opened.port, &index));
    close(client);
    close(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sees_every_kind_of_listener),
        cmocka_unit_test(tables_tell_the_same),
        cmocka_unit_test(connections_are_no_listeners),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
