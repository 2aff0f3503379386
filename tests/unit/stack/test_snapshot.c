/* The picture: what it holds of each service, that it is masked, and that it can be kept. */
#include "fake_services.h"

#include <string.h>

#include "devstack/base/memory.h"

static const char services[] = "services:\n"
                               "  db: {run: [serve], port: 18080}\n"
                               "  api: {run: [serve], depends_on: [db]}\n";

static void holds_neighbours_ports_and_times(void **state)
{
    struct stack_bench *bench = *state;
    stack_bench_load(bench, services);
    assert_true(stack_start(bench->stack, NULL));
    bench->now += 100;
    stack_bench_move(bench, "db", DS_STATE_WAITING);
    bench->now += 50;
    struct ds_snapshot *snapshot = ds_stack_snapshot(bench->stack);
    const struct ds_snapshot_service *db = ds_snapshot_service(snapshot, "db");
    const struct ds_snapshot_service *api = ds_snapshot_service(snapshot, "api");
    assert_int_equal(snapshot->service_count, 2);
    assert_string_equal(snapshot->id, bench->run.identity.id);
    assert_string_equal(snapshot->devstack_version, "1.2.3");
    assert_string_equal(db->needed_by.items[0], "api");
    assert_string_equal(api->depends_on.items[0], "db");
    assert_string_equal(db->url, "http://127.0.0.1:18080");
    assert_int_equal(db->ports[0].number, 18080);
    assert_int_equal(db->waited, 100);
    assert_int_equal(db->probed, 50);
    assert_int_equal(db->started_at, 1100);
    assert_int_equal(api->started_at, 0);
    assert_int_equal(api->reason.code, DS_REASON_DEPENDENCY);
    assert_string_equal(api->reason.subject, "db");
    assert_null(ds_snapshot_service(snapshot, "nobody"));
    ds_snapshot_unref(snapshot);
}

static void is_masked(void **state)
{
    struct stack_bench *bench = *state;
    ds_auto_secret struct ds_secret *secret = ds_secret_create("hunter22", 8);
    stack_bench_load(bench, services);
    ds_log_store_mask(bench->host.logs, secret);
    struct ds_service *db = stack_bench_service(bench, "db");
    db->status.reason = (struct ds_reason){.code = DS_REASON_PROBING,
                                           .text = ds_strdup("with hunter22"),
                                           .subject = ds_strdup("run hunter22"),
                                           .hint = ds_strdup("try hunter22")};
    db->status.last_probe = "HTTP hunter22";
    struct ds_snapshot *snapshot = ds_stack_snapshot(bench->stack);
    const struct ds_snapshot_service *seen = ds_snapshot_service(snapshot, "db");
    const char *const texts[] = {seen->reason.text, seen->reason.subject, seen->reason.hint,
                                 seen->last_probe};
    for (size_t i = 0; i < DS_COUNT(texts); i++)
        assert_null(strstr(texts[i], "hunter22"));
    assert_true(ds_string_starts(seen->reason.text, "with "));
    ds_snapshot_unref(snapshot);
    db->status.last_probe = NULL;
}

static void stays_as_it_was_while_the_stack_moves_on(void **state)
{
    struct stack_bench *bench = *state;
    stack_bench_load(bench, services);
    struct ds_snapshot *old = ds_stack_snapshot(bench->stack);
    struct ds_snapshot *same = ds_stack_snapshot(bench->stack);
    assert_ptr_equal(old, same);
    ds_snapshot_unref(same);
    stack_bench_move(bench, "db", DS_STATE_HEALTHY);
    struct ds_snapshot *new = ds_stack_snapshot(bench->stack);
    assert_true(new->version > old->version);
    assert_int_equal(ds_snapshot_service(old, "db")->state, DS_STATE_STOPPED);
    assert_int_equal(ds_snapshot_service(new, "db")->state, DS_STATE_HEALTHY);
    ds_snapshot_unref(old);
    ds_snapshot_unref(new);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_BENCH(holds_neighbours_ports_and_times),
        WITH_BENCH(is_masked),
        WITH_BENCH(stays_as_it_was_while_the_stack_moves_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
