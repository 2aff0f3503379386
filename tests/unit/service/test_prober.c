/* The rhythm of looks at one start. This test program listens on the port, and any owner will do.
 */
#include "fixture.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "orchestrator/service/prober.h"

struct probing {
    struct ds_service_spec spec;
    struct ds_bound_port port;
    struct ds_launch launch;
    struct ds_runner runner;
    struct ds_prober *prober;
    unsigned passed, failed, ready, sick;
    bool closed;
};

static void on_answer(void *data, enum ds_verdict verdict, const struct ds_probe_answer *answer,
                      uint64_t took)
{
    struct probing *probing = data;
    (void)took;
    probing->passed += answer->passed;
    probing->failed += !answer->passed;
    probing->ready += verdict == DS_VERDICT_READY;
    probing->sick += verdict == DS_VERDICT_SICK;
}

static void on_closed(void *data)
{
    ((struct probing *)data)->closed = true;
}

static void start_probing(struct probing *probing, struct bench *bench, struct subject *subject)
{
    subject->spec.health.any_owner = true;
    *probing = (struct probing){.spec = subject->spec, .port = {.host = subject->port}};
    probing->port.name = (char *)"";
    probing->launch = (struct ds_launch){.ports = &probing->port, .port_count = 1};
    probing->runner.run =
        (struct ds_run){.host = &bench->host, .spec = &probing->spec, .launch = &probing->launch};
    probing->prober = ds_prober_create(&probing->runner, on_answer, probing);
}

static bool has_passed(void *data)
{
    return ((struct probing *)data)->passed > 0;
}

static bool has_failed(void *data)
{
    return ((struct probing *)data)->failed > 0;
}

static bool is_sick(void *data)
{
    return ((struct probing *)data)->sick > 0;
}

static bool is_closed(void *data)
{
    return ((struct probing *)data)->closed;
}

static void finish_probing(struct probing *probing, struct bench *bench)
{
    unsigned answers = probing->passed + probing->failed;
    ds_prober_close(probing->prober, on_closed, probing);
    assert_false(probing->closed);
    assert_true(bench_until(bench, is_closed, probing));
    assert_int_equal(probing->passed + probing->failed, answers);
}

static void it_becomes_ready_and_then_sick(void **state)
{
    struct subject *subject = bench_add(*state, "api");
    struct probing probing;
    subject_port(subject);
    subject->spec.health.interval = 5 * DS_NS_PER_MS;
    start_probing(&probing, *state, subject);
    assert_non_null(probing.prober);
    assert_int_equal(probing.failed, 0); /* never from inside */
    assert_true(bench_until(*state, has_failed, &probing));
    assert_int_equal(probing.passed, 0);
    int fd = be_a_stranger(subject);
    assert_true(bench_until(*state, has_passed, &probing));
    assert_int_equal(probing.ready, 1);
    unsigned failed_before = probing.failed;
    close(fd);
    assert_true(bench_until(*state, is_sick, &probing));
    assert_int_equal(probing.failed - failed_before, subject->spec.health.retries);
    assert_int_equal(probing.ready, 1);
    finish_probing(&probing, *state);
}

static void one_that_is_closed_at_once_never_answers(void **state)
{
    struct subject *subject = bench_add(*state, "api");
    struct probing probing;
    subject_port(subject);
    start_probing(&probing, *state, subject);
    finish_probing(&probing, *state);
    assert_int_equal(probing.passed + probing.failed, 0);
}

static void without_health_to_know_there_is_none(void **state)
{
    struct subject *none = bench_add(*state, "none"), *task = bench_add(*state, "task");
    struct probing probing;
    subject_port(none);
    none->spec.health.kind = DS_HEALTH_NONE;
    start_probing(&probing, *state, none);
    assert_null(probing.prober);
    subject_port(task);
    task->spec.kind = DS_KIND_TASK;
    start_probing(&probing, *state, task);
    assert_null(probing.prober);
}

static void a_healthy_service_lets_the_loop_sleep(void **state)
{
    struct bench *bench = *state;
    struct subject *subject = bench_add(bench, "api");
    subject->spec.health.interval = 5 * DS_NS_PER_S;
    subject_command(subject, "listen", subject_port(subject), NULL);
    ds_service_start(subject_service(subject));
    assert_true(reaches(subject, DS_STATE_HEALTHY));
    while (uv_backend_timeout(&bench->loop) == 0)
        uv_run(&bench->loop, UV_RUN_NOWAIT);
    assert_true(uv_backend_timeout(&bench->loop) > 1000); /* ms, to the next probe */
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(it_becomes_ready_and_then_sick),
        TEST(one_that_is_closed_at_once_never_answers),
        TEST(without_health_to_know_there_is_none),
        TEST(a_healthy_service_lets_the_loop_sleep),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
