/* Services that are real containers: how they start, answer, fail and end, and an engine that goes
 * away in the middle. */
#include "engine_bench.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define STAY "trap 'exit 0' TERM; while :; do sleep 0.05; done"

static void it_runs_logs_and_is_removed(void **state)
{
    struct subject *subject = add_container(*state, "box", "echo out; echo err >&2; " STAY);
    ds_service_start(subject_service(subject));
    assert_true(reaches(subject, DS_STATE_RUNNING));
    const struct ds_service_status *status = subject_status(subject);
    assert_non_null(status->container);
    assert_true(status->pid > 0);
    assert_true(logs_hold(subject, "out"));
    assert_true(logs_hold(subject, "err"));
    assert_int_equal(containers_left(*state), 1);
    ds_service_stop(subject->service);
    assert_true(reaches(subject, DS_STATE_STOPPED));
    assert_int_equal(containers_left(*state), 0);
}

static void an_exit_code_is_told_and_the_last_line_kept(void **state)
{
    struct subject *subject = add_container(*state, "box", "printf unterminated; exit 3");
    ds_service_start(subject_service(subject));
    assert_true(reaches(subject, DS_STATE_FAILED));
    const struct ds_service_status *status = subject_status(subject);
    assert_int_equal(status->reason.code, DS_REASON_EXITED);
    assert_int_equal(status->reason.number, 3);
    assert_int_equal(status->exit_status, 3 << 8);
    assert_true(logs_hold(subject, "unterminated"));
}

static void a_port_is_ready_when_the_server_inside_listens(void **state)
{
    struct subject *subject = add_container(*state, "web", "sleep 0.3; exec httpd -f -p 8000");
    publish(subject, 8000);
    ds_service_start(subject_service(subject));
    assert_true(reaches_reason(subject, DS_REASON_PROBING));
    assert_true(reaches(subject, DS_STATE_HEALTHY));
    const struct ds_service_times *times = &subject_status(subject)->times;
    /* Docker's proxy accepts from the start on; it did not count. */
    assert_true(times->ready - times->spawned >= 200 * DS_NS_PER_MS);
    assert_string_equal(subject_status(subject)->address, "127.0.0.1");
}

static void http_is_asked_through_the_published_port(void **state)
{
    struct subject *subject = add_container(
        *state, "web", "mkdir /www; echo well >/www/health; exec httpd -f -p 8000 -h /www");
    publish(subject, 8000);
    subject->spec.health.kind = DS_HEALTH_HTTP;
    subject->spec.health.http_path = (char *)"/health";
    ds_service_start(subject_service(subject));
    assert_true(reaches(subject, DS_STATE_HEALTHY));
    assert_non_null(strstr(subject_status(subject)->last_probe, "HTTP 200"));
}

static void a_command_inside_decides(void **state)
{
    struct subject *subject = add_container(*state, "box", "sleep 0.1; touch /tmp/up; " STAY);
    subject->spec.health.kind = DS_HEALTH_EXEC;
    ds_strings_add(&subject->health_exec, "test");
    ds_strings_add(&subject->health_exec, "-e");
    ds_strings_add(&subject->health_exec, "/tmp/up");
    ds_service_start(subject_service(subject));
    assert_true(reaches(subject, DS_STATE_HEALTHY));
}

static void a_secret_arrives_as_a_file(void **state)
{
    struct subject *subject =
        add_container(*state, "box", "cat /run/secrets/word; ls -l /run/secrets; " STAY);
    ds_auto_secret struct ds_secret *word = ds_secret_create("sesame\n", 7);
    struct ds_launch_file file = {
        .target = (char *)"/run/secrets/word", .contents = word, .uid = 70, .mode = 0400};
    subject->files = &file;
    subject->file_count = 1;
    ds_service_start(subject_service(subject));
    assert_true(logs_hold(subject, "sesame"));
    assert_true(logs_hold(subject, "-r--------"));
    assert_true(reaches(subject, DS_STATE_RUNNING));
}

