/* Health over HTTP, of services of our own and of external ones. */
#include "fixture.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

static void a_stranger_does_not_answer_for_it_over_http(void **state)
{
    struct subject *subject = bench_add(*state, "api");
    subject_port(subject);
    ds_auto_fd int fd = be_a_stranger(subject);
    assert_true(fd >= 0);
    subject->spec.health.kind = DS_HEALTH_HTTP;
    subject_command(subject, "polite", "0", NULL);
    ds_service_start(subject_service(subject));
    assert_true(reaches_reason(subject, DS_REASON_PORT_STRANGER));
}

static void http_is_healthy_when_the_status_is(void **state)
{
    struct subject *subject = bench_add(*state, "api");
    subject->spec.health.kind = DS_HEALTH_HTTP;
    subject->spec.health.http_path = (char *)"/healthz";
    subject_command(subject, "http", subject_port(subject), "3", NULL);
    ds_service_start(subject_service(subject));
    assert_true(reaches(subject, DS_STATE_HEALTHY));
    assert_non_null(strstr(subject_status(subject)->last_probe, "HTTP 200 after "));
}

static void a_wanted_status_is_wanted_exactly(void **state)
{
    struct subject *subject = bench_add(*state, "api");
    subject->spec.health.kind = DS_HEALTH_HTTP;
    subject->spec.health.status = 500;
    subject_command(subject, "http", subject_port(subject), "1000000", NULL);
    ds_service_start(subject_service(subject));
    assert_true(reaches(subject, DS_STATE_HEALTHY));
}

static void an_external_service_is_watched(void **state)
{
    struct subject *server = bench_add(*state, "server"), *outside = bench_add(*state, "outside");
    subject_command(server, "http", subject_port(server), "0", NULL);
    ds_service_start(subject_service(server));
    assert_true(reaches(server, DS_STATE_HEALTHY));
    ds_auto_free char *url = ds_printf("http://127.0.0.1:%s/", server->port_text);
    outside->spec.kind = DS_KIND_EXTERNAL;
    outside->spec.health.interval = 5 * DS_NS_PER_MS;
    outside->url = url;
    ds_service_start(subject_service(outside));
    assert_true(reaches(outside, DS_STATE_HEALTHY));
    ds_service_stop(server->service);
    assert_true(reaches(outside, DS_STATE_UNHEALTHY));
    ds_service_stop(outside->service);
    assert_true(reaches(outside, DS_STATE_STOPPED));
}

static void losing_the_port_is_noticed(void **state)
{
    struct subject *subject = bench_add(*state, "api");
    subject_command(subject, "http", subject_port(subject), "0", NULL);
    subject->spec.health.interval = 5 * DS_NS_PER_MS;
    subject->spec.health.kind = DS_HEALTH_HTTP;
    ds_service_start(subject_service(subject));
    assert_true(reaches(subject, DS_STATE_HEALTHY));
    assert_int_equal(kill(subject_status(subject)->pid, SIGKILL), 0);
    assert_true(reaches(subject, DS_STATE_RESTARTING));
    assert_string_equal(subject_status(subject)->reason.text, "killed by SIGKILL");
    assert_true(reaches(subject, DS_STATE_HEALTHY));
    assert_int_equal(subject_status(subject)->restarts, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_stranger_does_not_answer_for_it_over_http),
        TEST(http_is_healthy_when_the_status_is),
        TEST(a_wanted_status_is_wanted_exactly),
        TEST(an_external_service_is_watched),
        TEST(losing_the_port_is_noticed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
