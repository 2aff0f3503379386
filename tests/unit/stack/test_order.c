/* Order: what a dependency's state means for each condition. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "orchestrator/stack/order.h"

static enum dependency_view look(enum ds_condition condition, enum ds_kind kind,
                                 enum ds_state state)
{
    struct ds_service_spec spec = {.kind = kind};
    struct ds_service_status status = {.state = state};
    return order_dependency(condition, &spec, &status);
}

static void ready_means_healthy_or_completed(void **state)
{
    (void)state;
    assert_int_equal(look(DS_CONDITION_READY, DS_KIND_PROCESS, DS_STATE_HEALTHY), DEPENDENCY_MET);
    assert_int_equal(look(DS_CONDITION_READY, DS_KIND_PROCESS, DS_STATE_RUNNING), DEPENDENCY_MET);
    assert_int_equal(look(DS_CONDITION_READY, DS_KIND_PROCESS, DS_STATE_UNHEALTHY),
                     DEPENDENCY_PENDING);
    assert_int_equal(look(DS_CONDITION_READY, DS_KIND_TASK, DS_STATE_RUNNING), DEPENDENCY_PENDING);
    assert_int_equal(look(DS_CONDITION_READY, DS_KIND_TASK, DS_STATE_COMPLETED), DEPENDENCY_MET);
    assert_int_equal(look(DS_CONDITION_READY, DS_KIND_TASK, DS_STATE_FAILED), DEPENDENCY_FAILED);
}

static void started_is_met_by_what_was_spawned(void **state)
{
    (void)state;
    struct ds_service_spec spec = {.kind = DS_KIND_PROCESS};
    struct ds_service_status status = {.state = DS_STATE_STARTING};
    assert_int_equal(order_dependency(DS_CONDITION_STARTED, &spec, &status), DEPENDENCY_PENDING);
    status.times.spawned = 1;
    assert_int_equal(order_dependency(DS_CONDITION_STARTED, &spec, &status), DEPENDENCY_MET);
    assert_int_equal(look(DS_CONDITION_STARTED, DS_KIND_PROCESS, DS_STATE_UNHEALTHY),
                     DEPENDENCY_MET);
}

static void a_failure_is_handed_down(void **state)
{
    (void)state;
    struct ds_service_spec spec = {.kind = DS_KIND_PROCESS};
    struct ds_service_status status = {.state = DS_STATE_WAITING,
                                       .reason = {.code = DS_REASON_DEPENDENCY_FAILED}};
    assert_int_equal(order_dependency(DS_CONDITION_READY, &spec, &status), DEPENDENCY_FAILED);
}

static void wanting_one_wants_what_it_needs(void **state)
{
    (void)state;
    struct ds_dependency on_api = {.service = (char *)"api"}, on_db = {.service = (char *)"db"};
    struct ds_service_spec services[] = {
        {.name = (char *)"db"},
        {.name = (char *)"api", .depends_on = &on_db, .depends_on_count = 1},
        {.name = (char *)"web", .depends_on = &on_api, .depends_on_count = 1},
        {.name = (char *)"other"},
    };
    struct ds_manifest manifest = {.services = services, .service_count = 4};
    bool wanted[4] = {false};
    order_want(&manifest, 2, wanted);
    assert_true(wanted[0] && wanted[1] && wanted[2] && !wanted[3]);
    assert_int_equal(order_index(&manifest, "other"), 3);
    assert_int_equal(order_index(&manifest, "none"), -1);
}

static void what_is_needed_through_a_completed_task_is_needed(void **state)
{
    (void)state;
    struct ds_dependency on_db = {.service = (char *)"db"},
                         on_migrate = {.service = (char *)"migrate"};
    struct ds_service_spec services[] = {
        {.name = (char *)"db"},
        {.name = (char *)"migrate", .depends_on = &on_db, .depends_on_count = 1},
        {.name = (char *)"api", .depends_on = &on_migrate, .depends_on_count = 1},
    };
    struct ds_manifest manifest = {.services = services, .service_count = 3};
    bool api_lives[] = {false, true, false}, api_is_over[] = {false, true, true};
    assert_true(order_is_needed(&manifest, 0, api_lives));
    assert_false(order_is_needed(&manifest, 0, api_is_over));
    assert_false(order_is_needed(&manifest, 2, api_lives));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ready_means_healthy_or_completed),
        cmocka_unit_test(started_is_met_by_what_was_spawned),
        cmocka_unit_test(a_failure_is_handed_down),
        cmocka_unit_test(wanting_one_wants_what_it_needs),
        cmocka_unit_test(what_is_needed_through_a_completed_task_is_needed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