static void one_that_ignores_the_signal_is_killed_after_its_grace(void **state)
{
    struct subject *subject =
        add_container(*state, "box", "trap '' TERM; echo deaf; while :; do sleep 0.05; done");
    subject->spec.stop_grace = 50 * DS_NS_PER_MS;
    ds_service_start(subject_service(subject));
    assert_true(logs_hold(subject, "deaf"));
    ds_service_stop(subject->service);
    assert_true(reaches(subject, DS_STATE_STOPPED));
    assert_int_equal(subject_status(subject)->exit_status, (128 + SIGKILL) << 8);
}

static void a_stop_while_it_is_being_made_leaves_nothing(void **state)
{
    struct subject *subject = add_container(*state, "box", STAY);
    ds_service_start(subject_service(subject));
    assert_true(reaches(subject, DS_STATE_PREPARING));
    ds_service_stop(subject->service);
    assert_true(reaches(subject, DS_STATE_STOPPED));
    assert_int_equal(containers_left(*state), 0);
    ds_service_start(subject->service);
    assert_true(reaches(subject, DS_STATE_RUNNING));
}

static void what_an_earlier_run_left_is_replaced(void **state)
{
    struct engine_bench *bench = *state;
    struct subject *old = add_container(bench, "box", STAY);
    struct subject *new = add_container(bench, "box", STAY);
    ds_service_start(subject_service(old));
    assert_true(reaches(old, DS_STATE_RUNNING));
    ds_service_start(subject_service(new));
    assert_true(reaches(new, DS_STATE_RUNNING));
    assert_true(reaches(old, DS_STATE_FAILED)); /* its container was taken away */
    assert_int_equal(containers_left(bench), 1);
}

static void a_foreign_container_of_the_same_name_is_left_alone(void **state)
{
    struct engine_bench *bench = *state;
    struct subject *foreign = add_container(bench, "box", STAY);
    ds_variables_set(&foreign->labels, "dev.devstack.stack", "somebody else");
    struct subject *ours = add_container(bench, "box", STAY);
    ds_service_start(subject_service(foreign));
    assert_true(reaches(foreign, DS_STATE_RUNNING));
    ds_service_start(subject_service(ours));
    assert_true(reaches(ours, DS_STATE_FAILED));
    assert_non_null(strstr(subject_status(ours)->reason.text, "does not belong to this stack"));
    assert_int_equal(subject_status(foreign)->state, DS_STATE_RUNNING);
}

static void a_missing_image_is_told(void **state)
{
    struct subject *never = add_container(*state, "never", STAY);
    struct subject *nowhere = add_container(*state, "nowhere", STAY);
    never->spec.container.image = (char *)"devstack-test/not-there:1";
    nowhere->spec.container.image = (char *)"127.0.0.1:1/not-there:1";
    nowhere->spec.container.pull_policy = DS_PULL_MISSING;
    ds_service_start(subject_service(never));
    ds_service_start(subject_service(nowhere));
    assert_true(reaches(never, DS_STATE_FAILED));
    assert_true(reaches(nowhere, DS_STATE_FAILED));
    assert_int_equal(subject_status(never)->reason.code, DS_REASON_IMAGE);
    assert_int_equal(subject_status(nowhere)->reason.code, DS_REASON_IMAGE);
}

