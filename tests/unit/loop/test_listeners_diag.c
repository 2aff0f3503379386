/* The dump through netlink, from one datagram to many. */
#include "tests/unit/loop/open_listener.h"

static void tells_what_only_the_diagnostics_know(void **state)
{
    (void)state;
    for (int only_v6 = 0; only_v6 < 2; only_v6++) {
        struct opened opened = open_listener("::", only_v6);
        ds_auto_listeners struct ds_listeners listeners = {0};
        assert_int_equal(listeners_from_diag(&listeners, NULL), LISTENERS_DONE);
        const struct ds_listener *listener = find(&listeners, opened.inode);
        assert_non_null(listener);
        assert_int_equal(listener->family, AF_INET6);
        assert_int_equal(listener->port, opened.port);
        assert_int_equal(listener->only_v6, only_v6);
        close(opened.fd);
    }
}

static void sees_many_listeners(void **state)
{
    (void)state;
    enum { MANY = 600 }; /* more than one datagram of the dump holds */
    struct opened opened[MANY];
    for (size_t i = 0; i < MANY; i++)
        opened[i] = open_listener(i % 2 ? "127.0.0.1" : "::1", true);
    ds_auto_listeners struct ds_listeners listeners = {0};
    assert_int_equal(listeners_from_diag(&listeners, NULL), LISTENERS_DONE);
    for (size_t i = 0; i < MANY; i++) {
        assert_non_null(find(&listeners, opened[i].inode));
        close(opened[i].fd);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_what_only_the_diagnostics_know),
        cmocka_unit_test(sees_many_listeners),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
