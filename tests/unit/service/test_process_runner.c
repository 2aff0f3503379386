/* Services that are real processes under a real guardian: how they start, fail and end. */
#include "fixture.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "devstack/base/file.h"

static struct subject *start(void **state, const char *word, const char *argument)
{
    struct subject *subject = bench_add(*state, "api");
    subject_command(subject, word, argument, NULL);
    ds_service_start(subject_service(subject));
    return subject;
}

static void without_a_port_it_runs_as_soon_as_it_has_started(void **state)
{
    struct subject *subject = start(state, "polite", "0");
    assert_true(reaches(subject, DS_STATE_RUNNING));
    const struct ds_service_status *status = subject_status(subject);
    assert_true(status->pid > 0);
    assert_int_equal(status->starts, 1);
    assert_true(status->times.requested <= status->times.released);
    assert_true(status->times.released <= status->times.spawned);
    assert_true(status->times.spawned <= status->times.ready);
    assert_true(logs_hold(subject, "ready"));
    ds_service_stop(subject->service);
    assert_true(reaches(subject, DS_STATE_STOPPED));
    assert_int_equal(status->reason.code, DS_REASON_STOP_REQUESTED);
    assert_int_equal(status->pid, 0);
    assert_true(status->has_exit);
    assert_true(has_seen(subject, DS_STATE_STOPPING));
}

static void one_that_waits_starts_when_it_is_released(void **state)
{
    struct subject *subject = bench_add(*state, "api");
    subject_command(subject, "polite", "0", NULL);
    subject->released = false;
    ds_service_start(subject_service(subject));
    assert_true(reaches(subject, DS_STATE_WAITING));
    struct ds_reason reason = {0};
    ds_reason_set(&reason, DS_REASON_DEPENDENCY, "waiting for db");
    ds_service_dependencies(subject->service, false, &reason);
    ds_reason_clear(&reason);
    assert_true(reaches_reason(subject, DS_REASON_DEPENDENCY));
    assert_string_equal(subject_status(subject)->reason.text, "waiting for db");
    ds_service_dependencies(subject->service, true, NULL);
    assert_true(reaches(subject, DS_STATE_RUNNING));
}

static void a_crash_loop_backs_off_and_gives_up(void **state)
{
    struct bench *bench = *state;
    ds_auto_free char *file = bench_path(bench, "starts");
    struct subject *subject = bench_add(bench, "api");
    subject_command(subject, "count", file, "3", NULL);
    ds_service_start(subject_service(subject));
    assert_true(reaches(subject, DS_STATE_FAILED));
    const struct ds_service_status *status = subject_status(subject);
    assert_int_equal(status->reason.code, DS_REASON_GAVE_UP);
    assert_int_equal(status->reason.number, 10);
    assert_non_null(strstr(status->reason.text, "exited with code 3"));
    assert_int_equal(status->starts, 10);
    assert_int_equal(status->restarts, 9);
    assert_int_equal(status->exit_status, 3 << 8);
    ds_auto_free char *bytes = NULL;
    size_t length = 0;
    assert_true(ds_file_read(file, 100, &bytes, &length, NULL));
    assert_int_equal(length, 10);
    assert_true(has_seen(subject, DS_STATE_RESTARTING));
}

static bool has_completed_twice(void *data)
{
    const struct ds_service_status *status = subject_status(data);
    return status->starts == 2 && status->state == DS_STATE_COMPLETED;
}

static void a_task_completes_or_fails_and_is_not_repeated(void **state)
{
    struct subject *good = bench_add(*state, "good"), *bad = bench_add(*state, "bad");
    good->spec.kind = bad->spec.kind = DS_KIND_TASK;
    subject_command(good, "talk", NULL);
    subject_command(bad, "exit", "4", NULL);
    ds_service_start(subject_service(good));
    ds_service_start(subject_service(bad));
    assert_true(reaches(good, DS_STATE_COMPLETED));
    assert_true(reaches(bad, DS_STATE_FAILED));
    assert_int_equal(subject_status(bad)->reason.code, DS_REASON_EXITED);
    assert_int_equal(subject_status(bad)->reason.number, 4);
    assert_int_equal(subject_status(bad)->starts, 1);
    assert_true(logs_hold(good, "to stdout"));
    assert_true(logs_hold(good, "to stderr"));
    ds_service_stop(good->service);
    ds_service_start(good->service);
    assert_true(bench_until(*state, has_completed_twice, good));
}