static void a_taken_port_is_told(void **state)
{
    struct subject *subject = add_container(*state, "web", "exec httpd -f -p 8000");
    publish(subject, 8000);
    ds_auto_fd int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(subject->port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(listen(fd, 1), 0);
    ds_service_start(subject_service(subject));
    assert_true(reaches(subject, DS_STATE_FAILED));
    assert_int_equal(subject_status(subject)->reason.code, DS_REASON_PORT_TAKEN);
    assert_int_equal(containers_left(*state), 0);
}

static void a_container_that_is_taken_away_has_ended(void **state)
{
    struct engine_bench *bench = *state;
    struct subject *subject = add_container(bench, "box", STAY);
    ds_service_start(subject_service(subject));
    assert_true(reaches(subject, DS_STATE_RUNNING));
    struct plain_answer answer = {0};
    ds_container_remove(bench->bench->engine, subject_status(subject)->container, on_plain_answer,
                        &answer);
    assert_true(reaches(subject, DS_STATE_FAILED));
    assert_true(plain_answered(bench, &answer));
}

static void an_engine_that_comes_back_finds_it_running(void **state)
{
    struct engine_bench *bench = *state;
    struct subject *subject =
        add_container(bench, "box", "i=0; while :; do i=$((i+1)); echo tick $i.; sleep 0.05; done");
    ds_service_start(subject_service(subject));
    assert_true(reaches(subject, DS_STATE_RUNNING));
    relay_cut(bench->relay);
    assert_true(reaches(subject, DS_STATE_UNHEALTHY));
    assert_int_equal(subject_status(subject)->reason.code, DS_REASON_ENGINE);
    relay_restore(bench->relay);
    assert_true(reaches(subject, DS_STATE_RUNNING));
    assert_int_equal(subject_status(subject)->starts, 1);
    assert_true(logs_hold(subject, "tick 12."));
}

/* Lines before, during and after the outage, the unterminated last one too, each of them once. */
static void an_outage_loses_and_repeats_no_output(void **state)
{
    struct engine_bench *bench = *state;
    struct subject *subject = add_container(
        bench, "box",
        "i=0; while [ $i -lt 60 ]; do i=$((i+1)); echo tick $i.; sleep 0.01; done; printf end");
    ds_service_start(subject_service(subject));
    assert_true(logs_hold(subject, "tick 5."));
    relay_cut(bench->relay);
    assert_true(reaches(subject, DS_STATE_UNHEALTHY));
    relay_restore(bench->relay);
    assert_true(reaches(subject, DS_STATE_STOPPED));
    ds_auto_free char *tail = logged(subject);
    assert_non_null(strstr(tail, "end"));
    for (int i = 1; i <= 60; i++) {
        ds_auto_free char *tick = ds_printf("tick %d.", i);
        const char *found = strstr(tail, tick);
        assert_non_null(found);
        assert_null(strstr(found + 1, tick));
    }
}

/* Ten at once: the engine is busy while they end. */
static void the_only_line_of_one_that_ends_at_once_is_kept(void **state)
{
    struct subject *subjects[10];
    for (size_t i = 0; i < DS_COUNT(subjects); i++) {
        ds_auto_free char *name = ds_printf("box%zu", i);
        subjects[i] = add_container(*state, name, "printf unterminated");
        ds_service_start(subject_service(subjects[i]));
    }
    for (size_t i = 0; i < DS_COUNT(subjects); i++) {
        assert_true(reaches(subjects[i], DS_STATE_STOPPED));
        assert_true(logs_hold(subjects[i], "unterminated"));
    }
}

static void one_that_ended_while_the_engine_was_away_has_ended(void **state)
{
    struct engine_bench *bench = *state;
    struct subject *subject = add_container(bench, "box", "sleep 0.3; exit 5");
    ds_service_start(subject_service(subject));
    assert_true(reaches(subject, DS_STATE_RUNNING));
    relay_cut(bench->relay);
    assert_true(reaches(subject, DS_STATE_UNHEALTHY));
    relay_restore(bench->relay);
    assert_true(reaches(subject, DS_STATE_FAILED));
    assert_int_equal(subject_status(subject)->exit_status, 5 << 8);
}

static void a_stop_waits_no_longer_than_its_grace_for_an_engine(void **state)
{
    struct engine_bench *bench = *state;
    struct subject *subject = add_container(bench, "box", STAY);
    subject->spec.stop_grace = 100 * DS_NS_PER_MS;
    ds_service_start(subject_service(subject));
    assert_true(reaches(subject, DS_STATE_RUNNING));
    ds_auto_free char *id = ds_strdup(subject_status(subject)->container);
    relay_cut(bench->relay);
    assert_true(reaches(subject, DS_STATE_UNHEALTHY));
    ds_service_stop(subject->service);
    assert_true(reaches(subject, DS_STATE_STOPPED));
    relay_restore(bench->relay);
    struct plain_answer answer = {0};
    ds_container_remove(bench->bench->engine, id, on_plain_answer, &answer);
    assert_true(plain_answered(bench, &answer));
}

static void using_too_much_memory_is_told(void **state)
{
    struct subject *subject = add_container(*state, "box", "exec tail /dev/zero");
    subject->spec.container.mem_limit = 8 << 20;
    ds_service_start(subject_service(subject));
    assert_true(reaches(subject, DS_STATE_FAILED));
    assert_int_equal(subject_status(subject)->reason.code, DS_REASON_OUT_OF_MEMORY);
}

struct volumes {
    bool done;
    size_t count;
    char *name;
};

static void on_volumes(void *data, const struct ds_engine_item *items, size_t count,
                       const struct ds_error *error)
{
    struct volumes *volumes = data;
    volumes->done = true;
    volumes->count = error ? SIZE_MAX : count;
    if (volumes->count == 1)
        volumes->name = ds_strdup(items[0].name);
}

static bool are_listed(void *data)
{
    return ((struct volumes *)data)->done;
}

static void a_named_volume_is_made_with_labels_and_stays(void **state)
{
    struct engine_bench *bench = *state;
    struct subject *subject =
        add_container(bench, "box", "cat /data/kept; echo remembered >/data/kept; " STAY);
    ds_auto_free char *name = ds_printf("test-%s-data", bench->run);
    struct ds_engine_mount mount = {.type = DS_ENGINE_VOLUME, .source = name, .target = "/data"};
    subject->mounts = &mount;
    subject->mount_count = 1;
    ds_service_start(subject_service(subject));
    assert_true(reaches(subject, DS_STATE_RUNNING));
    assert_false(has_seen(subject, DS_STATE_STOPPED));
    assert_true(logs_hold(subject, "can't open"));
    ds_service_restart(subject->service);
    assert_true(logs_hold(subject, "remembered"));
    ds_service_stop(subject->service);
    assert_true(reaches(subject, DS_STATE_STOPPED));
    struct volumes volumes = {0};
    ds_auto_free char *label = ds_printf("dev.devstack.run=%s", bench->run);
    ds_engine_list(bench->bench->engine, DS_ENGINE_VOLUMES, label, on_volumes, &volumes);
    assert_true(bench_until(bench->bench, are_listed, &volumes));
    assert_int_equal(volumes.count, 1);
    assert_string_equal(volumes.name, name);
    free(volumes.name);
    struct plain_answer answer = {0};
    ds_engine_remove(bench->bench->engine, DS_ENGINE_VOLUMES, name, on_plain_answer, &answer);
    assert_true(plain_answered(bench, &answer));
}

/* Speaks to the engine about things that devstack itself never does. */
struct raw_answer {
    bool done;
    int status;
};

static void on_raw(void *data, const struct ds_http_answer *answer)
{
    struct raw_answer *raw = data;
    raw->done = true;
    raw->status = answer->status;
}

static bool is_answered(void *data)
{
    return ((struct raw_answer *)data)->done;
}

static int raw_call(struct engine_bench *bench, const char *method, const char *path,
                    const char *body)
{
    ds_auto_free char *socket = bench_path(bench->bench, "engine.sock");
    ds_auto_free char *url = ds_printf("http://engine%s", path);
    struct raw_answer raw = {0};
    ds_http_send(bench->bench->http,
                 &(struct ds_http_request){.method = method,
                                           .url = url,
                                           .unix_socket = socket,
                                           .body = body,
                                           .body_length = body ? strlen(body) : 0},
                 &(struct ds_http_events){.on_done = on_raw, .data = &raw});
    return bench_until(bench->bench, is_answered, &raw) ? raw.status : 0;
}

#define HEALTHCHECK "HEALTHCHECK --interval=100ms --timeout=5s --retries=1 CMD test -e /tmp/well"

struct look {
    bool done, running, has_health;
};

static void on_look(void *data, const struct ds_container_state *state,
                    const struct ds_error *error)
{
    struct look *look = data;
    look->done = true;
    look->running = !error && state->running;
    look->has_health = !error && state->has_health;
}

static bool has_looked(void *data)
{
    return ((struct look *)data)->done;
}

/* The test image with an instruction of a Dockerfile more, or a configuration. */
static char *make_image(struct engine_bench *bench, const char *instruction, const char *config)
{
    struct subject *base = add_container(bench, "base", STAY);
    ds_service_start(subject_service(base));
    assert_true(reaches(base, DS_STATE_RUNNING));
    ds_auto_free char *change = ds_percent_encode(instruction);
    ds_auto_free char *path =
        ds_printf("/commit?container=%s&repo=devstack-test/checked&tag=%s&changes=%s",
                  subject_status(base)->container, bench->run, change);
    assert_int_equal(raw_call(bench, "POST", path, config), 201);
    ds_service_kill(base->service);
    assert_true(reaches(base, DS_STATE_STOPPED));
    return ds_printf("devstack-test/checked:%s", bench->run);
}

static void remove_image(struct engine_bench *bench, const char *image)
{
    ds_auto_free char *path = ds_printf("/images/%s", image);
    assert_int_equal(raw_call(bench, "DELETE", path, NULL), 200);
}

static void an_images_own_health_check_is_followed(void **state)
{
    struct engine_bench *bench = *state;
    ds_auto_free char *image = make_image(bench, HEALTHCHECK, NULL);
    struct subject *subject = add_container(
        bench, "box", "trap 'rm /tmp/well' USR1; touch /tmp/well; while :; do sleep 0.05; done");
    subject->spec.container.image = image;
    ds_service_start(subject_service(subject));
    assert_true(reaches(subject, DS_STATE_HEALTHY));
    struct plain_answer answer = {0};
    ds_container_signal(bench->bench->engine, subject_status(subject)->container, "SIGUSR1",
                        on_plain_answer, &answer);
    assert_true(plain_answered(bench, &answer));
    assert_true(reaches(subject, DS_STATE_UNHEALTHY));
    assert_non_null(strstr(subject_status(subject)->reason.text, "Docker's health check fails"));
    ds_service_kill(subject->service);
    assert_true(reaches(subject, DS_STATE_STOPPED));
    remove_image(bench, image);
}

static void health_is_looked_at_anew_after_events_were_missed(void **state)
{
    struct engine_bench *bench = *state;
    ds_auto_free char *image = make_image(bench, HEALTHCHECK, NULL);
    struct subject *subject =
        add_container(bench, "box",
                      "trap 'rm /tmp/well; sleep 0.5; echo gone' USR1; touch /tmp/well; "
                      "while :; do sleep 0.05; done");
    subject->spec.container.image = image;
    ds_service_start(subject_service(subject));
    assert_true(reaches(subject, DS_STATE_HEALTHY));
    relay_cut_events(bench->relay);
    struct plain_answer answer = {0};
    ds_container_signal(bench->bench->engine, subject_status(subject)->container, "SIGUSR1",
                        on_plain_answer, &answer);
    assert_true(plain_answered(bench, &answer));
    assert_true(logs_hold(subject, "gone"));
    assert_int_equal(subject_status(subject)->state, DS_STATE_HEALTHY);
    relay_restore_events(bench->relay);
    assert_true(reaches(subject, DS_STATE_UNHEALTHY));
    ds_service_kill(subject->service);
    assert_true(reaches(subject, DS_STATE_STOPPED));
    remove_image(bench, image);
}

static void a_disabled_health_check_switches_the_images_own_off(void **state)
{
    struct engine_bench *bench = *state;
    ds_auto_free char *image = make_image(bench, HEALTHCHECK, NULL);
    struct subject *subject = add_container(bench, "box", STAY);
    subject->spec.container.image = image;
    subject->spec.health.kind = DS_HEALTH_NONE;
    subject->spec.health.disable = true;
    ds_service_start(subject_service(subject));
    assert_true(reaches(subject, DS_STATE_RUNNING));
    struct look look = {0};
    ds_container_inspect(bench->bench->engine, subject_status(subject)->container, on_look, &look);
    assert_true(bench_until(bench->bench, has_looked, &look));
    assert_true(look.running);
    assert_false(look.has_health);
    ds_service_kill(subject->service);
    assert_true(reaches(subject, DS_STATE_STOPPED));
    remove_image(bench, image);
}

static void an_images_own_stop_signal_is_sent(void **state)
{
    struct engine_bench *bench = *state;
    ds_auto_free char *image =
        make_image(bench, "LABEL checked=1", "{\"StopSignal\": \"SIGUSR1\"}");
    struct subject *subject =
        add_container(bench, "box", "trap 'exit 7' USR1; echo here; while :; do sleep 0.05; done");
    subject->spec.container.image = image;
    subject->spec.stop_signal = 0;
    ds_service_start(subject_service(subject));
    assert_true(logs_hold(subject, "here"));
    ds_service_stop(subject->service);
    assert_true(reaches(subject, DS_STATE_STOPPED));
    assert_int_equal(subject_status(subject)->exit_status, 7 << 8);
    remove_image(bench, image);
}

static void closing_in_the_middle_leaves_nothing(void **state)
{
    struct subject *running = add_container(*state, "running", STAY);
    struct subject *coming = add_container(*state, "coming", STAY);
    ds_service_start(subject_service(running));
    assert_true(reaches(running, DS_STATE_RUNNING));
    ds_service_start(subject_service(coming));
    assert_true(reaches(coming, DS_STATE_PREPARING));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, engine_bench_setup, engine_bench_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(it_runs_logs_and_is_removed),
        TEST(an_exit_code_is_told_and_the_last_line_kept),
        TEST(a_port_is_ready_when_the_server_inside_listens),
        TEST(http_is_asked_through_the_published_port),
        TEST(a_command_inside_decides),
        TEST(a_secret_arrives_as_a_file),
        TEST(one_that_ignores_the_signal_is_killed_after_its_grace),
        TEST(a_stop_while_it_is_being_made_leaves_nothing),
        TEST(what_an_earlier_run_left_is_replaced),
        TEST(a_foreign_container_of_the_same_name_is_left_alone),
        TEST(a_missing_image_is_told),
        TEST(a_taken_port_is_told),
        TEST(a_container_that_is_taken_away_has_ended),
        TEST(an_engine_that_comes_back_finds_it_running),
        TEST(an_outage_loses_and_repeats_no_output),
        TEST(the_only_line_of_one_that_ends_at_once_is_kept),
        TEST(one_that_ended_while_the_engine_was_away_has_ended),
        TEST(a_stop_waits_no_longer_than_its_grace_for_an_engine),
        TEST(using_too_much_memory_is_told),
        TEST(a_named_volume_is_made_with_labels_and_stays),
        TEST(an_images_own_health_check_is_followed),
        TEST(health_is_looked_at_anew_after_events_were_missed),
        TEST(a_disabled_health_check_switches_the_images_own_off),
        TEST(an_images_own_stop_signal_is_sent),
        TEST(closing_in_the_middle_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, engine_bench_images, NULL);
}
