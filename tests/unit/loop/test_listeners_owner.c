/* Whose a socket is. */
#include "tests/unit/loop/open_listener.h"

#include <signal.h>
#include <sys/wait.h>

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
        cmocka_unit_test(finds_the_owner),
        cmocka_unit_test(shared_socket_belongs_to_each),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
