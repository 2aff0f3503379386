/* Answers that are no success, and what a user is told. */
#include "tests/support/cmocka_headers.h"

#include <string.h>

#include "orchestrator/docker/internal.h"

static char address[] = "unix:///run/x.sock", socket_path[] = "/run/x.sock";
static const struct ds_engine here = {.address = {.text = address, .unix_socket = socket_path}};
static const struct ds_engine there = {.address = {.text = address}};

static struct ds_http_answer answer_of(int status, const char *body)
{
    return (struct ds_http_answer){
        .outcome = DS_HTTP_ANSWERED, .status = status, .body = body, .body_length = strlen(body)};
}

static void what_did_not_arrive_names_the_engine(void **state)
{
    (void)state;
    static const struct {
        enum ds_http_outcome outcome;
        enum ds_error_code code;
        const char *words;
        const char *hint_here, *hint_there;
    } cases[] = {
        {DS_HTTP_FORBIDDEN, DS_ERROR_MISSING, "permission denied", "usermod", "usermod"},
        {DS_HTTP_REFUSED, DS_ERROR_MISSING, "Cannot reach", "systemctl start", "DOCKER_HOST"},
        {DS_HTTP_UNRESOLVED, DS_ERROR_MISSING, "unknown host", "DOCKER_HOST", "DOCKER_HOST"},
        {DS_HTTP_TIMED_OUT, DS_ERROR_TIMEOUT, "does not answer", NULL, NULL},
        {DS_HTTP_TLS, DS_ERROR_MISSING, "Cannot reach", "DOCKER_CERT_PATH", "DOCKER_CERT_PATH"},
        {DS_HTTP_CLOSED, DS_ERROR_FAILED, "broke off", NULL, NULL},
        {DS_HTTP_FAILED, DS_ERROR_FAILED, "cannot be understood", NULL, NULL},
    };
    for (size_t i = 0; i < DS_COUNT(cases); i++)
        for (int remote = 0; remote < 2; remote++) {
            ds_auto_error struct ds_error err = {0};
            struct ds_http_answer answer = {.outcome = cases[i].outcome, .message = "why"};
            assert_false(engine_fault(remote ? &there : &here, &answer, "x", &err));
            assert_int_equal(err.code, cases[i].code);
            assert_non_null(strstr(err.message, cases[i].words));
            assert_non_null(strstr(err.message, address));
            const char *hint = remote ? cases[i].hint_there : cases[i].hint_here;
            if (hint)
                assert_non_null(strstr(err.hint, hint));
            else
                assert_null(err.hint);
        }
}

static void what_the_engine_refuses_has_a_kind(void **state)
{
    (void)state;
    static const struct {
        int status;
        const char *body;
        enum ds_error_code code;
        const char *hint;
    } cases[] = {
        {500, "{\"message\":\"Bind for 127.0.0.1:80 failed: port is already allocated\"}",
         DS_ERROR_PORT, NULL},
        {409, "{\"message\":\"Container c is not running\"}", DS_ERROR_NOT_RUNNING, NULL},
        {404, "{\"message\":\"No such image: a:1\"}", DS_ERROR_MISSING, "docker pull"},
        {500, "{\"message\":\"no space left on device\"}", DS_ERROR_FAILED, "docker system df"},
        {400, "Client sent an HTTP request to an HTTPS server.\n", DS_ERROR_FAILED,
         "DOCKER_TLS_VERIFY"},
        {500, "", DS_ERROR_FAILED, NULL},
    };
    for (size_t i = 0; i < DS_COUNT(cases); i++) {
        ds_auto_error struct ds_error err = {0};
        struct ds_http_answer answer = answer_of(cases[i].status, cases[i].body);
        assert_false(engine_fault(&here, &answer, "do it", &err));
        assert_int_equal(err.code, cases[i].code);
        assert_true(ds_string_starts(err.message, "Cannot do it: "));
        assert_null(strchr(err.message, '\n'));
        if (cases[i].hint)
            assert_non_null(strstr(err.hint, cases[i].hint));
        else
            assert_null(err.hint);
    }
}

static void words_are_one_line(void **state)
{
    (void)state;
    static const struct {
        const char *body, *words;
    } cases[] = {
        {"{\"message\":\"errors:\\ndenied: a\\nunauthorized: b\\n\"}",
         "denied: a, unauthorized: b"},
        {"{\"message\":\"one\\r\\ntwo\"}", "one, two"},
        {"page not found\n", "page not found"},
        {"", "HTTP status 418"},
    };
    for (size_t i = 0; i < DS_COUNT(cases); i++) {
        struct ds_http_answer answer = answer_of(418, cases[i].body);
        ds_auto_free char *words = engine_fault_words(&answer);
        assert_string_equal(words, cases[i].words);
    }
}

static void a_success_must_be_json(void **state)
{
    (void)state;
    ds_auto_error struct ds_error err = {0};
    struct ds_http_answer good = answer_of(200, "{\"a\":1}"), bad = answer_of(200, "{\"a\":");
    json_t *json = engine_answer_json(&here, &good, "do it", NULL);
    assert_non_null(json);
    json_decref(json);
    assert_null(engine_answer_json(&here, &bad, "do it", &err));
    assert_non_null(strstr(err.message, "Cannot do it: the engine's answer is no JSON"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_did_not_arrive_names_the_engine),
        cmocka_unit_test(what_the_engine_refuses_has_a_kind),
        cmocka_unit_test(words_are_one_line),
        cmocka_unit_test(a_success_must_be_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
