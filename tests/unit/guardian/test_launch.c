/* From a fork to a program: what the program finds, and which step is told when there is none. */
#include "tests/support/cmocka_headers.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "orchestrator/guardian/launch.h"
#include "orchestrator/loop/guardian_internal.h"

struct outcome {
    int status;
    struct ds_guard_failure failure;
    bool failed;
    char output[256];
};

static int above_standard(int fd)
{
    int moved = fcntl(fd, F_DUPFD_CLOEXEC, 10);
    close(fd);
    return moved;
}

static struct outcome launch(const struct ds_spawn *spawn, bool orphan)
{
    int failure[2], output[2];
    assert_int_equal(pipe2(failure, O_CLOEXEC), 0);
    assert_int_equal(pipe2(output, O_CLOEXEC), 0);
    int spec = guardian_spec_create(spawn, NULL);
    assert_true(spec >= 0);
    pid_t parent = getpid(), pid = fork();
    if (pid == 0) {
        int null = above_standard(open("/dev/null", O_RDWR));
        int out = above_standard(output[1]);
        ds_guard_launch(&(struct ds_guard_launch){.spec = spec,
                                                  .executable = -1,
                                                  .stdio = {null, out, out},
                                                  .parent = orphan ? 1 << 30 : parent,
                                                  .failure = failure[1]});
    }
    close(failure[1]);
    close(output[1]);
    close(spec);
    struct outcome outcome = {0};
    outcome.failed = read(failure[0], &outcome.failure, sizeof(outcome.failure)) ==
                     (ssize_t)sizeof(outcome.failure);
    size_t length = 0;
    ssize_t got;
    while (length < sizeof(outcome.output) - 1 &&
           (got = read(output[0], outcome.output + length, sizeof(outcome.output) - 1 - length)) >
               0)
        length += (size_t)got;
    assert_int_equal(waitpid(pid, &outcome.status, 0), pid);
    close(failure[0]);
    close(output[0]);
    return outcome;
}

static void the_program_has_a_clean_place(void **state)
{
    (void)state;
    const char *const argv[] = {"sh", "-c", "pwd; echo $A; ls /proc/self/fd | wc -l; exit 7", NULL};
    const char *const envp[] = {"A=b c", "PATH=/usr/bin:/bin", NULL};
    struct outcome outcome = launch(
        &(struct ds_spawn){.executable = "/bin/sh", .folder = "/usr", .argv = argv, .envp = envp},
        false);
    assert_false(outcome.failed);
    assert_int_equal(WEXITSTATUS(outcome.status), 7);
    /* 0, 1, 2 and the one that ls reads the folder through. */
    assert_string_equal(outcome.output, "/usr\nb c\n4\n");
}

static void each_step_that_fails_is_named(void **state)
{
    (void)state;
    const char *const argv[] = {"/bin/true", NULL};
    struct outcome outcome = launch(&(struct ds_spawn){.folder = "/nowhere", .argv = argv}, false);
    assert_true(outcome.failed);
    assert_int_equal(outcome.failure.stage, DS_GUARD_STAGE_FOLDER);
    assert_int_equal(outcome.failure.errno_value, ENOENT);
    outcome = launch(&(struct ds_spawn){.executable = "/etc/passwd", .argv = argv}, false);
    assert_true(outcome.failed);
    assert_int_equal(outcome.failure.stage, DS_GUARD_STAGE_EXEC);
    assert_int_equal(outcome.failure.errno_value, EACCES);
}

static void nothing_runs_for_a_parent_that_is_gone(void **state)
{
    (void)state;
    const char *const argv[] = {"/bin/echo", "alive", NULL};
    struct outcome outcome = launch(&(struct ds_spawn){.argv = argv}, true);
    assert_false(outcome.failed);
    assert_int_equal(WEXITSTATUS(outcome.status), 127);
    assert_string_equal(outcome.output, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_program_has_a_clean_place),
        cmocka_unit_test(each_step_that_fails_is_named),
        cmocka_unit_test(nothing_runs_for_a_parent_that_is_gone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
