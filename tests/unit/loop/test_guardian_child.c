/*
 * One child of a real guardian: how it starts, what it tells, how it ends.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "devstack/base/memory.h"
#include "orchestrator/loop/guardian_internal.h"
#include "tests/support/guardian_fixture.h"

static const char *const no_environment[] = {NULL};

static void start_fails(const struct ds_spawn *spawn, enum ds_spawn_stage stage, int errno_value)
{
    struct fixture fixture = {0};
    struct told told;
    fixture_open(&fixture);
    assert_true(fixture_spawn_raw(&fixture, spawn, &told, NULL));
    assert_true(fixture_run_until(&fixture, &told.failed));
    assert_int_equal(told.stage, stage);
    assert_int_equal(told.errno_value, errno_value);
    assert_int_equal(told.events, 1);
    fixture_close(&fixture);
    assert_int_equal(told.events, 1);
}

static void test_executable_is_missing(void **state)
{
    (void)state;
    const char *argv[] = {"/nonexistent/program", NULL};
    start_fails(&(struct ds_spawn){.argv = argv, .envp = no_environment}, DS_SPAWN_EXEC, ENOENT);
}

static void test_executable_is_a_folder(void **state)
{
    (void)state;
    const char *argv[] = {"/", NULL};
    start_fails(&(struct ds_spawn){.argv = argv, .envp = no_environment}, DS_SPAWN_EXEC, EACCES);
}

static void test_folder_is_missing(void **state)
{
    (void)state;
    const char *argv[] = {"/bin/true", NULL};
    start_fails(
        &(struct ds_spawn){.argv = argv, .envp = no_environment, .folder = "/nonexistent/folder"},
        DS_SPAWN_FOLDER, ENOENT);
}

static char *large_variable(size_t size)
{
    char *variable = ds_alloc(size + 1);
    memset(variable, 'x', size);
    variable[1] = '=';
    return variable;
}

static void test_argument_is_too_large(void **state)
{
    (void)state;
    ds_auto_free char *variable = large_variable(1024 * 1024);
    const char *argv[] = {"/bin/true", NULL};
    const char *envp[] = {variable, NULL};
    start_fails(&(struct ds_spawn){.argv = argv, .envp = envp}, DS_SPAWN_EXEC, E2BIG);
}

/* Runs a behaviour to its end and returns its wait status. */
static int run(const char *behaviour, const char *argument)
{
    struct fixture fixture = {0};
    struct told told;
    fixture_open(&fixture);
    fixture_spawn(&fixture, behaviour, argument, &told);
    assert_true(fixture_run_until(&fixture, &told.emptied));
    assert_true(told.spawned);
    assert_true(told.exited);
    assert_int_equal(told.events, 3);
    assert_int_equal(told.child->pid, 0);
    fixture_close(&fixture);
    return told.status;
}

static void test_exit_codes_are_exact(void **state)
{
    (void)state;
    int status = run("exit", "0");
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    status = run("exit", "255");
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 255);
    status = run("exit", "137");
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 137);
}

