/* Calls whose only news is whether they worked. */
#include "tests/unit/docker/scripted_calls.h"

#include "orchestrator/docker/internal.h"

static struct engine_answer *call(struct scripted_engine *engine, const int *also_fine)
{
    engine_plain_call(engine->engine,
                      &(struct engine_request){.method = "POST", .path = "/do", .body = ""},
                      ds_strdup("do it"), also_fine, answer_done, &engine->answer);
    return script_end(engine);
}

static void some_failures_are_fine(void **state)
{
    static const int fine[] = {304, 404, 0};
    assert_false(call(SCRIPT(state, OK("")), NULL)->failed);
    assert_false(call(SCRIPT(state, STATUS(404, "")), fine)->failed);
    assert_false(call(SCRIPT(state, "HTTP/1.0 304 x\r\n\r\n"), fine)->failed);
    struct engine_answer *answer = call(SCRIPT(state, STATUS(500, "{\"message\":\"no\"}")), fine);
    assert_string_equal(answer->message, "Cannot do it: no");
    assert_true(call(SCRIPT(state, STATUS(404, "")), NULL)->failed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(some_failures_are_fine)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
