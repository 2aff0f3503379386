/* A stack of services that are moved by hand: order, phases, commands, what subscribers are told.
 */
#include "fake_services.h"

#include "devstack/base/memory.h"

static const char chain[] = "services:\n"
                            "  db: {run: [serve]}\n"
                            "  migrate: {task: [work], depends_on: [db]}\n"
                            "  api: {run: [serve], depends_on: [db, migrate]}\n"
                            "  web: {run: [serve], depends_on: {api: {restart: true}}}\n"
                            "  tool: {run: [serve], autostart: false}\n";

static struct stack_bench *started(void **state)
{
    struct stack_bench *bench = *state;
    stack_bench_load(bench, chain);
    assert_true(stack_start(bench->stack, NULL));
    /* The first event has everybody looked at. */
    stack_bench_move(bench, "db", DS_STATE_WAITING);
    return bench;
}

static struct stack_bench *ready(void **state)
{
    struct stack_bench *bench = started(state);
    stack_bench_move(bench, "db", DS_STATE_RUNNING);
    stack_bench_move(bench, "migrate", DS_STATE_COMPLETED);
    stack_bench_move(bench, "api", DS_STATE_RUNNING);
    bench->now += 500;
    stack_bench_move(bench, "web", DS_STATE_HEALTHY);
    return bench;
}

static void starts_in_the_order_of_dependencies(void **state)
{
    struct stack_bench *bench = started(state);
    assert_true(stack_bench_service(bench, "db")->released);
    assert_int_equal(stack_bench_service(bench, "migrate")->blocked_by, DS_REASON_DEPENDENCY);
    stack_bench_move(bench, "db", DS_STATE_RUNNING);
    assert_true(stack_bench_service(bench, "migrate")->released);
    assert_false(stack_bench_service(bench, "api")->released);
    stack_bench_move(bench, "migrate", DS_STATE_COMPLETED);
    assert_true(stack_bench_service(bench, "api")->released);
    assert_false(stack_bench_service(bench, "web")->released);
    assert_int_equal(stack_bench_service(bench, "tool")->start_calls, 0);
}

static void a_named_service_brings_what_it_needs(void **state)
{
    struct stack_bench *bench = *state;
    stack_bench_load(bench, chain);
    ds_strings_add(&bench->run.request.services, "migrate");
    assert_true(stack_start(bench->stack, NULL));
    assert_int_equal(stack_bench_service(bench, "db")->start_calls, 1);
    assert_int_equal(stack_bench_service(bench, "api")->start_calls, 0);
}

static void without_dependencies_it_starts_alone(void **state)
{
    struct stack_bench *bench = *state;
    stack_bench_load(bench, chain);
    ds_strings_add(&bench->run.request.services, "api");
    bench->run.request.no_dependencies = true;
    assert_true(stack_start(bench->stack, NULL));
    stack_bench_move(bench, "api", DS_STATE_WAITING);
    assert_true(stack_bench_service(bench, "api")->released);
    assert_int_equal(stack_bench_service(bench, "db")->start_calls, 0);
    stack_bench_move(bench, "api", DS_STATE_RUNNING);
    assert_int_equal(stack_bench_phase(bench), DS_STACK_READY);
}

static void a_name_that_is_not_there_is_refused(void **state)
{
    struct stack_bench *bench = *state;
    ds_auto_error struct ds_error err = {0};
    stack_bench_load(bench, chain);
    ds_strings_add(&bench->run.request.services, "nobody");
    assert_false(stack_start(bench->stack, &err));
    assert_int_equal(err.code, DS_ERROR_USAGE);
}