static void test_signals_are_exact(void **state)
{
    (void)state;
    int status = run("raise", "9");
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    status = run("raise", "15");
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
    status = run("raise", "6");
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

static void test_process_starts_clean(void **state)
{
    (void)state;
    signal(SIGUSR2, SIG_IGN); /* not to be inherited */
    int status = run("inspect", "/");
    signal(SIGUSR2, SIG_DFL);
    assert_int_equal(status, 0);
}

static void test_large_environment(void **state)
{
    (void)state;
    enum { VARIABLES = 10, SIZE = 60000 };
    const char *envp[VARIABLES + 1] = {0};
    ds_auto_free char *variable = large_variable(SIZE);
    for (size_t i = 0; i < VARIABLES; i++)
        envp[i] = variable;
    char self[4096] = {0};
    assert_true(readlink("/proc/self/exe", self, sizeof(self) - 1) > 0);
    const char *argv[] = {"service", "serve", "environment", "600000", NULL};
    struct fixture fixture = {0};
    struct told told;
    fixture_open(&fixture);
    assert_true(fixture_spawn_raw(
        &fixture, &(struct ds_spawn){.executable = self, .argv = argv, .envp = envp}, &told, NULL));
    assert_true(fixture_run_until(&fixture, &told.emptied));
    assert_int_equal(told.status, 0);
    fixture_close(&fixture);
}

static void test_folder_and_relative_executable(void **state)
{
    (void)state;
    const char *argv[] = {"bin/sh", "-c", "test \"$PWD\" = \"$(pwd)\" && test -x bin/sh", NULL};
    struct fixture fixture = {0};
    struct told told;
    fixture_open(&fixture);
    assert_true(fixture_spawn_raw(
        &fixture, &(struct ds_spawn){.argv = argv, .envp = no_environment, .folder = "/usr"}, &told,
        NULL));
    assert_true(fixture_run_until(&fixture, &told.emptied));
    assert_int_equal(told.status, 0);
    fixture_close(&fixture);
}

/* As root the user is changed; as another user that is refused. */
static void test_other_user(void **state)
{
    (void)state;
    char self[4096] = {0};
    assert_true(readlink("/proc/self/exe", self, sizeof(self) - 1) > 0);
    const char *argv[] = {"/bin/sh", "-c", "test \"$(id -u):$(id -G)\" = 65534:65534", NULL};
    const char *envp[] = {"PATH=/usr/bin:/bin", NULL};
    struct fixture fixture = {0};
    struct told told;
    fixture_open(&fixture);
    const struct ds_spawn spawn = {
        .argv = argv, .envp = envp, .has_user = true, .uid = 65534, .gid = 65534};
    assert_true(fixture_spawn_raw(&fixture, &spawn, &told, NULL));
    if (getuid() == 0) {
        assert_true(fixture_run_until(&fixture, &told.emptied));
        assert_int_equal(told.status, 0);
    } else {
        assert_true(fixture_run_until(&fixture, &told.failed));
        assert_int_equal(told.stage, DS_SPAWN_USER);
        assert_int_equal(told.errno_value, EPERM);
    }
    fixture_close(&fixture);
}

static void test_polite_stop(void **state)
{
    (void)state;
    struct fixture fixture = {0};
    struct told told;
    fixture_open(&fixture);
    fixture_spawn(&fixture, "polite", "", &told);
    assert_true(fixture_run_until(&fixture, &told.spawned));
    assert_int_equal(fixture_read_pid(&fixture), told.pid);
    assert_int_equal(told.child->pid, told.pid);
    ds_child_signal(told.child, SIGTERM);
    assert_true(fixture_run_until(&fixture, &told.emptied));
    assert_true(WIFEXITED(told.status) && WEXITSTATUS(told.status) == 42);
    ds_child_signal(told.child, SIGTERM); /* without effect */
    fixture_close(&fixture);
}

static void test_kill_reaches_the_deaf(void **state)
{
    (void)state;
    struct fixture fixture = {0};
    struct told told;
    fixture_open(&fixture);
    fixture_spawn(&fixture, "stubborn", "", &told);
    pid_t pid = fixture_read_pid(&fixture);
    assert_true(pid > 0);
    ds_child_kill(told.child);
    assert_true(fixture_run_until(&fixture, &told.emptied));
    assert_int_equal(told.events, 3);
    assert_true(WIFSIGNALED(told.status) && WTERMSIG(told.status) == SIGKILL);
    fixture_close(&fixture);
}

/* The middle one of a double fork may take a moment to go. Leaves the only process in `*ret_pid`.
 */
static bool await_single_process(struct fixture *fixture, const struct ds_child *child,
                                 pid_t *ret_pid)
{
    size_t count;
    uint64_t deadline = uv_hrtime() + UINT64_C(20000000000);
    do {
        uv_run(&fixture->loop, UV_RUN_NOWAIT);
        ds_auto_free pid_t *tree = NULL;
        count = ds_child_tree(child, &tree);
        *ret_pid = count > 0 ? tree[0] : 0;
    } while (count != 1 && uv_hrtime() < deadline);
    return count == 1;
}

static void test_what_is_left_behind_goes_on_until_killed(void **state)
{
    (void)state;
    struct fixture fixture = {0};
    struct told told;
    fixture_open(&fixture);
    fixture_spawn(&fixture, "escape", "leave", &told);
    assert_true(fixture_run_until(&fixture, &told.exited));
    assert_true(WIFEXITED(told.status) && WEXITSTATUS(told.status) == 7);
    pid_t escaped = fixture_read_pid(&fixture);
    assert_true(escaped > 0 && escaped != told.pid);
    assert_int_equal(kill(escaped, 0), 0);
    assert_false(told.emptied);
    assert_true(ds_child_owns(told.child, escaped));
    assert_false(ds_child_owns(told.child, getpid()));
    assert_false(ds_child_owns(told.child, fixture.guardian->pid));
    pid_t only;
    assert_true(await_single_process(&fixture, told.child, &only));
    assert_int_equal(only, escaped);
    ds_child_kill(told.child);
    assert_true(fixture_run_until(&fixture, &told.emptied));
    assert_int_equal(kill(escaped, 0), -1);
    assert_int_equal(told.events, 3);
    fixture_close(&fixture);
}

static void test_signal_reaches_a_daemon(void **state)
{
    (void)state;
    struct fixture fixture = {0};
    struct told told;
    fixture_open(&fixture);
    fixture_spawn(&fixture, "daemon", "", &told);
    assert_true(fixture_run_until(&fixture, &told.exited));
    assert_true(fixture_read_pid(&fixture) > 0);
    ds_child_signal(told.child, SIGTERM);
    assert_true(fixture_run_until(&fixture, &told.emptied));
    fixture_close(&fixture);
}

static void test_kill_ends_a_family(void **state)
{
    (void)state;
    struct fixture fixture = {0};
    struct told told;
    fixture_open(&fixture);
    fixture_spawn(&fixture, "family", "", &told);
    enum { MEMBERS = 27 }; /* each of three generations trebles them */
    for (int i = 0; i < MEMBERS; i++)
        assert_true(ds_child_owns(told.child, fixture_read_pid(&fixture)) || !told.spawned);
    assert_true(fixture_run_until(&fixture, &told.spawned));
    pid_t *tree;
    assert_int_equal(ds_child_tree(told.child, &tree), MEMBERS);
    free(tree);
    ds_child_kill(told.child);
    assert_true(fixture_run_until(&fixture, &told.emptied));
    fixture_close(&fixture);
}

static void test_kill_catches_a_runner(void **state)
{
    (void)state;
    struct fixture fixture = {0};
    struct told told;
    fixture_open(&fixture);
    fixture_spawn(&fixture, "runner", "", &told);
    assert_true(fixture_run_until(&fixture, &told.exited));
    ds_child_kill(told.child);
    assert_true(fixture_run_until(&fixture, &told.emptied));
    fixture_close(&fixture);
}

/* fixture_close() finds out whether anything stayed. */
static void test_released_child_ends(void **state)
{
    (void)state;
    struct fixture fixture = {0};
    struct told told, early;
    fixture_open(&fixture);
    fixture_spawn(&fixture, "escape", "stay", &told);
    fixture_spawn(&fixture, "stubborn", "", &early);
    ds_child_release(early.child);
    assert_true(fixture_run_until(&fixture, &told.spawned));
    assert_true(fixture_read_pid(&fixture) > 0);
    ds_child_release(told.child);
    fixture_close(&fixture);
    assert_int_equal(told.events, 1);
    assert_int_equal(early.events, 0);
}

int main(int argc, char **argv)
{
    fixture_serve(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_executable_is_missing),
        cmocka_unit_test(test_executable_is_a_folder),
        cmocka_unit_test(test_folder_is_missing),
        cmocka_unit_test(test_argument_is_too_large),
        cmocka_unit_test(test_exit_codes_are_exact),
        cmocka_unit_test(test_signals_are_exact),
        cmocka_unit_test(test_process_starts_clean),
        cmocka_unit_test(test_large_environment),
        cmocka_unit_test(test_folder_and_relative_executable),
        cmocka_unit_test(test_other_user),
        cmocka_unit_test(test_polite_stop),
        cmocka_unit_test(test_kill_reaches_the_deaf),
        cmocka_unit_test(test_what_is_left_behind_goes_on_until_killed),
        cmocka_unit_test(test_signal_reaches_a_daemon),
        cmocka_unit_test(test_kill_ends_a_family),
        cmocka_unit_test(test_kill_catches_a_runner),
        cmocka_unit_test(test_released_child_ends),
    };
    return cmocka_run_group_tests_name("guardian_child", tests, NULL, NULL);
}
