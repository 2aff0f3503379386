/* What a container's life asks of the engine, and what its answers come to. */
#include "tests/unit/docker/scripted_calls.h"

static void one_is_created_by_name(void **state)
{
    struct scripted_engine *engine = SCRIPT(state, STATUS(201, "{\"Id\":\"c1\"}"));
    struct ds_container_config config = {.name = "shop db", .image = "a:1", .platform = "linux/x"};
    ds_container_create(engine->engine, &config, answer_created, &engine->answer);
    assert_string_equal(script_end(engine)->id, "c1");
    assert_string_equal(script_asked(engine),
                        "POST /containers/create?name=shop%20db&platform=linux%2Fx\n");
    assert_non_null(strstr(script_body(engine), "\"Image\":\"a:1\""));
}

static void a_name_that_is_taken_comes_with_its_remedy(void **state)
{
    struct scripted_engine *engine =
        SCRIPT(state, STATUS(409, "{\"message\":\"The container name is already in use\"}"));
    struct ds_container_config config = {.name = "db", .image = "a"};
    ds_container_create(engine->engine, &config, answer_created, &engine->answer);
    struct engine_answer *answer = script_end(engine);
    assert_string_equal(answer->message,
                        "Cannot create container db: The container name is already in use");
    assert_string_equal(answer->hint, "docker rm -f db");
}

static void starting_one_that_runs_is_no_error(void **state)
{
    struct scripted_engine *engine = SCRIPT(state, "HTTP/1.0 304 x\r\n\r\n");
    ds_container_start(engine->engine, "c1", answer_done, &engine->answer);
    assert_false(script_end(engine)->failed);
    assert_string_equal(script_asked(engine), "POST /containers/c1/start\n");
}

static void a_signal_to_one_that_ended_says_so(void **state)
{
    struct scripted_engine *engine =
        SCRIPT(state, STATUS(409, "{\"message\":\"Container c1 is not running\"}"));
    ds_container_signal(engine->engine, "c1", "SIGINT", answer_done, &engine->answer);
    assert_int_equal(script_end(engine)->code, DS_ERROR_NOT_RUNNING);
    assert_string_equal(script_asked(engine), "POST /containers/c1/kill?signal=SIGINT\n");
}

static void one_that_is_gone_is_removed(void **state)
{
    struct scripted_engine *engine = SCRIPT(state, STATUS(404, "{\"message\":\"No such\"}"));
    ds_container_remove(engine->engine, "c1", answer_done, &engine->answer);
    assert_false(script_end(engine)->failed);
    assert_string_equal(script_asked(engine), "DELETE /containers/c1?force=1&v=1\n");
}

static void a_removal_by_somebody_else_is_waited_for(void **state)
{
    struct scripted_engine *engine = SCRIPT(
        state, STATUS(409, "{\"message\":\"removal of container c1 is already in progress\"}"),
        OK("{\"StatusCode\":0}"));
    ds_container_remove(engine->engine, "c1", answer_done, &engine->answer);
    assert_false(script_end(engine)->failed);
    assert_string_equal(script_asked(engine), "DELETE /containers/c1?force=1&v=1\n"
                                              "POST /containers/c1/wait?condition=removed\n");
}

static void its_end_has_a_code(void **state)
{
    struct scripted_engine *engine = SCRIPT(state, OK("{\"StatusCode\":137}"));
    ds_container_wait(engine->engine, "c1", answer_ended, &engine->answer);
    assert_int_equal(script_end(engine)->exit_code, 137);
    engine = SCRIPT(state, STATUS(404, "{\"message\":\"No such container: c1\"}"));
    ds_container_wait(engine->engine, "c1", answer_ended, &engine->answer);
    struct engine_answer *answer = script_end(engine);
    assert_int_equal(answer->code, DS_ERROR_MISSING);
    assert_int_equal(answer->exit_code, -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(one_is_created_by_name),
        TEST(a_name_that_is_taken_comes_with_its_remedy),
        TEST(starting_one_that_runs_is_no_error),
        TEST(a_signal_to_one_that_ended_says_so),
        TEST(one_that_is_gone_is_removed),
        TEST(a_removal_by_somebody_else_is_waited_for),
        TEST(its_end_has_a_code),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
