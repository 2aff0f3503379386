/* The login probe against a real Postgres. */
#include "engine_bench.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The server's password is `kept`; the probe logs in with `known`. */
static struct subject *add_postgres(void **state, struct ds_launch_file *file, const char *kept,
                                    const char *known)
{
    struct subject *subject = add_container(*state, "db", NULL);
    subject->spec.container.image = (char *)"postgres:17";
    subject->spec.health.kind = DS_HEALTH_POSTGRES;
    subject->spec.stop_signal = SIGINT;
    ds_strings_add(&subject->argv, "postgres");
    ds_variables_set(&subject->environment, "POSTGRES_USER", "shop");
    ds_variables_set(&subject->environment, "POSTGRES_DB", "shop");
    ds_variables_set(&subject->environment, "POSTGRES_PASSWORD_FILE", "/run/secrets/password");
    *file = (struct ds_launch_file){.target = (char *)"/run/secrets/password",
                                    .contents = ds_secret_create(kept, strlen(kept)),
                                    .mode = 0444};
    subject->files = file;
    subject->file_count = 1;
    subject->user = subject->database = "shop";
    subject->password = ds_secret_create(known, strlen(known));
    publish(subject, 5432);
    return subject;
}

static void ready_when_a_login_works(void **state)
{
    struct ds_launch_file file;
    struct subject *subject = add_postgres(state, &file, "a good password", "a good password");
    ds_service_start(subject_service(subject));
    assert_true(reaches(subject, DS_STATE_HEALTHY));
    assert_non_null(strstr(subject_status(subject)->last_probe, "login to database shop works"));
    const struct ds_service_times *times = &subject_status(subject)->times;
    print_message("# ready %.0f ms after it was spawned\n",
                  (double)(times->ready - times->spawned) / 1e6);
    ds_service_stop(subject->service);
    assert_true(reaches(subject, DS_STATE_STOPPED));
    assert_int_equal(subject_status(subject)->exit_status, 0);
    ds_secret_unref(file.contents);
}

static bool has_started_twice(void *data)
{
    const struct ds_service_status *status = subject_status(data);
    return status->starts == 2 && status->state == DS_STATE_HEALTHY;
}

static void data_in_a_volume_survives_a_restart(void **state)
{
    struct engine_bench *bench = *state;
    struct ds_launch_file file;
    struct subject *subject = add_postgres(state, &file, "a good password", "a good password");
    ds_auto_free char *name = ds_printf("test-%s-db", bench->run);
    struct ds_engine_mount mount = {
        .type = DS_ENGINE_VOLUME, .source = name, .target = "/var/lib/postgresql/data"};
    subject->mounts = &mount;
    subject->mount_count = 1;
    ds_service_start(subject_service(subject));
    assert_true(reaches(subject, DS_STATE_HEALTHY));
    ds_service_restart(subject->service);
    assert_true(bench_until(bench->bench, has_started_twice, subject));
    assert_true(logs_hold(subject, "holds data: no initialisation"));
    const struct ds_service_times *times = &subject_status(subject)->times;
    print_message("# ready %.0f ms after it was asked for, %.0f after it was spawned\n",
                  (double)(times->ready - times->requested) / 1e6,
                  (double)(times->ready - times->spawned) / 1e6);
    ds_service_stop(subject->service);
    assert_true(reaches(subject, DS_STATE_STOPPED));
    struct plain_answer answer = {0};
    ds_engine_remove(bench->bench->engine, DS_ENGINE_VOLUMES, name, on_plain_answer, &answer);
    assert_true(plain_answered(bench, &answer));
    ds_secret_unref(file.contents);
}

static bool names_the_password(void *data)
{
    const char *text = subject_status(data)->reason.text;
    return text && strstr(text, "password authentication failed for user \"shop\"");
}

static void a_wrong_password_is_told_while_it_starts(void **state)
{
    struct ds_launch_file file;
    struct subject *subject = add_postgres(state, &file, "the old password", "the new password");
    ds_service_start(subject_service(subject));
    assert_true(bench_until(((struct engine_bench *)*state)->bench, names_the_password, subject));
    const struct ds_service_status *status = subject_status(subject);
    assert_int_equal(status->state, DS_STATE_STARTING);
    assert_int_equal(status->reason.code, DS_REASON_PROBING);
    assert_non_null(strstr(status->reason.hint, "another password"));
    assert_null(strstr(status->last_probe, "the new password"));
    ds_secret_unref(file.contents);
}

static void an_old_volumes_password_ends_it_at_once(void **state)
{
    struct ds_launch_file file;
    struct subject *subject = add_postgres(state, &file, "the old password", "the new password");
    subject->spec.kind_word = "postgres";
    subject->spec.restart = DS_RESTART_ALWAYS;
    ds_service_start(subject_service(subject));
    assert_true(reaches(subject, DS_STATE_FAILED));
    const struct ds_service_status *status = subject_status(subject);
    assert_int_equal(status->starts, 1);
    assert_int_equal(status->reason.code, DS_REASON_LOGIN);
    assert_non_null(strstr(status->reason.text, "password authentication failed"));
    assert_non_null(strstr(status->reason.hint, "DEVSTACK_SECRET_<NAME>"));
    ds_secret_unref(file.contents);
}

static void a_database_that_an_old_volume_has_not_ends_it_at_once(void **state)
{
    struct ds_launch_file file;
    struct subject *subject = add_postgres(state, &file, "a good password", "a good password");
    subject->spec.kind_word = "postgres";
    subject->database = "another";
    ds_service_start(subject_service(subject));
    assert_true(reaches(subject, DS_STATE_FAILED));
    assert_int_equal(subject_status(subject)->reason.code, DS_REASON_LOGIN);
    assert_non_null(strstr(subject_status(subject)->reason.text, "\"another\" does not exist"));
    ds_secret_unref(file.contents);
}

static bool is_paused(void *data)
{
    return subject_status(data)->state == DS_STATE_UNHEALTHY;
}

static void a_server_that_stops_answering_becomes_unhealthy(void **state)
{
    struct ds_launch_file file;
    struct subject *subject = add_postgres(state, &file, "a good password", "a good password");
    subject->spec.health.interval = 20 * DS_NS_PER_MS;
    subject->spec.health.timeout = 100 * DS_NS_PER_MS;
    ds_service_start(subject_service(subject));
    assert_true(reaches(subject, DS_STATE_HEALTHY));
    assert_int_equal(kill(subject_status(subject)->pid, SIGSTOP), 0);
    assert_true(bench_until(((struct engine_bench *)*state)->bench, is_paused, subject));
    assert_int_equal(kill(subject_status(subject)->pid, SIGCONT), 0);
    assert_true(reaches(subject, DS_STATE_HEALTHY));
    ds_secret_unref(file.contents);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, engine_bench_setup, engine_bench_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(ready_when_a_login_works),
        TEST(data_in_a_volume_survives_a_restart),
        TEST(a_wrong_password_is_told_while_it_starts),
        TEST(an_old_volumes_password_ends_it_at_once),
        TEST(a_database_that_an_old_volume_has_not_ends_it_at_once),
        TEST(a_server_that_stops_answering_becomes_unhealthy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
