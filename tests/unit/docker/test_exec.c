/* A command inside a container: its three requests, and each of them failing. */
#include "tests/unit/docker/scripted_calls.h"

#define CREATED STATUS(201, "{\"Id\":\"e1\"}")

static struct engine_answer *run(struct scripted_engine *engine)
{
    char word[] = "true", option[] = "-x";
    char *words[] = {word, option};
    struct ds_strings command = {.items = words, .count = 2};
    ds_container_exec(engine->engine, "c1", &command, answer_executed, &engine->answer);
    return script_end(engine);
}

/* The answer of one text without its frame would be taken as a frame: NULs cannot be scripted. */
static void it_is_made_started_and_asked_for_its_end(void **state)
{
    struct scripted_engine *engine = SCRIPT(state, CREATED, OK(""), OK("{\"ExitCode\":3}"));
    struct engine_answer *answer = run(engine);
    assert_false(answer->failed);
    assert_int_equal(answer->exit_code, 3);
    assert_string_equal(answer->id, "");
    assert_string_equal(script_asked(engine), "POST /containers/c1/exec\n"
                                              "POST /exec/e1/start\n"
                                              "GET /exec/e1/json\n");
}

static void each_step_can_fail(void **state)
{
    struct engine_answer *answer =
        run(SCRIPT(state, STATUS(409, "{\"message\":\"Container c1 is not running\"}")));
    assert_int_equal(answer->code, DS_ERROR_NOT_RUNNING);
    answer = run(SCRIPT(state, CREATED, STATUS(500, "{\"message\":\"oci failed\"}")));
    assert_string_equal(answer->message, "Cannot run true in container c1: oci failed");
    answer = run(SCRIPT(state, CREATED, OK(""), OK("{\"ExitCode\":null}")));
    assert_non_null(strstr(answer->message, "no exit code"));
    assert_int_equal(answer->exit_code, -1);
}

static void a_stream_without_frames_is_broken(void **state)
{
    struct engine_answer *answer = run(SCRIPT(state, CREATED, OK("plain text instead")));
    assert_non_null(strstr(answer->message, "frames are broken"));
    assert_int_equal(answer->exit_code, -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(it_is_made_started_and_asked_for_its_end),
        TEST(each_step_can_fail),
        TEST(a_stream_without_frames_is_broken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
