/* The text that the kernel writes about its sockets. */
#include "tests/unit/loop/open_listener.h"

static void only_lines_of_listeners_are_taken(void **state)
{
    (void)state;
    char path[] = "/tmp/devstack-table-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    static const char lines[] =
        "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid\n"
        "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        "
        "0 "
        "4242 1\n"
        "   1: 0100007F:1F91 0100007F:1F90 01 00000000:00000000 00:00000000 00000000  1000        "
        "0 "
        "4343 1\n"
        "   2: 0100:1F92 00000000:0000 0A 0:0 0:0 0 1000 0 4444 1\n"
        "nonsense\n";
    assert_int_equal(write(fd, lines, sizeof(lines) - 1), sizeof(lines) - 1);
    close(fd);
    ds_auto_listeners struct ds_listeners listeners = {0};
    enum listeners_outcome outcome = listeners_from_table(&listeners, AF_INET, path, NULL);
    unlink(path);
    assert_int_equal(outcome, LISTENERS_DONE);
    assert_int_equal(listeners.count, 1);
    assert_int_equal(listeners.items[0].port, 8080);
    assert_int_equal(listeners.items[0].uid, 1000);
    assert_int_equal(listeners.items[0].inode, 4242);
}

static void one_that_cannot_be_read_is_told(void **state)
{
    (void)state;
    ds_auto_listeners struct ds_listeners listeners = {0};
    ds_auto_error struct ds_error err = {0};
    assert_int_equal(listeners_from_table(&listeners, AF_INET, "/dev/null/tcp", &err),
                     LISTENERS_FAILED);
    assert_non_null(strstr(err.message, "/dev/null/tcp"));
}

static void missing_table_is_refused(void **state)
{
    (void)state;
    ds_auto_listeners struct ds_listeners listeners = {0};
    assert_int_equal(listeners_from_table(&listeners, AF_INET, "/nonexistent/tcp", NULL),
                     LISTENERS_REFUSED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_lines_of_listeners_are_taken),
        cmocka_unit_test(one_that_cannot_be_read_is_told),
        cmocka_unit_test(missing_table_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
