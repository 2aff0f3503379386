/* What is said of a keyring that is not there. */
#include "no_bus_fixture.h"

static void says_why_and_what_to_do(void **state)
{
    (void)state;
    struct ds_keyring_report report;
    ds_keyring_inspect(&report);
    assert_int_equal(report.outcome, DS_SECRET_UNAVAILABLE);
    assert_non_null(report.message);
    assert_non_null(report.hint);
    free(report.message);
    free(report.hint);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(says_why_and_what_to_do, setup_no_bus, teardown_no_bus),
    };
    return cmocka_run_group_tests_name("secrets/inspect", tests, NULL, NULL);
}
