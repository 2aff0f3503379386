/* The lease: one holder, a dead holder's traces, an orderly end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <sys/wait.h>

#include "devstack/base/clock.h"
#include "devstack/base/file.h"
#include "devstack/base/memory.h"
#include "devstack/stack/lease.h"

struct fixture {
    char root[32];
    struct ds_identity identity;
};

static int set_up(void **state)
{
    struct fixture *fixture = DS_NEW(struct fixture);
    ds_auto_variables struct ds_variables shell = {0};
    snprintf(fixture->root, sizeof(fixture->root), "/tmp/lease-XXXXXX");
    assert_non_null(mkdtemp(fixture->root));
    ds_variables_set(&shell, "XDG_RUNTIME_DIR", fixture->root);
    ds_variables_set(&shell, "HOME", fixture->root);
    assert_true(ds_identity_make("shop", "local", "/src", NULL, &shell, &fixture->identity, NULL));
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    ds_tree_remove(fixture->root, NULL);
    ds_identity_finish(&fixture->identity);
    free(fixture);
    return 0;
}

static void only_one_can_hold_it(void **state)
{
    struct fixture *fixture = *state;
    ds_auto_error struct ds_error err = {0};
    int fd, second;
    pid_t pid;
    assert_false(ds_lease_is_held(&fixture->identity, NULL));
    assert_true(ds_lease_take(&fixture->identity, "aa", 0, &fd, NULL));
    assert_true(ds_lease_is_held(&fixture->identity, &pid));
    assert_int_equal(pid, getpid());
    assert_false(ds_lease_take(&fixture->identity, "bb", 0, &second, &err));
    assert_int_equal(err.code, DS_ERROR_RUNNING);
    ds_lease_give_up(&fixture->identity, fd);
    assert_false(ds_lease_is_held(&fixture->identity, NULL));
    assert_false(ds_folder_exists(fixture->identity.runtime_folder));
}

static void a_killed_holder_is_in_nobodys_way(void **state)
{
    struct fixture *fixture = *state;
    int fd;
    pid_t child = fork();
    if (child == 0) {
        ds_lease_take(&fixture->identity, "feedface", 0, &fd, NULL);
        _exit(0); /* without giving it up */
    }
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_false(ds_lease_is_held(&fixture->identity, NULL));
    assert_true(ds_lease_take(&fixture->identity, "bb", 0, &fd, NULL));
    ds_lease_give_up(&fixture->identity, fd);
}

/* The holder's process is dead, but somebody who inherited the descriptor (its guardian) still
 * sweeps. */
static void a_start_waits_for_a_dying_run(void **state)
{
    struct fixture *fixture = *state;
    int fd, go[2], held[2];
    char byte;
    assert_int_equal(pipe(go), 0);
    assert_int_equal(pipe(held), 0);
    pid_t holder = fork();
    if (holder == 0) {
        ds_lease_take(&fixture->identity, "aa", 0, &fd, NULL);
        if (fork() == 0) {
            close(go[1]);
            (void)!write(held[1], "x", 1);
            (void)!read(go[0], &byte, 1); /* ends when the parent closes its end */
            _exit(0);
        }
        _exit(0);
    }
    assert_int_equal(waitpid(holder, NULL, 0), holder);
    assert_int_equal(read(held[0], &byte, 1), 1);
    ds_auto_error struct ds_error err = {0};
    assert_false(ds_lease_take(&fixture->identity, "bb", 0, &fd, &err));
    assert_int_equal(err.code, DS_ERROR_RUNNING);
    close(go[1]);
    assert_true(ds_lease_take(&fixture->identity, "bb", 10 * DS_NS_PER_S, &fd, NULL));
    ds_lease_give_up(&fixture->identity, fd);
    close(go[0]);
    close(held[0]);
    close(held[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(only_one_can_hold_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_killed_holder_is_in_nobodys_way, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_start_waits_for_a_dying_run, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