static void a_signal_is_named(void **state)
{
    struct subject *subject = bench_add(*state, "api");
    ds_auto_free char *number = ds_printf("%d", SIGSEGV);
    subject->spec.restart = DS_RESTART_NO;
    subject_command(subject, "raise", number, NULL);
    ds_service_start(subject_service(subject));
    assert_true(reaches(subject, DS_STATE_FAILED));
    assert_int_equal(subject_status(subject)->reason.code, DS_REASON_SIGNALED);
    assert_string_equal(subject_status(subject)->reason.text, "killed by SIGSEGV");
}

static void a_command_that_is_not_there_fails_at_once(void **state)
{
    struct subject *subject = bench_add(*state, "api");
    subject->executable = "/nonexistent/server";
    ds_strings_add(&subject->argv, "server");
    ds_service_start(subject_service(subject));
    assert_true(reaches(subject, DS_STATE_FAILED));
    const struct ds_service_status *status = subject_status(subject);
    assert_int_equal(status->reason.code, DS_REASON_COMMAND_NOT_FOUND);
    assert_string_equal(status->reason.subject, "/nonexistent/server");
    assert_int_equal(status->starts, 1);
    assert_false(status->has_exit);
}

static void a_launch_that_cannot_be_made_fails_at_once(void **state)
{
    struct subject *subject = bench_add(*state, "api");
    subject->launch_fails = true;
    ds_service_start(subject_service(subject));
    assert_true(reaches(subject, DS_STATE_FAILED));
    assert_int_equal(subject_status(subject)->reason.code, DS_REASON_LAUNCH);
    assert_string_equal(subject_status(subject)->reason.text, "nothing works");
}

static void one_that_ignores_the_signal_is_killed_after_its_grace(void **state)
{
    struct subject *subject = bench_add(*state, "api");
    subject->spec.stop_grace = 30 * DS_NS_PER_MS;
    subject_command(subject, "stubborn", NULL);
    ds_service_start(subject_service(subject));
    assert_true(logs_hold(subject, "ready"));
    ds_service_stop(subject->service);
    assert_true(reaches(subject, DS_STATE_STOPPED));
    assert_int_equal(subject_status(subject)->exit_status, SIGKILL);
}

static void kill_cuts_a_polite_stop_short(void **state)
{
    struct subject *subject = bench_add(*state, "api");
    subject->spec.stop_grace = 3600 * DS_NS_PER_S;
    subject_command(subject, "stubborn", NULL);
    ds_service_start(subject_service(subject));
    assert_true(logs_hold(subject, "ready"));
    ds_service_stop(subject->service);
    assert_true(reaches(subject, DS_STATE_STOPPING));
    ds_service_kill(subject->service);
    assert_true(reaches(subject, DS_STATE_STOPPED));
}

static void a_grandchild_that_holds_stdout_does_not_hold_the_end(void **state)
{
    struct subject *subject = bench_add(*state, "api");
    subject->spec.kind = DS_KIND_TASK;
    subject->spec.stop_grace = 30 * DS_NS_PER_MS;
    subject_command(subject, "holder", NULL);
    ds_service_start(subject_service(subject));
    assert_true(reaches(subject, DS_STATE_COMPLETED));
    assert_true(logs_hold(subject, "gone"));
}

static void one_that_goes_to_the_background_is_told_to_stay(void **state)
{
    struct subject *subject = bench_add(*state, "api");
    subject_command(subject, "daemonize", subject_port(subject), NULL);
    ds_service_start(subject_service(subject));
    assert_true(reaches(subject, DS_STATE_FAILED));
    assert_int_equal(subject_status(subject)->reason.code, DS_REASON_DAEMONIZED);
    assert_string_equal(subject_status(subject)->reason.hint, "run it in the foreground");
}

static void a_prompt_without_a_newline_becomes_visible(void **state)
{
    struct subject *subject = start(state, "prompt", NULL);
    assert_true(logs_hold(subject, "name? "));
}

static void a_terminal_is_given_where_one_is_asked_for(void **state)
{
    struct subject *with = bench_add(*state, "with"), *without = bench_add(*state, "without");
    with->spec.tty = true;
    with->spec.kind = without->spec.kind = DS_KIND_TASK;
    subject_command(with, "tty", NULL);
    subject_command(without, "tty", NULL);
    ds_service_start(subject_service(with));
    ds_service_start(subject_service(without));
    assert_true(reaches(with, DS_STATE_COMPLETED));
    assert_true(reaches(without, DS_STATE_COMPLETED));
    assert_true(logs_hold(with, "a terminal"));
    assert_true(logs_hold(without, "no terminal"));
}