static void a_failure_is_handed_down_and_mended(void **state)
{
    struct stack_bench *bench = started(state);
    stack_bench_move(bench, "db", DS_STATE_RUNNING);
    stack_bench_fail(bench, "migrate", DS_STATE_FAILED, DS_REASON_EXITED);
    assert_int_equal(stack_bench_service(bench, "api")->blocked_by, DS_REASON_DEPENDENCY_FAILED);
    stack_bench_move(bench, "db", DS_STATE_RUNNING);
    assert_int_equal(stack_bench_service(bench, "web")->blocked_by, DS_REASON_DEPENDENCY_FAILED);
    assert_int_equal(stack_bench_phase(bench), DS_STACK_DEGRADED);
    stack_bench_move(bench, "migrate", DS_STATE_COMPLETED);
    assert_true(stack_bench_service(bench, "api")->released);
}

static void one_that_ends_by_itself_is_a_failure(void **state)
{
    struct stack_bench *bench = started(state);
    stack_bench_fail(bench, "db", DS_STATE_STOPPED, DS_REASON_EXITED);
    assert_int_equal(stack_bench_service(bench, "migrate")->blocked_by,
                     DS_REASON_DEPENDENCY_FAILED);
    assert_int_equal(stack_bench_phase(bench), DS_STACK_DEGRADED);
}

static void restart_follows_the_dependency_once(void **state)
{
    struct stack_bench *bench = ready(state);
    stack_bench_move(bench, "api", DS_STATE_RESTARTING);
    assert_int_equal(stack_bench_service(bench, "web")->restart_calls, 0);
    stack_bench_start_again(bench, "api");
    assert_int_equal(stack_bench_service(bench, "web")->restart_calls, 1);
    stack_bench_move(bench, "api", DS_STATE_RUNNING);
    assert_int_equal(stack_bench_service(bench, "web")->restart_calls, 1);
    /* Those that did not ask for it stay. */
    stack_bench_start_again(bench, "db");
    assert_int_equal(stack_bench_service(bench, "api")->restart_calls, 0);
}

static void phases_follow_the_services(void **state)
{
    struct stack_bench *bench = started(state);
    assert_int_equal(stack_bench_phase(bench), DS_STACK_STARTING);
    stack_bench_move(bench, "db", DS_STATE_RUNNING);
    stack_bench_move(bench, "migrate", DS_STATE_COMPLETED);
    stack_bench_move(bench, "api", DS_STATE_RUNNING);
    bench->now += 500;
    stack_bench_move(bench, "web", DS_STATE_HEALTHY);
    assert_int_equal(stack_bench_phase(bench), DS_STACK_READY);
    assert_int_equal(bench->stack->ready_after, 500);
    stack_bench_move(bench, "web", DS_STATE_UNHEALTHY);
    assert_int_equal(stack_bench_phase(bench), DS_STACK_DEGRADED);
    stack_bench_move(bench, "web", DS_STATE_RESTARTING);
    assert_int_equal(stack_bench_phase(bench), DS_STACK_DEGRADED);
    bench->now += 500;
    stack_bench_move(bench, "web", DS_STATE_HEALTHY);
    assert_int_equal(stack_bench_phase(bench), DS_STACK_READY);
    assert_int_equal(bench->stack->ready_after, 500);
}

static void stops_in_the_reverse_order(void **state)
{
    struct stack_bench *bench = ready(state);
    stack_end(bench->stack, false);
    assert_int_equal(stack_bench_phase(bench), DS_STACK_STOPPING);
    assert_int_equal(stack_bench_service(bench, "web")->stopped_as, 1);
    assert_int_equal(stack_bench_service(bench, "api")->stopped_as, 0);
    stack_bench_move(bench, "web", DS_STATE_STOPPED);
    assert_int_equal(stack_bench_service(bench, "api")->stopped_as, 2);
    assert_int_equal(stack_bench_service(bench, "db")->stopped_as, 0);
    stack_bench_move(bench, "api", DS_STATE_STOPPED);
    assert_int_equal(stack_bench_service(bench, "db")->stopped_as, 3);
    assert_int_equal(bench->over, 0);
    stack_bench_move(bench, "db", DS_STATE_STOPPED);
    assert_int_equal(bench->over, 1);
    assert_int_equal(stack_bench_phase(bench), DS_STACK_STOPPED);
    stack_end(bench->stack, true);
    assert_int_equal(bench->over, 1);
}

