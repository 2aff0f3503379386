/* Containers of a real engine: their life, their files, ports, output, commands, and cancelling. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "devstack/base/memory.h"
#include "tests/support/engine_fixture.h"

struct output {
    struct ds_text out, err;
    unsigned pieces;
};

static void take_output(void *data, bool is_stderr, const char *bytes, size_t length)
{
    struct output *output = data;
    ds_text_append_bytes(is_stderr ? &output->err : &output->out, bytes, length);
    output->pieces++;
}

/* The logs call has one `data` for both callbacks. */
struct log_reader {
    struct engine_answer *answer;
    struct output output;
};

static void reader_output(void *data, bool is_stderr, const char *bytes, size_t length)
{
    take_output(&((struct log_reader *)data)->output, is_stderr, bytes, length);
}

static void reader_done(void *data, const struct ds_error *error)
{
    answer_done(((struct log_reader *)data)->answer, error);
}

static void finish_reader(struct log_reader *reader)
{
    ds_text_finish(&reader->output.out);
    ds_text_finish(&reader->output.err);
}

static bool exec(struct engine_fixture *fixture, const char *id, const char *script)
{
    ds_auto_strings struct ds_strings command = {0};
    ds_strings_add(&command, "sh");
    ds_strings_add(&command, "-c");
    ds_strings_add(&command, script);
    answer_reset(&fixture->answer);
    ds_container_exec(fixture->engine, id, &command, answer_executed, &fixture->answer);
    return engine_wait(fixture);
}

static bool inspect(struct engine_fixture *fixture, const char *id)
{
    answer_reset(&fixture->answer);
    ds_container_inspect(fixture->engine, id, answer_inspected, &fixture->answer);
    return engine_wait(fixture);
}

static void lives_from_creation_to_removal(void **state)
{
    struct engine_fixture *fixture = *state;
    ds_auto_free char *id = engine_run_shell(fixture, "exit 7");
    assert_non_null(id);
    answer_reset(&fixture->answer);
    ds_container_wait(fixture->engine, id, answer_ended, &fixture->answer);
    assert_true(engine_wait(fixture));
    assert_int_equal(fixture->answer.exit_code, 7);
    assert_true(inspect(fixture, id));
    assert_false(fixture->answer.running);
    assert_int_equal(fixture->answer.exit_code, 7);
    assert_int_equal(fixture->answer.pid, 0);
    for (int i = 0; i < 2; i++) { /* removing what is gone is no error */
        answer_reset(&fixture->answer);
        ds_container_remove(fixture->engine, id, answer_done, &fixture->answer);
        assert_true(engine_wait(fixture));
    }
    assert_false(inspect(fixture, id));
    assert_int_equal(fixture->answer.code, DS_ERROR_MISSING);
}

static void a_signal_ends_it_and_a_second_one_finds_nothing(void **state)
{
    struct engine_fixture *fixture = *state;
    ds_auto_free char *id =
        engine_run_shell(fixture, "trap 'exit 3' TERM; while :; do sleep 0.01; done");
    assert_non_null(id);
    struct engine_answer ended = {0};
    ds_container_wait(fixture->engine, id, answer_ended, &ended);
    assert_true(exec(fixture, id, "true"));
    answer_reset(&fixture->answer);
    ds_container_signal(fixture->engine, id, "SIGKILL", answer_done, &fixture->answer);
    assert_true(engine_wait(fixture));
    assert_true(loop_run_until(fixture->base, &ended.done));
    assert_int_equal(ended.exit_code, 137);
    answer_reset(&fixture->answer);
    ds_container_signal(fixture->engine, id, "SIGTERM", answer_done, &fixture->answer);
    assert_false(engine_wait(fixture));
    assert_int_equal(fixture->answer.code, DS_ERROR_NOT_RUNNING);
}

