/* From a launch to a process, and what failures mean. */
#include "fixture.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "devstack/base/file.h"
#include "orchestrator/service/output.h"
#include "orchestrator/service/spawning.h"

static void assert_failure(enum ds_spawn_stage stage, int errno_value, bool hopeless,
                           enum ds_reason_code code, const char *part)
{
    const struct ds_launch launch = {.folder = (char *)"/nonexistent"};
    struct ds_reason reason = {0};
    assert_int_equal(ds_spawn_failure(&launch, "/nonexistent/server", stage, errno_value, &reason),
                     hopeless);
    assert_int_equal(reason.code, code);
    assert_non_null(strstr(reason.text, part));
    ds_reason_clear(&reason);
}

static void failures_say_what_failed_and_whether_to_try_again(void **state)
{
    (void)state;
    assert_failure(DS_SPAWN_FORK, EAGAIN, false, DS_REASON_SPAWN_FAILED, "no process");
    assert_failure(DS_SPAWN_USER, EPERM, true, DS_REASON_SPAWN_FAILED, "its user");
    assert_failure(DS_SPAWN_FOLDER, ENOENT, true, DS_REASON_LAUNCH, "/nonexistent");
    assert_failure(DS_SPAWN_EXEC, ENOENT, true, DS_REASON_COMMAND_NOT_FOUND,
                   "command not found: /nonexistent/server");
    assert_failure(DS_SPAWN_EXEC, ENOTDIR, true, DS_REASON_COMMAND_NOT_FOUND, "not found");
    assert_failure(DS_SPAWN_EXEC, EACCES, true, DS_REASON_SPAWN_FAILED, "may not be executed");
    assert_failure(DS_SPAWN_EXEC, ENOEXEC, true, DS_REASON_SPAWN_FAILED, "#!");
    assert_failure(DS_SPAWN_EXEC, E2BIG, true, DS_REASON_SPAWN_FAILED, "too large");
    assert_failure(DS_SPAWN_EXEC, ETXTBSY, false, DS_REASON_SPAWN_FAILED, strerror(ETXTBSY));
}

static void a_missing_interpreter_is_told_from_a_missing_command(void **state)
{
    (void)state;
    const struct ds_launch launch = {0};
    struct ds_reason reason = {0};
    assert_true(ds_spawn_failure(&launch, "/bin/sh", DS_SPAWN_EXEC, ENOENT, &reason));
    assert_int_equal(reason.code, DS_REASON_COMMAND_NOT_FOUND);
    assert_non_null(strstr(reason.text, "interpreter"));
    assert_string_equal(reason.subject, "/bin/sh");
    ds_reason_clear(&reason);
}

static void a_file_that_may_not_be_executed_comes_with_the_remedy(void **state)
{
    (void)state;
    const struct ds_launch launch = {0};
    struct ds_reason reason = {0};
    assert_true(ds_spawn_failure(&launch, "/srv/server", DS_SPAWN_EXEC, EACCES, &reason));
    assert_string_equal(reason.hint, "chmod +x /srv/server");
    ds_reason_clear(&reason);
}

struct spawning {
    bool exited, emptied;
    int wait_status;
};

static void on_exited(void *data, struct ds_child *child, int wait_status, uint64_t ns)
{
    struct spawning *spawning = data;
    (void)child;
    (void)ns;
    spawning->exited = true;
    spawning->wait_status = wait_status;
}

static void on_emptied(void *data, struct ds_child *child)
{
    struct spawning *spawning = data;
    (void)child;
    spawning->emptied = true;
}

static bool is_empty(void *data)
{
    return ((struct spawning *)data)->emptied;
}

static struct ds_child *spawn(struct bench *bench, const char *user, const char *script,
                              int stdout_fd, struct spawning *spawning, struct ds_error *err)
{
    struct ds_launch launch = {.folder = ds_strdup("/usr")};
    ds_auto_strings struct ds_strings argv = {0};
    const struct ds_service_spec spec = {.user = (char *)user};
    const int fds[3] = {-1, stdout_fd, -1};
    const struct ds_child_events events = {
        .exited = on_exited, .emptied = on_emptied, .data = spawning};
    ds_strings_add(&argv, "/bin/sh");
    ds_strings_add(&argv, "-c");
    ds_strings_add(&argv, script);
    ds_variables_set(&launch.environment, "GREETING", "good morning");
    struct ds_child *child =
        ds_spawn_launched(&bench->host, &spec, &launch, NULL, &argv, fds, &events, err);
    ds_launch_finish(&launch);
    return child;
}

static void it_has_the_launchs_environment_and_folder(void **state)
{
    struct bench *bench = *state;
    struct spawning spawning = {0};
    ds_auto_error struct ds_error err = {0};
    int read_fd = -1, write_fd = -1;
    assert_int_equal(ds_output_pipe(&read_fd, &write_fd), 0);
    ds_auto_fd int reader = read_fd;
    struct ds_child *child = spawn(bench, NULL, "echo \"$GREETING from $(pwd -P)$HOME\"; exit 7",
                                   write_fd, &spawning, &err);
    close(write_fd);
    assert_non_null(child);
    assert_true(bench_until(bench, is_empty, &spawning));
    assert_true(spawning.exited);
    assert_int_equal(spawning.wait_status, 7 << 8);
    char said[64] = "";
    assert_true(read(reader, said, sizeof(said) - 1) > 0);
    assert_string_equal(said, "good morning from /usr\n");
    ds_child_release(child);
}

static void a_user_or_group_that_is_not_there_is_named(void **state)
{
    static const struct {
        const char *user, *part;
    } cases[] = {
        {"no such user", "user \"no such user\""},
        {"no such user:0", "user \"no such user\""},
        {"0:no such group", "group \"no such group\""},
        {"", "user \"\""},
    };
    for (size_t i = 0; i < DS_COUNT(cases); i++) {
        struct spawning spawning = {0};
        ds_auto_error struct ds_error err = {0};
        assert_null(spawn(*state, cases[i].user, "exit 0", -1, &spawning, &err));
        assert_int_equal(err.code, DS_ERROR_MISSING);
        assert_non_null(strstr(err.message, cases[i].part));
    }
}

#define BENCH_TEST(name) cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(failures_say_what_failed_and_whether_to_try_again),
        cmocka_unit_test(a_missing_interpreter_is_told_from_a_missing_command),
        cmocka_unit_test(a_file_that_may_not_be_executed_comes_with_the_remedy),
        BENCH_TEST(it_has_the_launchs_environment_and_folder),
        BENCH_TEST(a_user_or_group_that_is_not_there_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
