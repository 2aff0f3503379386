/*
 * The connection to the guardian: starting it, more requests than fit, what it inherits, its end.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "devstack/base/memory.h"
#include "orchestrator/loop/guardian_internal.h"
#include "tests/support/guardian_fixture.h"

static void starts_and_ends(void **state)
{
    (void)state;
    struct fixture fixture = {0};
    fixture_open(&fixture);
    pid_t pid = fixture.guardian->pid;
    assert_int_equal(kill(pid, 0), 0);
    fixture_close(&fixture);
    assert_false(fixture.guardian_lost);
    assert_int_equal(kill(pid, 0), -1); /* reaped, no zombie */
}

static char *read_name(pid_t pid)
{
    ds_auto_free char *path = ds_printf("/proc/%d/comm", (int)pid);
    ds_auto_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
    char *data = ds_alloc(64);
    assert_true(fd >= 0 && read(fd, data, 63) > 0);
    return data;
}

/* Its name comes with its first instructions, shortly after the exec that was waited for. */
static void await_name(pid_t pid, const char *name)
{
    uint64_t deadline = uv_hrtime() + UINT64_C(20000000000);
    for (;;) {
        ds_auto_free char *comm = read_name(pid);
        if (strcmp(comm, name) == 0)
            return;
        if (uv_hrtime() > deadline)
            fail_msg("the name is %s", comm);
    }
}

static void has_names_to_be_known_by(void **state)
{
    (void)state;
    struct fixture fixture = {0};
    struct told told;
    fixture_open(&fixture);
    fixture_spawn(&fixture, "stay", "", &told);
    assert_true(fixture_run_until(&fixture, &told.spawned));
    await_name(fixture.guardian->pid, "devstack-guard\n");
    await_name(told.child->supervisor, "devstack-sup\n");
    fixture_close(&fixture);
}

static size_t count_links(pid_t pid, const char *wanted)
{
    size_t count = 0;
    for (int fd = 0; fd < 256; fd++) {
        ds_auto_free char *path = ds_printf("/proc/%d/fd/%d", (int)pid, fd);
        char link[4096];
        ssize_t length = readlink(path, link, sizeof(link) - 1);
        if (length <= 0)
            continue;
        link[length] = '\0';
        count += strcmp(link, wanted) == 0;
    }
    return count;
}

/* Nothing of the orchestrator but what was meant for them, and the lease with the guardian alone.
 */
static void keeps_only_its_own_descriptors(void **state)
{
    (void)state;
    struct fixture fixture = {0};
    struct told told;
    char lease[64], path[64];
    int leaked[2];
    assert_int_equal(pipe(leaked), 0); /* not close-on-exec */
    fixture_open(&fixture);
    fixture_spawn(&fixture, "stay", "", &told);
    assert_true(fixture_run_until(&fixture, &told.spawned));
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fixture.lease[1]);
    ssize_t length = readlink(path, lease, sizeof(lease) - 1);
    assert_true(length > 0);
    lease[length] = '\0';
    assert_int_equal(count_links(fixture.guardian->pid, lease), 1);
    assert_int_equal(count_links(told.child->supervisor, lease), 0);
    assert_int_equal(count_links(told.pid, lease), 0);
    close(leaked[1]);
    assert_true(fixture_await_end(leaked[0]));
    close(leaked[0]);
    fixture_close(&fixture);
}

/* A lock that the orchestrator took stays taken until the guardian has finished. */
static void lease_is_held_until_the_end(void **state)
{
    (void)state;
    char path[] = "/tmp/devstack-test-XXXXXX";
    int lock = mkostemp(path, O_CLOEXEC), other = open(path, O_RDWR | O_CLOEXEC);
    assert_true(lock >= 0 && other >= 0);
    unlink(path);
    assert_int_equal(flock(lock, LOCK_EX | LOCK_NB), 0);
    struct fixture fixture = {0};
    fixture_open_pipes(&fixture);
    close(fixture.lease[1]);
    fixture.lease[1] = lock;
    fixture_start(&fixture);
    close(lock);
    fixture.lease[1] = -1;
    assert_int_equal(flock(other, LOCK_EX | LOCK_NB), -1);
    assert_int_equal(errno, EWOULDBLOCK);
    fixture_close(&fixture);
    assert_int_equal(flock(other, LOCK_EX | LOCK_NB), 0);
    close(other);
}

