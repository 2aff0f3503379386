/* Responses: their headers, and problems as documents (RFC 9457). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "wire.h"

static const char *body_of(const char *answer)
{
    const char *blank = strstr(answer, "\r\n\r\n");
    assert_non_null(blank);
    return blank + 4;
}

static void answers_are_json_that_nobody_caches(void **state)
{
    ds_auto_free char *answer = wire_exchange(*state, "GET", "/api/v1/stack", NULL);
    assert_non_null(strstr(answer, "Content-Type: application/json\r\n"));
    assert_non_null(strstr(answer, "Cache-Control: no-store\r\n"));
    json_t *document = json_loads(body_of(answer), 0, NULL);
    assert_true(json_is_object(document));
    json_decref(document);
}

static void a_problem_says_what_and_where(void **state)
{
    ds_auto_free char *answer = wire_exchange(*state, "GET", "/api/v1/services/we%22b", NULL);
    assert_non_null(strstr(answer, "Content-Type: application/problem+json\r\n"));
    const char *type, *title, *code, *detail;
    int status;
    json_t *problem = json_loads(body_of(answer), 0, NULL);
    assert_int_equal(json_unpack(problem, "{s:s, s:s, s:i, s:s, s:s}", "type", &type, "title",
                                 &title, "status", &status, "code", &code, "detail", &detail),
                     0);
    assert_string_equal(type, "about:blank");
    assert_string_equal(title, "Not Found");
    assert_int_equal(status, 404);
    assert_string_equal(code, "service_unknown");
    /* The quote of the name is no quote of the document. */
    assert_non_null(strstr(detail, "we\"b"));
    json_decref(problem);
}

static void a_wrong_method_learns_the_right_one(void **state)
{
    ds_auto_free char *answer = wire_exchange(*state, "DELETE", "/api/v1/stack/stop", NULL);
    assert_int_equal(strncmp(answer, "HTTP/1.1 405 ", 13), 0);
    assert_non_null(strstr(answer, "Allow: POST\r\n"));
    assert_non_null(strstr(body_of(answer), "\"code\":\"method_not_allowed\""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(answers_are_json_that_nobody_caches, wire_setup,
                                        wire_teardown),
        cmocka_unit_test_setup_teardown(a_problem_says_what_and_where, wire_setup, wire_teardown),
        cmocka_unit_test_setup_teardown(a_wrong_method_learns_the_right_one, wire_setup,
                                        wire_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