static void a_kill_does_not_wait(void **state)
{
    struct stack_bench *bench = ready(state);
    stack_end(bench->stack, true);
    assert_int_equal(bench->over, 1);
}

static void commands_move_single_services(void **state)
{
    struct stack_bench *bench = ready(state);
    ds_auto_error struct ds_error err = {0};
    assert_false(ds_stack_command(bench->stack, DS_STACK_START_SERVICE, "nobody", &err));
    assert_int_equal(err.code, DS_ERROR_USAGE);
    assert_true(ds_stack_command(bench->stack, DS_STACK_STOP_SERVICE, "db", NULL));
    stack_bench_move(bench, "db", DS_STATE_STOPPED);
    stack_bench_move(bench, "api", DS_STATE_STOPPED);
    /* What it needs comes with it; a task that is done stays done. */
    assert_true(ds_stack_command(bench->stack, DS_STACK_START_SERVICE, "api", NULL));
    assert_int_equal(stack_bench_service(bench, "db")->start_calls, 2);
    assert_int_equal(stack_bench_service(bench, "api")->start_calls, 2);
    assert_int_equal(stack_bench_service(bench, "migrate")->start_calls, 1);
    assert_true(ds_stack_command(bench->stack, DS_STACK_RESTART_SERVICE, "web", NULL));
    assert_int_equal(stack_bench_service(bench, "web")->restart_calls, 1);
    assert_true(ds_stack_command(bench->stack, DS_STACK_STOP, NULL, NULL));
    assert_false(ds_stack_command(bench->stack, DS_STACK_START_SERVICE, "web", NULL));
}

struct listener {
    struct ds_stack_subscription *subscription;
    unsigned pictures;
    uint64_t version;
    bool heard, leaves;
};

static void on_picture(void *data, struct ds_snapshot *snapshot)
{
    struct listener *listener = data;
    listener->pictures++;
    listener->version = snapshot->version;
    listener->heard = true;
    if (listener->leaves)
        ds_stack_unsubscribe(listener->subscription);
}

static void tells_subscribers_once_a_turn(void **state)
{
    struct stack_bench *bench = ready(state);
    struct listener stays = {0}, leaves = {.leaves = true};
    leaves.subscription = ds_stack_subscribe(bench->stack, on_picture, &leaves);
    stays.subscription = ds_stack_subscribe(bench->stack, on_picture, &stays);
    stack_bench_move(bench, "web", DS_STATE_UNHEALTHY);
    stack_bench_move(bench, "web", DS_STATE_HEALTHY);
    assert_int_equal(stays.pictures, 0);
    assert_true(loop_run_until(bench->base, &stays.heard));
    assert_int_equal(stays.pictures, 1);
    uint64_t version = stays.version;
    stays.heard = false;
    stack_bench_move(bench, "web", DS_STATE_UNHEALTHY);
    assert_true(loop_run_until(bench->base, &stays.heard));
    assert_int_equal(stays.pictures, 2);
    assert_true(stays.version > version);
    assert_int_equal(leaves.pictures, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_BENCH(starts_in_the_order_of_dependencies),
        WITH_BENCH(a_named_service_brings_what_it_needs),
        WITH_BENCH(without_dependencies_it_starts_alone),
        WITH_BENCH(a_name_that_is_not_there_is_refused),
        WITH_BENCH(a_failure_is_handed_down_and_mended),
        WITH_BENCH(one_that_ends_by_itself_is_a_failure),
        WITH_BENCH(restart_follows_the_dependency_once),
        WITH_BENCH(phases_follow_the_services),
        WITH_BENCH(stops_in_the_reverse_order),
        WITH_BENCH(a_kill_does_not_wait),
        WITH_BENCH(commands_move_single_services),
        WITH_BENCH(tells_subscribers_once_a_turn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
