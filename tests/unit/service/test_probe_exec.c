/* Commands that decide on health. */
#include "fixture.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void touch(const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    close(fd);
}

static void a_command_decides_and_health_can_be_lost_and_regained(void **state)
{
    struct bench *bench = *state;
    ds_auto_free char *file = bench_path(bench, "well");
    struct subject *subject = bench_add(bench, "api");
    subject->spec.health.kind = DS_HEALTH_EXEC;
    subject->spec.health.interval = 5 * DS_NS_PER_MS;
    subject_command(subject, "passes", file, NULL);
    ds_strings_copy(&subject->health_exec, &subject->argv);
    subject_command(subject, "polite", "0", NULL);
    ds_service_start(subject_service(subject));
    assert_true(reaches_reason(subject, DS_REASON_PROBING));
    touch(file);
    assert_true(reaches(subject, DS_STATE_HEALTHY));
    unlink(file);
    assert_true(reaches(subject, DS_STATE_UNHEALTHY));
    const struct ds_reason *reason = &subject_status(subject)->reason;
    assert_int_equal(reason->code, DS_REASON_PROBE_FAILED);
    assert_string_equal(reason->text, "the check exited with code 1: not yet");
    touch(file);
    assert_true(reaches(subject, DS_STATE_HEALTHY));
}

static bool says_no_answer(void *data)
{
    const char *last = subject_status(data)->last_probe;
    return last && strstr(last, "no answer within");
}

static void a_check_that_hangs_is_cut_off(void **state)
{
    struct subject *subject = bench_add(*state, "api");
    subject->spec.health.kind = DS_HEALTH_EXEC;
    subject->spec.health.timeout = 20 * DS_NS_PER_MS;
    subject_command(subject, "stubborn", NULL);
    ds_strings_copy(&subject->health_exec, &subject->argv);
    subject_command(subject, "polite", "0", NULL);
    ds_service_start(subject_service(subject));
    assert_true(bench_until(*state, says_no_answer, subject));
    ds_service_stop(subject->service);
    assert_true(reaches(subject, DS_STATE_STOPPED));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_command_decides_and_health_can_be_lost_and_regained),
        TEST(a_check_that_hangs_is_cut_off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
