/* The rhythm of probes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "devstack/base/clock.h"
#include "devstack/base/memory.h"
#include "orchestrator/service/schedule.h"

static void quick_at_first_slower_with_the_wait(void **state)
{
    (void)state;
    static const struct {
        uint64_t waited_ms, delay_us;
    } cases[] = {{0, 2000},     {50, 2000},     {100, 4000},
                 {1000, 40000}, {6250, 250000}, {60000, 250000}};
    struct ds_schedule schedule;
    ds_schedule_init(&schedule, 7, 5 * DS_NS_PER_S, 3);
    for (size_t i = 0; i < DS_COUNT(cases); i++)
        assert_int_equal(ds_schedule_delay(&schedule, 7 + cases[i].waited_ms * DS_NS_PER_MS),
                         cases[i].delay_us * DS_NS_PER_US);
}

static void failures_before_the_first_success_do_not_count(void **state)
{
    (void)state;
    struct ds_schedule schedule;
    ds_schedule_init(&schedule, 0, DS_NS_PER_S, 3);
    for (int i = 0; i < 100; i++)
        assert_int_equal(ds_schedule_answer(&schedule, false), DS_VERDICT_SAME);
    assert_int_equal(ds_schedule_answer(&schedule, true), DS_VERDICT_READY);
    assert_int_equal(ds_schedule_answer(&schedule, true), DS_VERDICT_SAME);
}

static void sick_after_retries_in_a_row_and_well_after_one_success(void **state)
{
    (void)state;
    struct ds_schedule schedule;
    ds_schedule_init(&schedule, 0, DS_NS_PER_S, 3);
    ds_schedule_answer(&schedule, true);
    ds_schedule_answer(&schedule, false);
    ds_schedule_answer(&schedule, false);
    assert_int_equal(ds_schedule_answer(&schedule, true), DS_VERDICT_SAME);
    ds_schedule_answer(&schedule, false);
    ds_schedule_answer(&schedule, false);
    assert_int_equal(ds_schedule_answer(&schedule, false), DS_VERDICT_SICK);
    assert_int_equal(ds_schedule_answer(&schedule, false), DS_VERDICT_SAME);
    assert_int_equal(ds_schedule_answer(&schedule, true), DS_VERDICT_READY);
}

static void later_probes_of_all_services_fall_together(void **state)
{
    (void)state;
    struct ds_schedule schedule;
    ds_schedule_init(&schedule, 0, 5 * DS_NS_PER_S, 3);
    ds_schedule_answer(&schedule, true);
    for (uint64_t now = 123; now < 20 * DS_NS_PER_S; now += 77777777) {
        uint64_t delay = ds_schedule_delay(&schedule, now);
        assert_int_equal((now + delay) % DS_NS_PER_S, 0);
        assert_in_range(delay, 4 * DS_NS_PER_S, 5 * DS_NS_PER_S);
    }
}

static void a_short_interval_is_kept_as_it_is(void **state)
{
    (void)state;
    struct ds_schedule schedule;
    ds_schedule_init(&schedule, 0, 300 * DS_NS_PER_MS, 1);
    ds_schedule_answer(&schedule, true);
    assert_int_equal(ds_schedule_delay(&schedule, 12345), 300 * DS_NS_PER_MS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quick_at_first_slower_with_the_wait),
        cmocka_unit_test(failures_before_the_first_success_do_not_count),
        cmocka_unit_test(sick_after_retries_in_a_row_and_well_after_one_success),
        cmocka_unit_test(later_probes_of_all_services_fall_together),
        cmocka_unit_test(a_short_interval_is_kept_as_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