static bool has_restarted(void *data)
{
    struct subject *subject = data;
    const struct ds_service_status *status = subject_status(subject);
    return status->starts == 2 && status->state == DS_STATE_RUNNING;
}

static void a_restart_is_a_stop_and_a_start(void **state)
{
    struct subject *subject = start(state, "polite", "0");
    assert_true(reaches(subject, DS_STATE_RUNNING));
    pid_t first = subject_status(subject)->pid;
    ds_service_restart(subject->service);
    assert_true(bench_until(*state, has_restarted, subject));
    assert_int_not_equal(subject_status(subject)->pid, first);
    assert_int_equal(subject_status(subject)->restarts, 0);
}

static bool is_at_rest(void *data)
{
    const struct ds_service_status *status = subject_status(data);
    return status->state == DS_STATE_STOPPED;
}

static bool has_changed(void *data)
{
    struct subject *subject = data;
    return subject->changes > 0;
}

static void wishes_in_any_order_end_as_the_last_one_says(void **state)
{
    struct subject *subject = bench_add(*state, "api");
    subject_command(subject, "polite", "0", NULL);
    subject_service(subject);
    for (unsigned seed = 1; seed <= 25; seed++) {
        srand(seed);
        print_message("# seed %u\n", seed);
        for (int i = 0; i < 12; i++) {
            static void (*const wishes[])(struct ds_service *) = {
                ds_service_start, ds_service_stop, ds_service_kill, ds_service_restart};
            wishes[rand() % 4](subject->service);
            subject->changes = 0;
            if (rand() % 3 == 0)
                uv_run(&((struct bench *)*state)->loop, UV_RUN_NOWAIT);
        }
        ds_service_start(subject->service);
        assert_true(reaches(subject, DS_STATE_RUNNING));
        subject->changes = 0;
        ds_service_stop(subject->service);
        assert_true(bench_until(*state, has_changed, subject));
        assert_true(bench_until(*state, is_at_rest, subject));
    }
}

/* The parent of the first process. */
static pid_t supervisor_of(pid_t pid)
{
    ds_auto_free char *path = ds_printf("/proc/%d/stat", (int)pid);
    ds_auto_file FILE *file = fopen(path, "re");
    int parent = 0;
    assert_non_null(file);
    assert_int_equal(fscanf(file, "%*d (%*[^)]) %*c %d", &parent), 1);
    return parent;
}

static void a_supervisor_that_is_killed_costs_one_start(void **state)
{
    struct subject *subject = start(state, "polite", "0");
    assert_true(reaches(subject, DS_STATE_RUNNING));
    assert_int_equal(kill(supervisor_of(subject_status(subject)->pid), SIGKILL), 0);
    assert_true(reaches_reason(subject, DS_REASON_LOST));
    assert_true(bench_until(*state, has_restarted, subject));
    assert_int_equal(subject_status(subject)->restarts, 1);
}

static void closing_in_the_middle_leaves_nothing(void **state)
{
    struct subject *subject = start(state, "stubborn", NULL);
    assert_true(logs_hold(subject, "ready"));
    /* The teardown closes it as it runs, and fails when anything is left open. */
    assert_true(reaches(subject, DS_STATE_RUNNING));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(without_a_port_it_runs_as_soon_as_it_has_started),
        TEST(one_that_waits_starts_when_it_is_released),
        TEST(a_crash_loop_backs_off_and_gives_up),
        TEST(a_task_completes_or_fails_and_is_not_repeated),
        TEST(a_signal_is_named),
        TEST(a_command_that_is_not_there_fails_at_once),
        TEST(a_launch_that_cannot_be_made_fails_at_once),
        TEST(one_that_ignores_the_signal_is_killed_after_its_grace),
        TEST(kill_cuts_a_polite_stop_short),
        TEST(a_grandchild_that_holds_stdout_does_not_hold_the_end),
        TEST(one_that_goes_to_the_background_is_told_to_stay),
        TEST(a_prompt_without_a_newline_becomes_visible),
        TEST(a_terminal_is_given_where_one_is_asked_for),
        TEST(a_restart_is_a_stop_and_a_start),
        TEST(wishes_in_any_order_end_as_the_last_one_says),
        TEST(a_supervisor_that_is_killed_costs_one_start),
        TEST(closing_in_the_middle_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