static void removals_side_by_side_all_see_it_gone(void **state)
{
    struct engine_fixture *fixture = *state;
    ds_auto_free char *id = engine_run_shell(fixture, "sleep 1000");
    assert_non_null(id);
    struct engine_answer answers[4] = {0};
    for (size_t i = 0; i < DS_COUNT(answers); i++)
        ds_container_remove(fixture->engine, id, answer_done, &answers[i]);
    for (size_t i = 0; i < DS_COUNT(answers); i++) {
        assert_true(loop_run_until(fixture->base, &answers[i].done));
        assert_false(answers[i].failed);
    }
    assert_false(inspect(fixture, id));
    assert_int_equal(fixture->answer.code, DS_ERROR_MISSING);
}

static void publishes_ports_on_loopback_only(void **state)
{
    struct engine_fixture *fixture = *state;
    struct ds_engine_port ports[] = {{.container = 80}, {.container = 81}};
    ds_auto_free char *id = engine_create(
        fixture,
        (struct ds_container_config){.ports = ports, .port_count = 2, .host_address = "127.0.0.1"});
    assert_non_null(id);
    answer_reset(&fixture->answer);
    ds_container_start(fixture->engine, id, answer_done, &fixture->answer);
    assert_true(engine_wait(fixture));
    assert_true(inspect(fixture, id));
    assert_true(fixture->answer.running);
    assert_true(fixture->answer.pid > 0);
    assert_int_equal(fixture->answer.port_count, 2);
    uint16_t host = fixture->answer.ports[0].host;
    assert_true(host > 0);
    answer_reset(&fixture->answer);
    ds_engine_list(fixture->engine, DS_ENGINE_CONTAINERS, fixture->label, answer_listed,
                   &fixture->answer);
    assert_true(engine_wait(fixture));
    assert_int_equal(fixture->answer.item_count, 1);
    assert_string_equal(fixture->answer.id, id);
    assert_string_equal(fixture->answer.state, "running");

    /* A second container cannot have the same host port. */
    ports[0].host = host;
    ds_auto_free char *second = engine_create(
        fixture,
        (struct ds_container_config){.ports = ports, .port_count = 1, .host_address = "127.0.0.1"});
    assert_non_null(second);
    answer_reset(&fixture->answer);
    ds_container_start(fixture->engine, second, answer_done, &fixture->answer);
    assert_false(engine_wait(fixture));
    assert_int_equal(fixture->answer.code, DS_ERROR_PORT);
}

static void a_file_is_there_and_the_inspection_does_not_show_it(void **state)
{
    struct engine_fixture *fixture = *state;
    ds_auto_free char *id = engine_create(fixture, (struct ds_container_config){0});
    assert_non_null(id);
    static const char *const paths[] = {"/run/secrets/deep/password", "/tmp/password", "/password"};
    for (size_t i = 0; i < DS_COUNT(paths); i++) {
        answer_reset(&fixture->answer);
        ds_container_put_file(fixture->engine, id, paths[i], "hunter2", 7, 70, 71, 0400,
                              answer_done, &fixture->answer);
        assert_true(engine_wait(fixture));
    }
    answer_reset(&fixture->answer);
    ds_container_start(fixture->engine, id, answer_done, &fixture->answer);
    assert_true(engine_wait(fixture));
    assert_true(exec(fixture, id,
                     "cat /run/secrets/deep/password /tmp/password /password; echo;"
                     "stat -c '%a %u %g' /run/secrets/deep/password /run/secrets /tmp"));
    assert_int_equal(fixture->answer.exit_code, 0);
    assert_string_equal(fixture->answer.id,
                        "hunter2hunter2hunter2\n400 70 71\n755 0 0\n1777 0 0\n");
}

static void a_file_does_not_go_into_a_missing_container_or_to_a_relative_path(void **state)
{
    struct engine_fixture *fixture = *state;
    answer_reset(&fixture->answer);
    ds_container_put_file(fixture->engine, "devstack-no-such-container", "/run/x", "x", 1, 0, 0,
                          0400, answer_done, &fixture->answer);
    assert_false(engine_wait(fixture));
    assert_int_equal(fixture->answer.code, DS_ERROR_MISSING);
    answer_reset(&fixture->answer);
    ds_container_put_file(fixture->engine, "x", "run/x", "x", 1, 0, 0, 0400, answer_done,
                          &fixture->answer);
    assert_false(fixture->answer.done);
    assert_false(engine_wait(fixture));
    assert_non_null(strstr(fixture->answer.message, "not absolute"));
}

