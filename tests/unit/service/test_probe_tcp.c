/* Whose listener makes a service healthy, and external addresses that are connected to. */
#include "fixture.h"

#include <stdlib.h>
#include <string.h>
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

#define TEST(name) cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(healthy_when_its_own_port_listens),
        TEST(the_other_loopback_address_is_found),
        TEST(a_stranger_on_its_port_is_named),
        TEST(any_owner_will_do_when_the_file_says_so),
        TEST(an_external_address_without_http_is_connected_to),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
