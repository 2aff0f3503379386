/* Whether an image can be had: what the engine is asked, and what each refusal comes to. */
#include "tests/support/cmocka_headers.h"

#include <string.h>

#include "tests/support/scripted_engine.h"

#define NOT_HERE "HTTP/1.0 404 x\r\n\r\n{\"message\":\"No such image: r.example/a:1\"}"
#define OK       "HTTP/1.0 200 OK\r\n\r\n{}"

struct script {
    const char *here, *registry; /* NULL: no answer */
    unsigned requests;
    struct ds_text target, head; /* of the last request */
};

static void serve(void *data, struct scripted_peer *peer, const struct scripted_request *request)
{
    struct script *script = ((struct scripted_engine *)data)->data;
    const char *raw = script->requests++ == 0 ? script->here : script->registry;
    ds_text_clear(&script->target);
    ds_text_clear(&script->head);
    ds_text_append(&script->target, request->target);
    ds_text_append(&script->head, request->head);
    scripted_peer_write(peer, raw, strlen(raw));
    scripted_peer_close(peer);
}

static struct engine_answer *ask(void **state, struct script *script, const char *image)
{
    struct scripted_engine *scripted = *state;
    scripted->data = script;
    if (!scripted->server)
        scripted_engine_listen(scripted, serve);
    answer_reset(&scripted->answer);
    ds_engine_image_available(scripted->engine, image, answer_done, &scripted->answer);
    assert_false(scripted->answer.done);
    assert_true(scripted_engine_wait(scripted));
    assert_int_equal(scripted->answer.count, 1);
    return &scripted->answer;
}

static void finish(struct script *script)
{
    ds_text_finish(&script->target);
    ds_text_finish(&script->head);
}

static void one_that_is_here_asks_no_registry(void **state)
{
    struct script script = {.here = OK};
    assert_false(ask(state, &script, "r.example/a:1")->failed);
    assert_int_equal(script.requests, 1);
    assert_string_equal(ds_text_string(&script.target), "/images/r.example%2Fa%3A1/json");
    finish(&script);
}

static void any_other_is_asked_for_with_the_login(void **state)
{
    struct scripted_engine *scripted = *state;
    static const char config[] = "{\"auths\":{\"r.example\":{\"auth\":\"YTpi\"}}}";
    ds_auto_free char *path = ds_path_join(scripted->folder, "config.json");
    assert_true(ds_file_write(path, config, strlen(config), 0600, NULL));
    struct script script = {.here = NOT_HERE, .registry = OK};
    assert_false(ask(state, &script, "r.example/a:1")->failed);
    assert_int_equal(script.requests, 2);
    assert_string_equal(ds_text_string(&script.target), "/distribution/r.example%2Fa%3A1/json");
    assert_non_null(strstr(ds_text_string(&script.head),
                           "\r\nX-Registry-Auth: eyJ1c2VybmFtZSI6ImEiLCJwYXNzd29yZCI6ImIiLCJzZXJ2"
                           "ZXJhZGRyZXNzIjoici5leGFtcGxlIn0=\r\n"));
    finish(&script);
}

static void refusals_say_what_to_do(void **state)
{
    static const struct {
        const char *raw, *message, *hint;
    } cases[] = {
        {"HTTP/1.0 404 x\r\n\r\n{\"message\":\"manifest unknown: manifest unknown\"}",
         "manifest unknown: manifest unknown", "check the image's name and tag"},
        {"HTTP/1.0 401 x\r\n\r\n{\"message\":\"errors:\\ndenied: requested access to the resource "
         "is denied\\nunauthorized: authentication required\\n\"}",
         "denied: requested access to the resource is denied, unauthorized: authentication "
         "required",
         "docker login r.example"},
        {"HTTP/1.0 500 x\r\n\r\n{\"message\":\"Get \\\"https://r.example/v2/\\\": dial tcp: no "
         "such "
         "host\"}",
         "the registry r.example cannot be reached: Get \"https://r.example/v2/\": dial tcp: no "
         "such host",
         "check the network and the proxy settings of the Docker Engine"},
    };
    for (size_t i = 0; i < DS_COUNT(cases); i++) {
        struct script script = {.here = NOT_HERE, .registry = cases[i].raw};
        struct engine_answer *answer = ask(state, &script, "r.example/a:1");
        assert_true(answer->failed);
        assert_int_equal(answer->code, DS_ERROR_MISSING);
        assert_string_equal(answer->message, cases[i].message);
        assert_string_equal(answer->hint, cases[i].hint);
        finish(&script);
    }
}

static void an_engine_that_cannot_ask_leaves_it_to_the_pull(void **state)
{
    static const char *const answers[] = {
        "HTTP/1.0 404 x\r\n\r\n{\"message\":\"page not found\"}",
        "HTTP/1.0 404 x\r\n\r\n{\"message\":\"Path /distribution/a/json is not supported\"}",
        "HTTP/1.0 404 x\r\n\r\n",
    };
    for (size_t i = 0; i < DS_COUNT(answers); i++) {
        struct script script = {.here = NOT_HERE, .registry = answers[i]};
        assert_false(ask(state, &script, "a")->failed);
        assert_int_equal(script.requests, 2);
        finish(&script);
    }
}

static void trouble_with_the_engine_is_not_a_missing_image(void **state)
{
    struct script script = {.here = "HTTP/1.0 500 x\r\n\r\n{\"message\":\"layer store broken\"}"};
    struct engine_answer *answer = ask(state, &script, "a");
    assert_int_equal(answer->code, DS_ERROR_FAILED);
    assert_non_null(strstr(answer->message, "layer store broken"));
    finish(&script);
}

static void an_impossible_name_is_refused_before_anything_is_sent(void **state)
{
    struct script script = {.here = OK};
    assert_int_equal(ask(state, &script, ":17")->code, DS_ERROR_INVALID);
    assert_int_equal(script.requests, 0);
    finish(&script);
}

static void a_cancelled_question_is_never_answered(void **state)
{
    struct scripted_engine *scripted = *state;
    struct script script = {.here = NOT_HERE, .registry = OK};
    struct engine_answer cancelled = {0};
    struct ds_engine_call *call =
        ds_engine_image_available(scripted->engine, "a", answer_done, &cancelled);
    ds_engine_cancel(call);
    assert_false(ask(state, &script, "b")->failed);
    assert_false(cancelled.done);
    finish(&script);
}

#define TEST(function)                                                                             \
    cmocka_unit_test_setup_teardown(function, scripted_engine_setup, scripted_engine_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(one_that_is_here_asks_no_registry),
        TEST(any_other_is_asked_for_with_the_login),
        TEST(refusals_say_what_to_do),
        TEST(an_engine_that_cannot_ask_leaves_it_to_the_pull),
        TEST(trouble_with_the_engine_is_not_a_missing_image),
        TEST(an_impossible_name_is_refused_before_anything_is_sent),
        TEST(a_cancelled_question_is_never_answered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