static void output_is_told_apart(void **state)
{
    struct engine_fixture *fixture = *state;
    ds_auto_free char *id =
        engine_run_shell(fixture, "echo one; echo two >&2; printf three; yes | head -c 300000");
    assert_non_null(id);
    answer_reset(&fixture->answer);
    struct log_reader reader = {.answer = &fixture->answer};
    struct ds_log_position position = {0};
    ds_container_logs(fixture->engine, id, true, &position, reader_output, reader_done, &reader);
    assert_true(engine_wait(fixture));
    assert_true(ds_string_starts(ds_text_string(&reader.output.out), "one\nthreey\ny\n"));
    assert_int_equal(reader.output.out.length, 4 + 5 + 300000);
    assert_string_equal(ds_text_string(&reader.output.err), "two\n");
    finish_reader(&reader);
}

/* An engine may end what it follows without the unterminated last line: what is read after it
 * brings that, and nothing twice. */
static void reading_goes_on_where_it_ended(void **state)
{
    struct engine_fixture *fixture = *state;
    ds_auto_free char *id =
        engine_run_shell(fixture, "echo one; sleep 0.05; echo two >&2; printf three");
    assert_non_null(id);
    struct ds_log_position position = {0};
    struct log_reader reader = {.answer = &fixture->answer};
    uint64_t deadline = uv_hrtime() + UINT64_C(20000000000);
    for (int after = 0, reads = 0; after < 2; reads++) {
        answer_reset(&fixture->answer);
        ds_container_logs(fixture->engine, id, reads == 0, &position, reader_output, reader_done,
                          &reader);
        assert_true(engine_wait(fixture));
        assert_true(uv_hrtime() < deadline);
        after += reader.output.out.length >= strlen("one\nthree");
    }
    assert_string_equal(ds_text_string(&reader.output.out), "one\nthree");
    assert_string_equal(ds_text_string(&reader.output.err), "two\n");
    finish_reader(&reader);
}

static void a_terminals_output_is_raw(void **state)
{
    struct engine_fixture *fixture = *state;
    ds_auto_strings struct ds_strings command = {0};
    ds_strings_add(&command, "sh");
    ds_strings_add(&command, "-c");
    ds_strings_add(&command, "tty; echo err >&2");
    ds_auto_free char *id =
        engine_create(fixture, (struct ds_container_config){.command = &command, .tty = true});
    assert_non_null(id);
    answer_reset(&fixture->answer);
    ds_container_start(fixture->engine, id, answer_done, &fixture->answer);
    assert_true(engine_wait(fixture));
    answer_reset(&fixture->answer);
    struct log_reader reader = {.answer = &fixture->answer};
    struct ds_log_position position = {0};
    ds_container_logs(fixture->engine, id, true, &position, reader_output, reader_done, &reader);
    assert_true(engine_wait(fixture));
    assert_string_equal(ds_text_string(&reader.output.out), "/dev/pts/0\r\nerr\r\n");
    assert_int_equal(reader.output.err.length, 0);
    finish_reader(&reader);
}

struct stopper {
    struct ds_engine_call *call;
    bool heard, told;
};

static void stop_at_first_output(void *data, bool is_stderr, const char *bytes, size_t length)
{
    (void)is_stderr, (void)bytes, (void)length;
    struct stopper *stopper = data;
    if (stopper->heard)
        stopper->told = true;
    stopper->heard = true;
    ds_engine_cancel(stopper->call);
}

static void note_told(void *data, const struct ds_error *error)
{
    (void)error;
    ((struct stopper *)data)->told = true;
}

