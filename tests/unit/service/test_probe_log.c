/* Lines of its log that make a service ready. */
#include "fixture.h"

static void a_line_of_its_log_makes_it_ready(void **state)
{
    struct subject *good = bench_add(*state, "good"), *bad = bench_add(*state, "bad");
    good->spec.health.kind = bad->spec.health.kind = DS_HEALTH_LOG;
    good->spec.health.log_pattern = (char *)"^listening on \\d+$";
    bad->spec.health.log_pattern = (char *)"(unclosed";
    subject_command(good, "says", "listening on 8000", NULL);
    subject_command(bad, "says", "listening on 8000", NULL);
    ds_service_start(subject_service(good));
    ds_service_start(subject_service(bad));
    assert_true(reaches(good, DS_STATE_HEALTHY));
    assert_true(reaches_reason(bad, DS_REASON_PROBING));
    assert_true(logs_hold(bad, "listening"));
    assert_false(has_seen(bad, DS_STATE_HEALTHY));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_line_of_its_log_makes_it_ready),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
