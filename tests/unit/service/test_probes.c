/* Health of real processes: ports and who owns them, HTTP, commands, log lines, and how quickly it
 * is seen. */
#include "fixture.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void healthy_when_its_own_port_listens(void **state)
{
    struct subject *subject = bench_add(*state, "api");
    subject_command(subject, "listen", subject_port(subject), "30", NULL);
    ds_service_start(subject_service(subject));
    assert_true(reaches_reason(subject, DS_REASON_PROBING));
    assert_true(reaches(subject, DS_STATE_HEALTHY));
    const struct ds_service_status *status = subject_status(subject);
    assert_string_equal(status->address, "127.0.0.1");
    assert_false(status->owner_unknown);
    assert_non_null(strstr(status->last_probe, "listens on port"));
}

static void the_other_loopback_address_is_found(void **state)
{
    struct subject *subject = bench_add(*state, "api");
    subject_command(subject, "listen6", subject_port(subject), NULL);
    ds_service_start(subject_service(subject));
    assert_true(reaches(subject, DS_STATE_HEALTHY));
    assert_string_equal(subject_status(subject)->address, "[::1]");
}

/* This test program is the stranger. */
static int be_a_stranger(const struct subject *subject)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(subject->port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(listen(fd, 8), 0);
    return fd;
}

static void a_stranger_on_its_port_is_named(void **state)
{
    struct subject *subject = bench_add(*state, "api");
    subject_port(subject);
    ds_auto_fd int fd = be_a_stranger(subject);
    assert_true(fd >= 0);
    subject_command(subject, "polite", "0", NULL);
    ds_service_start(subject_service(subject));
    assert_true(reaches_reason(subject, DS_REASON_PORT_STRANGER));
    const struct ds_service_status *status = subject_status(subject);
    ds_auto_free char *pid = ds_printf("(pid %d)", (int)getpid());
    assert_non_null(strstr(status->reason.subject, pid));
    assert_int_equal(status->state, DS_STATE_STARTING);
    assert_false(has_seen(subject, DS_STATE_HEALTHY));
}

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

static void any_owner_will_do_when_the_file_says_so(void **state)
{
    struct subject *subject = bench_add(*state, "api");
    subject_port(subject);
    ds_auto_fd int fd = be_a_stranger(subject);
    assert_true(fd >= 0);
    subject->spec.health.any_owner = true;
    subject_command(subject, "polite", "0", NULL);
    ds_service_start(subject_service(subject));
    assert_true(reaches(subject, DS_STATE_HEALTHY));
}