static void a_call_cancelled_in_its_own_callback_is_silent(void **state)
{
    struct engine_fixture *fixture = *state;
    ds_auto_free char *id = engine_run_shell(fixture, "echo a; echo b >&2; echo c; sleep 1000");
    assert_non_null(id);
    struct stopper stopper = {0};
    struct ds_log_position position = {0};
    stopper.call = ds_container_logs(fixture->engine, id, true, &position, stop_at_first_output,
                                     note_told, &stopper);
    assert_true(loop_run_until(fixture->base, &stopper.heard));
    assert_true(exec(fixture, id, "true")); /* the loop has turned */
    assert_false(stopper.told);
}

static void exec_gives_code_and_output(void **state)
{
    struct engine_fixture *fixture = *state;
    ds_auto_free char *id = engine_run_shell(fixture, "sleep 1000");
    assert_non_null(id);
    assert_true(exec(fixture, id, "echo out; echo err >&2; exit 5"));
    assert_int_equal(fixture->answer.exit_code, 5);
    assert_int_equal(strlen(fixture->answer.id), 8);
    assert_true(exec(fixture, id, "yes | head -c 200000"));
    assert_int_equal(strlen(fixture->answer.id), 64 * 1024);
}

static void settings_reach_the_container(void **state)
{
    struct engine_fixture *fixture = *state;
    ds_auto_variables struct ds_variables environment = {0};
    ds_variables_set(&environment, "GREETING", "hello = world");
    ds_auto_strings struct ds_strings hosts = {0};
    ds_strings_add(&hosts, "elsewhere:10.1.2.3");
    struct ds_engine_mount mounts[] = {{.type = DS_ENGINE_TMPFS, .target = "/scratch"},
                                       {.type = DS_ENGINE_BIND,
                                        .source = "/etc/hostname",
                                        .target = "/host-name",
                                        .read_only = true}};
    ds_auto_free char *id =
        engine_create(fixture, (struct ds_container_config){.environment = &environment,
                                                            .working_dir = "/tmp",
                                                            .user = "1234:5678",
                                                            .extra_hosts = &hosts,
                                                            .mounts = mounts,
                                                            .mount_count = 2,
                                                            .shm_size = 1 << 20,
                                                            .mem_limit = 64 << 20,
                                                            .cpus = 0.5});
    assert_non_null(id);
    answer_reset(&fixture->answer);
    ds_container_start(fixture->engine, id, answer_done, &fixture->answer);
    assert_true(engine_wait(fixture));
    assert_true(exec(fixture, id,
                     "echo $GREETING; pwd; id -u; id -g; grep -c elsewhere /etc/hosts;"
                     "grep -c ' /scratch tmpfs' /proc/mounts; test -s /host-name && echo bound"));
    assert_string_equal(fixture->answer.id, "hello = world\n/tmp\n1234\n5678\n1\n1\nbound\n");
}

static void health_is_told_and_can_be_switched_off(void **state)
{
    struct engine_fixture *fixture = *state;
    ds_auto_strings struct ds_strings test = {0};
    ds_strings_add(&test, "CMD");
    ds_strings_add(&test, "true");
    ds_auto_free char *id =
        engine_create(fixture, (struct ds_container_config){.has_healthcheck_test = true,
                                                            .healthcheck_test = &test});
    ds_auto_free char *without =
        engine_create(fixture, (struct ds_container_config){.has_healthcheck_test = true});
    assert_non_null(id);
    assert_non_null(without);
    answer_reset(&fixture->answer);
    ds_container_start(fixture->engine, id, answer_done, &fixture->answer);
    assert_true(engine_wait(fixture));
    assert_true(inspect(fixture, id));
    assert_true(fixture->answer.has_health);
    assert_string_equal(fixture->answer.health, "starting");
    assert_true(inspect(fixture, without));
    assert_false(fixture->answer.has_health);
}

static void a_missing_image_says_how_to_get_it(void **state)
{
    struct engine_fixture *fixture = *state;
    assert_null(engine_create(
        fixture, (struct ds_container_config){.image = "devstack-test/no-such-image:1"}));
    assert_int_equal(fixture->answer.code, DS_ERROR_MISSING);
    assert_non_null(strstr(fixture->answer.message, "devstack-test/no-such-image:1"));
    assert_non_null(fixture->answer.hint);
}

