/* The listening socket is its owner's alone from the first moment. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dashboard/server/socket.h"
#include "devstack/base/file.h"
#include "devstack/base/memory.h"

static int setup(void **state)
{
    char *folder = ds_strdup("/tmp/devstack-socket-XXXXXX");
    *state = folder;
    return mkdtemp(folder) ? 0 : -1;
}

static int teardown(void **state)
{
    bool good = ds_tree_remove(*state, NULL);
    free(*state);
    return good ? 0 : -1;
}

static void has_mode_0600_whatever_the_umask(void **state)
{
    ds_auto_free char *path = ds_path_join(*state, "s");
    mode_t before = umask(0);
    ds_auto_fd int fd = socket_listen(path, NULL);
    umask(before);
    assert_true(fd >= 0);
    struct stat info;
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 07777, 0600);
}

static void takes_the_place_of_a_stale_one(void **state)
{
    ds_auto_free char *path = ds_path_join(*state, "s");
    int fd = socket_listen(path, NULL);
    assert_true(fd >= 0);
    close(fd);
    ds_auto_fd int again = socket_listen(path, NULL);
    assert_true(again >= 0);
}

static void refuses_a_folder_that_others_may_enter(void **state)
{
    ds_auto_free char *path = ds_path_join(*state, "s");
    assert_int_equal(chmod(*state, 0755), 0);
    ds_auto_error struct ds_error err = {0};
    assert_int_equal(socket_listen(path, &err), -1);
    assert_non_null(strstr(err.message, "0700"));
    assert_int_equal(chmod(*state, 0700), 0);
}

static void names_a_path_that_is_too_long(void **state)
{
    ds_auto_free char *path = ds_printf("%s/%0200d", (char *)*state, 0);
    ds_auto_error struct ds_error err = {0};
    assert_int_equal(socket_listen(path, &err), -1);
    assert_non_null(strstr(err.message, "too long"));
    assert_non_null(err.hint);
}

static void knows_its_peers(void **state)
{
    (void)state;
    int pair[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    assert_true(socket_peer_allowed(pair[0], geteuid()));
    /* The peer is this process: as another user's server we let it in only when it is root's. */
    assert_int_equal(socket_peer_allowed(pair[0], geteuid() + 1), geteuid() == 0);
    close(pair[0]);
    close(pair[1]);
    int pipes[2];
    assert_int_equal(pipe(pipes), 0);
    assert_false(socket_peer_allowed(pipes[0], geteuid()));
    close(pipes[0]);
    close(pipes[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(has_mode_0600_whatever_the_umask, setup, teardown),
        cmocka_unit_test_setup_teardown(takes_the_place_of_a_stale_one, setup, teardown),
        cmocka_unit_test_setup_teardown(refuses_a_folder_that_others_may_enter, setup, teardown),
        cmocka_unit_test_setup_teardown(names_a_path_that_is_too_long, setup, teardown),
        cmocka_unit_test(knows_its_peers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