static void one_that_never_becomes_ready_is_stopped_and_tried_again(void **state)
{
    struct subject *subject = bench_add(*state, "api");
    subject_port(subject);
    subject->spec.health.start_timeout = 20 * DS_NS_PER_MS;
    subject_command(subject, "polite", "0", NULL);
    ds_service_start(subject_service(subject));
    assert_true(reaches(subject, DS_STATE_FAILED));
    const struct ds_service_status *status = subject_status(subject);
    assert_int_equal(status->reason.code, DS_REASON_GAVE_UP);
    assert_non_null(strstr(status->reason.text, "not ready within"));
    assert_non_null(strstr(status->reason.text, "nothing listens on port"));
    assert_int_equal(status->starts, 10);
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

static void touch(const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    close(fd);
}

static void a_command_decides_and_health_can_be_lost_and_regained(void **state)
{
    struct bench *bench = *state;
    ds_auto_free char *file = bench_path(bench, "well");
    struct subject *subject = bench_add(bench, "api");
    subject->spec.health.kind = DS_HEALTH_EXEC;
    subject->spec.health.interval = 5 * DS_NS_PER_MS;
    subject_command(subject, "passes", file, NULL);
    ds_strings_copy(&subject->health_exec, &subject->argv);
    subject_command(subject, "polite", "0", NULL);
    ds_service_start(subject_service(subject));
    assert_true(reaches_reason(subject, DS_REASON_PROBING));
    touch(file);
    assert_true(reaches(subject, DS_STATE_HEALTHY));
    unlink(file);
    assert_true(reaches(subject, DS_STATE_UNHEALTHY));
    const struct ds_reason *reason = &subject_status(subject)->reason;
    assert_int_equal(reason->code, DS_REASON_PROBE_FAILED);
    assert_string_equal(reason->text, "the check exited with code 1: not yet");
    touch(file);
    assert_true(reaches(subject, DS_STATE_HEALTHY));
}

static bool says_no_answer(void *data)
{
    const char *last = subject_status(data)->last_probe;
    return last && strstr(last, "no answer within");
}

static void a_check_that_hangs_is_cut_off(void **state)
{
    struct subject *subject = bench_add(*state, "api");
    subject->spec.health.kind = DS_HEALTH_EXEC;
    subject->spec.health.timeout = 20 * DS_NS_PER_MS;
    subject_command(subject, "stubborn", NULL);
    ds_strings_copy(&subject->health_exec, &subject->argv);
    subject_command(subject, "polite", "0", NULL);
    ds_service_start(subject_service(subject));
    assert_true(bench_until(*state, says_no_answer, subject));
    ds_service_stop(subject->service);
    assert_true(reaches(subject, DS_STATE_STOPPED));
}

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

static void an_external_address_without_http_is_connected_to(void **state)
{
    struct subject *server = bench_add(*state, "server"), *outside = bench_add(*state, "outside");
    subject_command(server, "listen", subject_port(server), NULL);
    ds_service_start(subject_service(server));
    assert_true(reaches(server, DS_STATE_HEALTHY));
    ds_auto_free char *url = ds_printf("tcp://127.0.0.1:%s", server->port_text);
    outside->spec.kind = DS_KIND_EXTERNAL;
    outside->url = url;
    ds_service_start(subject_service(outside));
    assert_true(reaches(outside, DS_STATE_HEALTHY));
}

static struct subject *start_redis(void **state, const char *name, const char *answer)
{
    struct subject *subject = bench_add(*state, name);
    subject->spec.health.kind = DS_HEALTH_REDIS;
    subject_command(subject, "answer", subject_port(subject), answer, NULL);
    return subject;
}

static void redis_is_asked_for_a_pong(void **state)
{
    struct subject *open = start_redis(state, "open", "+PONG|");
    struct subject *locked = start_redis(state, "locked", "+OK|+PONG|");
    struct subject *refused = start_redis(state, "refused", "-WRONGPASS no|-NOAUTH no|");
    struct subject *other = start_redis(state, "other", "SSH-2.0-OpenSSH|");
    locked->password = ds_secret_create("sesame", 6);
    refused->password = ds_secret_create("sesame", 6);
    for (size_t i = 0; i < open->bench->count; i++)
        ds_service_start(subject_service(&open->bench->subjects[i]));
    assert_true(reaches(open, DS_STATE_HEALTHY));
    assert_true(reaches(locked, DS_STATE_HEALTHY));
    assert_true(reaches_text(refused, "WRONGPASS no"));
    assert_true(reaches_text(other, "an answer that is not Redis'"));
    assert_false(has_seen(refused, DS_STATE_HEALTHY) || has_seen(other, DS_STATE_HEALTHY));
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

/* Each is released when the one before it is ready and listens 50 ms later. What the machine's load
 * adds is the machine's; the time is shown, not asserted. */
static void a_chain_of_twenty_becomes_healthy(void **state)
{
    struct bench *bench = *state;
    struct subject *before = NULL;
    for (int i = 0; i < 20; i++) {
        ds_auto_free char *name = ds_printf("s%d", i);
        struct subject *subject = bench_add(bench, name);
        subject_command(subject, "listen", subject_port(subject), "50", NULL);
        subject->after = before;
        subject_service(subject);
        before = subject;
    }
    uint64_t began = ds_clock_monotonic(ds_clock_system());
    for (size_t i = 0; i < bench->count; i++)
        ds_service_start(bench->subjects[i].service);
    assert_true(reaches(before, DS_STATE_HEALTHY));
    uint64_t took = ds_clock_monotonic(ds_clock_system()) - began;
    print_message("# a chain of 20 took %.1f ms, 1000 of them slept\n", (double)took / 1e6);
    for (size_t i = 1; i < bench->count; i++)
        assert_true(subject_status(&bench->subjects[i])->times.spawned >=
                    subject_status(&bench->subjects[i - 1])->times.ready);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(healthy_when_its_own_port_listens),
        TEST(the_other_loopback_address_is_found),
        TEST(a_stranger_on_its_port_is_named),
        TEST(a_stranger_does_not_answer_for_it_over_http),
        TEST(any_owner_will_do_when_the_file_says_so),
        TEST(one_that_never_becomes_ready_is_stopped_and_tried_again),
        TEST(http_is_healthy_when_the_status_is),
        TEST(a_wanted_status_is_wanted_exactly),
        TEST(a_command_decides_and_health_can_be_lost_and_regained),
        TEST(a_check_that_hangs_is_cut_off),
        TEST(a_line_of_its_log_makes_it_ready),
        TEST(an_external_service_is_watched),
        TEST(an_external_address_without_http_is_connected_to),
        TEST(redis_is_asked_for_a_pong),
        TEST(a_healthy_service_lets_the_loop_sleep),
        TEST(losing_the_port_is_noticed),
        TEST(a_chain_of_twenty_becomes_healthy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