static void images_are_present_or_not(void **state)
{
    struct engine_fixture *fixture = *state;
    answer_reset(&fixture->answer);
    ds_engine_image_present(fixture->engine, ENGINE_TEST_IMAGE, answer_present, &fixture->answer);
    assert_true(engine_wait(fixture));
    assert_true(fixture->answer.present);
    answer_reset(&fixture->answer);
    ds_engine_image_present(fixture->engine, "devstack-test/no-such-image:1", answer_present,
                            &fixture->answer);
    assert_true(engine_wait(fixture));
    assert_false(fixture->answer.present);
}

static void containers_find_each_other_on_a_network(void **state)
{
    struct engine_fixture *fixture = *state;
    ds_auto_free char *network = ds_printf("devstack-test-%s", fixture->run);
    answer_reset(&fixture->answer);
    ds_network_create(fixture->engine, network, &fixture->labels, answer_done, &fixture->answer);
    assert_true(engine_wait(fixture));
    ds_auto_free char *id = engine_create(
        fixture, (struct ds_container_config){.network = network, .network_alias = "db"});
    assert_non_null(id);
    answer_reset(&fixture->answer);
    ds_container_start(fixture->engine, id, answer_done, &fixture->answer);
    assert_true(engine_wait(fixture));
    assert_true(exec(fixture, id, "ping -c 1 -W 2 db >/dev/null && echo reached"));
    assert_string_equal(fixture->answer.id, "reached\n");
    answer_reset(&fixture->answer);
    ds_network_create(fixture->engine, network, &fixture->labels, answer_done, &fixture->answer);
    assert_false(engine_wait(fixture));
}

static void an_engine_destroyed_under_way_is_silent(void **state)
{
    struct engine_fixture *fixture = *state;
    ds_auto_free char *id = engine_run_shell(fixture, "sleep 1000");
    assert_non_null(id);
    struct ds_engine *other = ds_engine_create(fixture->http, &fixture->environment, NULL);
    assert_non_null(other);
    struct engine_answer answer = {0};
    ds_engine_connect(other, answer_connected, &answer);
    assert_true(loop_run_until(fixture->base, &answer.done));
    answer_reset(&answer);
    ds_container_wait(other, id, answer_ended, &answer);
    ds_container_inspect(other, id, answer_inspected, &answer);
    ds_engine_pull(other, ENGINE_TEST_IMAGE, NULL, NULL, answer_done, &answer);
    ds_engine_sweep(other, "dev.devstack.run=nobody", answer_swept, &answer);
    ds_engine_destroy(other);
    assert_true(exec(fixture, id, "true"));
    assert_false(answer.done);
}

#define TEST(function)                                                                             \
    cmocka_unit_test_setup_teardown(function, engine_fixture_setup, engine_fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(lives_from_creation_to_removal),
        TEST(a_signal_ends_it_and_a_second_one_finds_nothing),
        TEST(removals_side_by_side_all_see_it_gone),
        TEST(publishes_ports_on_loopback_only),
        TEST(a_file_is_there_and_the_inspection_does_not_show_it),
        TEST(a_file_does_not_go_into_a_missing_container_or_to_a_relative_path),
        TEST(output_is_told_apart),
        TEST(reading_goes_on_where_it_ended),
        TEST(a_terminals_output_is_raw),
        TEST(a_call_cancelled_in_its_own_callback_is_silent),
        TEST(exec_gives_code_and_output),
        TEST(settings_reach_the_container),
        TEST(health_is_told_and_can_be_switched_off),
        TEST(a_missing_image_says_how_to_get_it),
        TEST(images_are_present_or_not),
        TEST(containers_find_each_other_on_a_network),
        TEST(an_engine_destroyed_under_way_is_silent),
    };
    return cmocka_run_group_tests(tests, engine_fixture_need_image, NULL);
}