/* A guardian that does not read for a while: what does not fit is kept and sent later. */
static void requests_wait_for_a_stopped_guardian(void **state)
{
    (void)state;
    enum { MANY = 700 };
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_max < 8192)
        limit.rlim_cur = limit.rlim_max;
    else
        limit.rlim_cur = 8192;
    setrlimit(RLIMIT_NOFILE, &limit);
    struct fixture fixture = {0};
    struct told *told = ds_alloc(MANY * sizeof(*told));
    fixture_open(&fixture);
    assert_int_equal(kill(fixture.guardian->pid, SIGSTOP), 0);
    for (size_t i = 0; i < MANY; i++)
        fixture_spawn(&fixture, "exit", "5", &told[i]);
    ds_child_release(told[MANY - 1].child); /* one of those that wait */
    assert_int_equal(kill(fixture.guardian->pid, SIGCONT), 0);
    for (size_t i = 0; i < MANY - 1; i++) {
        assert_true(fixture_run_until(&fixture, &told[i].emptied));
        assert_true(WIFEXITED(told[i].status) && WEXITSTATUS(told[i].status) == 5);
        assert_int_equal(told[i].events, 3);
    }
    assert_int_equal(told[MANY - 1].events, 0);
    fixture_close(&fixture);
    free(told);
}

/* Requests that the guardian never saw end with it. */
static void unread_requests_are_lost_with_the_guardian(void **state)
{
    (void)state;
    struct fixture fixture = {0};
    struct told told;
    fixture_open(&fixture);
    assert_int_equal(kill(fixture.guardian->pid, SIGSTOP), 0);
    fixture_spawn(&fixture, "stay", "", &told);
    assert_int_equal(kill(fixture.guardian->pid, SIGKILL), 0);
    assert_true(fixture_run_until(&fixture, &told.lost));
    assert_true(fixture_run_until(&fixture, &fixture.guardian_lost));
    assert_int_equal(told.events, 1);
    fixture_close(&fixture);
}

static void refuses_bad_descriptors(void **state)
{
    (void)state;
    const char *argv[] = {"/bin/true", NULL};
    struct fixture fixture = {0};
    fixture_open(&fixture);
    struct ds_error err = {0};
    const struct ds_child_events events = {0};
    const struct ds_spawn spawn = {
        .argv = argv, .stdin_fd = -1, .stdout_fd = 4000, .stderr_fd = -1};
    assert_null(ds_guardian_spawn(fixture.guardian, &spawn, &events, &err));
    assert_non_null(strstr(err.message, "/bin/true"));
    ds_error_clear(&err);
    fixture_close(&fixture);
}

static void release_all(void *data, struct ds_child *child)
{
    bool *done = data;
    ds_child_release(child);
    *done = true;
}

/* No events but one, no standard descriptors, and the release inside the event. */
static void releases_inside_an_event(void **state)
{
    (void)state;
    const char *argv[] = {"/bin/true", NULL};
    bool done = false;
    struct fixture fixture = {0};
    fixture_open(&fixture);
    const struct ds_child_events events = {.emptied = release_all, .data = &done};
    const struct ds_spawn spawn = {.argv = argv, .stdin_fd = -1, .stdout_fd = -1, .stderr_fd = -1};
    assert_non_null(ds_guardian_spawn(fixture.guardian, &spawn, &events, NULL));
    assert_true(fixture_run_until(&fixture, &done));
    fixture_close(&fixture);
}

int main(int argc, char **argv)
{
    fixture_serve(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(starts_and_ends),
        cmocka_unit_test(has_names_to_be_known_by),
        cmocka_unit_test(keeps_only_its_own_descriptors),
        cmocka_unit_test(lease_is_held_until_the_end),
        cmocka_unit_test(requests_wait_for_a_stopped_guardian),
        cmocka_unit_test(unread_requests_are_lost_with_the_guardian),
        cmocka_unit_test(refuses_bad_descriptors),
        cmocka_unit_test(releases_inside_an_event),
    };
    return cmocka_run_group_tests_name("guardian_client", tests, NULL, NULL);
}
