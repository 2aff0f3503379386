/* Is an image here? */
#include "tests/unit/docker/scripted_calls.h"

static struct engine_answer *ask(struct scripted_engine *engine)
{
    ds_engine_image_present(engine->engine, "r.example/a:1", answer_present, &engine->answer);
    return script_end(engine);
}

static void it_is_or_it_is_not(void **state)
{
    struct scripted_engine *engine = SCRIPT(state, OK("{}"));
    struct engine_answer *answer = ask(engine);
    assert_false(answer->failed);
    assert_true(answer->present);
    assert_string_equal(script_asked(engine), "GET /images/r.example%2Fa%3A1/json\n");
    answer = ask(SCRIPT(state, STATUS(404, "{\"message\":\"No such image\"}")));
    assert_false(answer->failed);
    assert_false(answer->present);
}

static void trouble_is_neither(void **state)
{
    struct engine_answer *answer = ask(SCRIPT(state, STATUS(500, "{\"message\":\"broken\"}")));
    assert_true(answer->failed);
    assert_false(answer->present);
    assert_string_equal(answer->message, "Cannot look for image r.example/a:1: broken");
}

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(it_is_or_it_is_not), TEST(trouble_is_neither)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
