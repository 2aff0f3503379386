/* Pulls that go wrong in ways a real registry cannot be made to show. */
#include "tests/support/cmocka_headers.h"

#include <string.h>

#include "tests/support/scripted_engine.h"

struct script {
    const char *raw;
    struct ds_text target, head;
};

static void serve(void *data, struct scripted_peer *peer, const struct scripted_request *request)
{
    struct script *script = ((struct scripted_engine *)data)->data;
    ds_text_clear(&script->target);
    ds_text_clear(&script->head);
    ds_text_append(&script->target, request->target);
    ds_text_append(&script->head, request->head);
    scripted_peer_write(peer, script->raw, strlen(script->raw));
    scripted_peer_close(peer);
}

static struct engine_answer *pull(void **state, struct script *script, const char *image,
                                  const char *platform)
{
    struct scripted_engine *scripted = *state;
    scripted->data = script;
    if (!scripted->server)
        scripted_engine_listen(scripted, serve);
    answer_reset(&scripted->answer);
    ds_engine_pull(scripted->engine, image, platform, NULL, answer_done, &scripted->answer);
    assert_false(scripted->answer.done);
    assert_true(scripted_engine_wait(scripted));
    return &scripted->answer;
}

static void finish(struct script *script)
{
    ds_text_finish(&script->target);
    ds_text_finish(&script->head);
}

#define OK "HTTP/1.0 200 OK\r\n\r\n"

static void the_request_names_image_tag_and_platform(void **state)
{
    struct script script = {.raw = OK "{\"status\":\"done\"}\r\n"};
    assert_false(pull(state, &script, "r.example:5000/a/b", "linux/arm64")->failed);
    assert_string_equal(ds_text_string(&script.target),
                        "/images/create?fromImage=r.example%3A5000%2Fa%2Fb&tag=latest"
                        "&platform=linux%2Farm64");
    assert_null(strstr(ds_text_string(&script.head), "X-Registry-Auth"));
    finish(&script);
}

static void the_login_goes_along(void **state)
{
    struct scripted_engine *scripted = *state;
    static const char config[] = "{\"auths\":{\"r.example\":{\"auth\":\"YTpi\"}}}";
    ds_auto_free char *path = ds_path_join(scripted->folder, "config.json");
    assert_true(ds_file_write(path, config, strlen(config), 0600, NULL));
    struct script script = {.raw = OK "{}"};
    assert_false(pull(state, &script, "r.example/a:1", NULL)->failed);
    assert_non_null(strstr(ds_text_string(&script.head),
                           "\r\nX-Registry-Auth: eyJ1c2VybmFtZSI6ImEiLCJwYXNzd29yZCI6ImIiLCJzZXJ2"
                           "ZXJhZGRyZXNzIjoici5leGFtcGxlIn0=\r\n"));
    finish(&script);
}

static void failures_say_what_to_do(void **state)
{
    static const struct {
        const char *raw, *words, *hint;
    } cases[] = {
        {"HTTP/1.0 500 x\r\n\r\n{\"message\":\"Get \\\"https://r.example/v2/\\\": dial tcp: lookup "
         "r.example: no such host\"}",
         "the registry r.example cannot be reached", "check the network"},
        {"HTTP/1.0 500 x\r\n\r\n{\"message\":\"no basic auth credentials\"}",
         "no basic auth credentials", "docker login r.example"},
        {"HTTP/1.0 404 x\r\n\r\n{\"message\":\"manifest for r.example/a:1 not found: manifest "
         "unknown\"}",
         "manifest unknown", "check the image's name"},
        {OK "{\"status\":\"x\"}{\"errorDetail\":{\"message\":\"unauthorized: token expired\"},"
            "\"error\":\"unauthorized\"}",
         "unauthorized: token expired", "docker login r.example"},
        {OK "{\"error\":\"write /x: no space left on device\"}", "no space left",
         "docker system df"},
        {OK "{\"status\":\"a\"}{\"stat", "broke off", NULL},
        {OK "nonsense", "cannot be read", NULL},
        {"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{}", "broke off the connection", NULL},
    };
    for (size_t i = 0; i < DS_COUNT(cases); i++) {
        struct script script = {.raw = cases[i].raw};
        struct engine_answer *answer = pull(state, &script, "r.example/a:1", NULL);
        assert_true(answer->failed);
        assert_non_null(strstr(answer->message, cases[i].words));
        assert_non_null(strstr(answer->message, "r.example/a:1"));
        if (cases[i].hint)
            assert_non_null(strstr(answer->hint, cases[i].hint));
        finish(&script);
    }
}

static void a_login_for_the_hub_needs_no_name(void **state)
{
    struct script script = {.raw = "HTTP/1.0 404 x\r\n\r\n{\"message\":\"pull access denied for "
                                   "me/private, repository does not exist or may require 'docker "
                                   "login'\"}"};
    struct engine_answer *answer = pull(state, &script, "me/private", NULL);
    assert_int_equal(answer->code, DS_ERROR_MISSING);
    assert_string_equal(answer->hint, "docker login");
    finish(&script);
}

static void an_impossible_name_is_refused_before_anything_is_sent(void **state)
{
    struct script script = {.raw = OK};
    struct engine_answer *answer = pull(state, &script, ":17", NULL);
    assert_int_equal(answer->code, DS_ERROR_INVALID);
    assert_int_equal(script.target.length, 0);
    finish(&script);
}

#define TEST(function)                                                                             \
    cmocka_unit_test_setup_teardown(function, scripted_engine_setup, scripted_engine_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_request_names_image_tag_and_platform),
        TEST(the_login_goes_along),
        TEST(failures_say_what_to_do),
        TEST(a_login_for_the_hub_needs_no_name),
        TEST(an_impossible_name_is_refused_before_anything_is_sent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
