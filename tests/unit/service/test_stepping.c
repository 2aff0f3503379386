/* Steps of services with real processes: from one to the next, and when one is not ready in time.
 */
#include "fixture.h"

#include <stdlib.h>
#include <string.h>

static void one_that_never_becomes_ready_is_stopped_and_tried_again(void **state)
{
    struct subject *subject = bench_add(*state, "api");
    subject_port(subject);
    subject->spec.health.start_timeout = 20 * DS_NS_PER_MS;
    subject_command(subject, "polite", "0", NULL);
    ds_service_start(subject_service(subject));
    assert_true(reaches(subject, DS_STATE_FAILED));
    const struct ds_service_status *status = subject_status(subject);
    assert_int_equal(status->reason.code, DS_REASON_GAVE_UP);
    assert_non_null(strstr(status->reason.text, "not ready within"));
    assert_non_null(strstr(status->reason.text, "nothing listens on port"));
    assert_int_equal(status->starts, 10);
}

/* Each is released when the one before it is ready and listens 50 ms later. What the machine's load
 * adds is the machine's; the time is shown, not asserted. */
static void a_chain_of_twenty_becomes_healthy(void **state)
{
    struct bench *bench = *state;
    struct subject *before = NULL;
    for (int i = 0; i < 20; i++) {
        ds_auto_free char *name = ds_printf("s%d", i);
        struct subject *subject = bench_add(bench, name);
        subject_command(subject, "listen", subject_port(subject), "50", NULL);
        subject->after = before;
        subject_service(subject);
        before = subject;
    }
    uint64_t began = ds_clock_monotonic(ds_clock_system());
    for (size_t i = 0; i < bench->count; i++)
        ds_service_start(bench->subjects[i].service);
    assert_true(reaches(before, DS_STATE_HEALTHY));
    uint64_t took = ds_clock_monotonic(ds_clock_system()) - began;
    print_message("# a chain of 20 took %.1f ms, 1000 of them slept\n", (double)took / 1e6);
    for (size_t i = 1; i < bench->count; i++)
        assert_true(subject_status(&bench->subjects[i])->times.spawned >=
                    subject_status(&bench->subjects[i - 1])->times.ready);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(one_that_never_becomes_ready_is_stopped_and_tried_again),
        TEST(a_chain_of_twenty_becomes_healthy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
