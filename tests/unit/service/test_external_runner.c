/* A runner that runs nothing. */
#include "tests/support/cmocka_headers.h"

#include "devstack/base/memory.h"
#include "orchestrator/service/runner.h"
#include "tests/support/loop_fixture.h"

struct watching {
    unsigned spawned, ended;
    bool closed;
};

static void on_spawned(void *data)
{
    ((struct watching *)data)->spawned++;
}

static void on_ended(void *data, const struct ds_runner_end *end)
{
    assert_true(end->well);
    assert_false(end->refused);
    assert_false(end->has_exit);
    assert_int_equal(end->reason.code, DS_REASON_NONE);
    ((struct watching *)data)->ended++;
}

static void on_closed(void *data)
{
    ((struct watching *)data)->closed = true;
}

static struct ds_runner *start(struct loop_fixture *fixture, struct ds_service_host *host,
                               struct watching *watching)
{
    static const struct ds_service_spec spec = {.kind = DS_KIND_EXTERNAL};
    static const struct ds_launch launch;
    const struct ds_runner_events events = {
        .spawned = on_spawned, .ended = on_ended, .data = watching};
    *host = (struct ds_service_host){.loop = &fixture->loop};
    const struct ds_run run = {.host = host, .spec = &spec, .launch = &launch};
    return ds_external_runner_start(&run, &events);
}

static void finish(struct ds_runner *runner, struct loop_fixture *fixture,
                   struct watching *watching)
{
    ds_runner_close(runner, on_closed, watching);
    assert_false(watching->closed);
    assert_true(loop_run_until(fixture, &watching->closed));
}

static void it_runs_at_once_and_is_no_process(void **state)
{
    struct ds_service_host host;
    struct watching watching = {0};
    struct ds_runner *runner = start(*state, &host, &watching);
    assert_int_equal(watching.spawned, 1);
    assert_int_equal(watching.ended, 0);
    assert_int_equal(runner->pid, 0);
    assert_null(runner->container);
    assert_null(runner->process);
    finish(runner, *state, &watching);
    assert_int_equal(watching.ended, 0);
}

static void it_ends_well_and_once(void **state)
{
    struct ds_service_host host;
    struct watching watching = {0};
    struct ds_runner *runner = start(*state, &host, &watching);
    ds_runner_stop(runner);
    assert_int_equal(watching.ended, 1);
    ds_runner_stop(runner);
    ds_runner_kill(runner);
    assert_int_equal(watching.ended, 1);
    finish(runner, *state, &watching);
}

static void a_kill_ends_it_too(void **state)
{
    struct ds_service_host host;
    struct watching watching = {0};
    struct ds_runner *runner = start(*state, &host, &watching);
    ds_runner_kill(runner);
    assert_int_equal(watching.ended, 1);
    finish(runner, *state, &watching);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, loop_fixture_setup, loop_fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(it_runs_at_once_and_is_no_process),
        TEST(it_ends_well_and_once),
        TEST(a_kill_ends_it_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
