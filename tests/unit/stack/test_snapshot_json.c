/* The picture as JSON and back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "devstack/base/memory.h"
#include "devstack/stack.h"

static struct ds_snapshot *example(void)
{
    struct ds_snapshot *snapshot = DS_NEW(struct ds_snapshot);
    *snapshot = (struct ds_snapshot){.version = 7,
                                     .id = ds_strdup("shop-7f3a"),
                                     .name = ds_strdup("shop"),
                                     .environment = ds_strdup("local"),
                                     .phase = DS_STACK_DEGRADED,
                                     .ready_after = 1100000000,
                                     .references = 1,
                                     .service_count = 1,
                                     .services = DS_NEW(struct ds_snapshot_service)};
    struct ds_snapshot_service *api = snapshot->services;
    *api = (struct ds_snapshot_service){.name = ds_strdup("api"),
                                        .kind = ds_strdup("run"),
                                        .state = DS_STATE_RESTARTING,
                                        .url = ds_strdup("http://127.0.0.1:8000"),
                                        .ports = DS_NEW(struct ds_snapshot_port),
                                        .port_count = 1,
                                        .starts = 4,
                                        .restarts = 3,
                                        .has_exit = true,
                                        .exit_status = 256,
                                        .probed = 5};
    api->ports[0] = (struct ds_snapshot_port){.name = ds_strdup(""), .number = 8000};
    api->reason = (struct ds_reason){
        .code = DS_REASON_EXITED, .text = ds_strdup("exited with code 1 \xff"), .number = 1};
    ds_strings_add(&api->depends_on, "db");
    return snapshot;
}

static void survives_the_round_trip(void **state)
{
    (void)state;
    struct ds_snapshot *before = example();
    ds_auto_free char *json = ds_snapshot_to_json(before);
    struct ds_snapshot *after = ds_snapshot_from_json(json, strlen(json), NULL);
    assert_non_null(after);
    assert_int_equal(after->version, 7);
    assert_string_equal(after->id, "shop-7f3a");
    assert_int_equal(after->phase, DS_STACK_DEGRADED);
    assert_int_equal(after->ready_after, before->ready_after);
    const struct ds_snapshot_service *api = ds_snapshot_service(after, "api");
    assert_non_null(api);
    assert_int_equal(api->state, DS_STATE_RESTARTING);
    assert_int_equal(api->reason.code, DS_REASON_EXITED);
    assert_string_equal(api->reason.text, "exited with code 1 ?");
    assert_int_equal(api->exit_status, 256);
    assert_int_equal(api->ports[0].number, 8000);
    assert_string_equal(api->depends_on.items[0], "db");
    assert_null(ds_snapshot_service(after, "db"));
    ds_snapshot_unref(before);
    ds_snapshot_unref(after);
}

static void refuses_what_is_no_snapshot(void **state)
{
    (void)state;
    static const char *const wrong[] = {"", "[]", "{}", "{\"services\":3}", "{\"services\":[]"};
    for (size_t i = 0; i < DS_COUNT(wrong); i++) {
        ds_auto_error struct ds_error err = {0};
        assert_null(ds_snapshot_from_json(wrong[i], strlen(wrong[i]), &err));
        assert_int_equal(err.code, DS_ERROR_FAILED);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(survives_the_round_trip),
        cmocka_unit_test(refuses_what_is_no_snapshot),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
