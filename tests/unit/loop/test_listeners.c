/*
 * Real sockets on loopback, seen by both sources, and whose they are.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "devstack/base/memory.h"
#include "devstack/base/text.h"
#include "orchestrator/loop/listeners_internal.h"

struct opened {
    int fd;
    uint16_t port;
    uint64_t inode;
};

static struct opened open_listener(const char *address, bool only_v6)
{
    bool six = strchr(address, ':');
    struct sockaddr_storage where = {0};
    socklen_t length = six ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
    struct sockaddr_in *four_part = (struct sockaddr_in *)&where;
    struct sockaddr_in6 *six_part = (struct sockaddr_in6 *)&where;
    where.ss_family = six ? AF_INET6 : AF_INET;
    void *bytes = six ? (void *)&six_part->sin6_addr : (void *)&four_part->sin_addr;
    assert_int_equal(inet_pton(where.ss_family, address, bytes), 1);
    struct opened opened = {.fd = socket(where.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    assert_true(opened.fd >= 0);
    if (six) {
        int on = only_v6;
        assert_int_equal(setsockopt(opened.fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)), 0);
    }
    assert_int_equal(bind(opened.fd, (struct sockaddr *)&where, length), 0);
    assert_int_equal(listen(opened.fd, 1), 0);
    assert_int_equal(getsockname(opened.fd, (struct sockaddr *)&where, &length), 0);
    opened.port = ntohs(six ? six_part->sin6_port : four_part->sin_port);
    struct stat status;
    assert_int_equal(fstat(opened.fd, &status), 0);
    opened.inode = status.st_ino;
    return opened;
}

static const struct ds_listener *find(const struct ds_listeners *listeners, uint64_t inode)
{
    for (size_t i = 0; i < listeners->count; i++)
        if (listeners->items[i].inode == inode)
            return &listeners->items[i];
    return NULL;
}

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
        assert_int_equal(ds_listeners_from_diag(&listeners, NULL), DS_LISTENERS_DONE);
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
        assert_int_equal(ds_listeners_from_table(&listeners, AF_INET, "/proc/net/tcp", NULL),
                         DS_LISTENERS_DONE);
        assert_int_equal(ds_listeners_from_table(&listeners, AF_INET6, "/proc/net/tcp6", NULL),
                         DS_LISTENERS_DONE);
        check(&listeners, i, &opened, false);
        close(opened.fd);
    }
}

static void missing_table_is_refused(void **state)
{
    (void)state;
    ds_auto_listeners struct ds_listeners listeners = {0};
    assert_int_equal(ds_listeners_from_table(&listeners, AF_INET, "/nonexistent/tcp", NULL),
                     DS_LISTENERS_REFUSED);
}

static void sees_many_listeners(void **state)
{
    (void)state;
    enum { MANY = 600 }; /* more than one datagram of the dump holds */
    struct opened opened[MANY];
    for (size_t i = 0; i < MANY; i++)
        opened[i] = open_listener(i % 2 ? "127.0.0.1" : "::1", true);
    ds_auto_listeners struct ds_listeners listeners = {0};
    assert_true(ds_listeners_dump(&listeners, NULL));
    for (size_t i = 0; i < MANY; i++) {
        assert_non_null(find(&listeners, opened[i].inode));
        close(opened[i].fd);
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

static void finds_the_owner(void **state)
{
    (void)state;
    struct opened opened = open_listener("127.0.0.1", false);
    const pid_t self[] = {1 << 30, getpid()};
    bool unknown = false;
    assert_true(ds_listener_owned_by(opened.inode, self, DS_COUNT(self), &unknown));
    assert_false(ds_listener_owned_by(opened.inode, self, 1, &unknown));
    assert_false(unknown); /* one that is not there is no secret */
    struct ds_listener_owner owner;
    assert_true(ds_listener_find_owner(opened.inode, &owner));
    assert_int_equal(owner.pid, getpid());
    assert_true(ds_string_starts(owner.comm, "test-loop-liste"));
    assert_true(strstr(owner.command, "test-loop-listeners") != NULL);
    ds_listener_owner_finish(&owner);
    close(opened.fd);
    assert_false(ds_listener_find_owner(opened.inode, &owner));
    assert_int_equal(owner.pid, 0);
}

static void shared_socket_belongs_to_each(void **state)
{
    (void)state;
    struct opened opened = open_listener("127.0.0.1", false);
    pid_t child = fork();
    if (child == 0)
        for (;;)
            pause();
    assert_true(ds_listener_owned_by(opened.inode, &child, 1, NULL));
    close(opened.fd);
    struct ds_listener_owner owner;
    assert_true(ds_listener_find_owner(opened.inode, &owner));
    assert_int_equal(owner.pid, child);
    ds_listener_owner_finish(&owner);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sees_every_kind_of_listener),   cmocka_unit_test(tables_tell_the_same),
        cmocka_unit_test(missing_table_is_refused),      cmocka_unit_test(sees_many_listeners),
        cmocka_unit_test(connections_are_no_listeners),  cmocka_unit_test(finds_the_owner),
        cmocka_unit_test(shared_socket_belongs_to_each),
    };
    return cmocka_run_group_tests_name("listeners", tests, NULL, NULL);
}
