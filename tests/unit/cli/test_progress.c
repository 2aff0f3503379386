/* When a start is over, when a whole run is, and what counts as failed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "orchestrator/cli/progress.h"
#include "snapshots.h"

static struct ds_snapshot *one(enum ds_stack_phase phase, enum ds_state state,
                               enum ds_reason_code reason)
{
    struct ds_snapshot *snapshot = snapshot_new(phase);
    snapshot_add(snapshot, "api", state)->reason.code = reason;
    return snapshot;
}

static void a_start_that_goes_on_is_not_over(void **state)
{
    (void)state;
    struct ds_snapshot *snapshot = one(DS_STACK_STARTING, DS_STATE_STARTING, DS_REASON_PROBING);
    assert_false(snapshot_is_settled(snapshot));
    assert_false(snapshot_is_over(snapshot));
    assert_false(snapshot_has_failed(snapshot));
    ds_snapshot_unref(snapshot);
}

static void ready_is_settled_and_not_over(void **state)
{
    (void)state;
    struct ds_snapshot *snapshot = snapshot_of_shop();
    assert_true(snapshot_is_settled(snapshot));
    assert_false(snapshot_is_over(snapshot));
    ds_snapshot_unref(snapshot);
}

static void a_failure_ends_a_start_when_nothing_else_is_under_way(void **state)
{
    (void)state;
    struct ds_snapshot *snapshot = one(DS_STACK_DEGRADED, DS_STATE_FAILED, DS_REASON_EXITED);
    assert_true(snapshot_is_settled(snapshot));
    assert_true(snapshot_is_over(snapshot));
    assert_true(snapshot_has_failed(snapshot));
    struct ds_snapshot_service *other = snapshot_add(snapshot, "db", DS_STATE_STARTING);
    assert_false(snapshot_is_settled(snapshot));
    /* Blocked for good is over, too. */
    other->state = DS_STATE_WAITING;
    other->reason.code = DS_REASON_DEPENDENCY_FAILED;
    assert_true(snapshot_is_over(snapshot));
    ds_snapshot_unref(snapshot);
}

static void success_too_early_is_a_failure(void **state)
{
    (void)state;
    struct ds_snapshot *snapshot = one(DS_STACK_DEGRADED, DS_STATE_STOPPED, DS_REASON_EXITED);
    assert_true(service_ended_early(&snapshot->services[0]));
    assert_true(snapshot_has_failed(snapshot));
    assert_true(snapshot_is_over(snapshot));
    /* It was of use for a while, but all was never ready. */
    snapshot->services[0].was_ready = true;
    assert_false(service_ended_early(&snapshot->services[0]));
    assert_true(snapshot_has_failed(snapshot));
    /* All was ready, and it ended later: that is an end, no failure. */
    snapshot->ready_after = MS;
    assert_false(snapshot_has_failed(snapshot));
    assert_true(snapshot_is_over(snapshot));
    ds_snapshot_unref(snapshot);
}

static void what_a_saved_file_starts_again_is_not_over(void **state)
{
    (void)state;
    struct ds_snapshot *snapshot = one(DS_STACK_DEGRADED, DS_STATE_FAILED, DS_REASON_EXITED);
    snapshot->services[0].watched = true;
    assert_true(snapshot_has_failed(snapshot));
    assert_true(service_may_come_back(&snapshot->services[0]));
    assert_false(snapshot_is_over(snapshot));
    /* One that was stopped, or never asked for, stays where it is. */
    snapshot->services[0].state = DS_STATE_STOPPED;
    snapshot->services[0].reason.code = DS_REASON_STOP_REQUESTED;
    assert_false(service_may_come_back(&snapshot->services[0]));
    snapshot->services[0].reason.code = DS_REASON_NOT_STARTED;
    assert_false(service_may_come_back(&snapshot->services[0]));
    ds_snapshot_unref(snapshot);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_start_that_goes_on_is_not_over),
        cmocka_unit_test(ready_is_settled_and_not_over),
        cmocka_unit_test(a_failure_ends_a_start_when_nothing_else_is_under_way),
        cmocka_unit_test(success_too_early_is_a_failure),
        cmocka_unit_test(what_a_saved_file_starts_again_is_not_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
