/* What each address answers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "wire.h"

static void expect(struct wire *wire, const char *method, const char *path, const char *status,
                   const char *part)
{
    ds_auto_free char *answer = wire_exchange(wire, method, path, NULL);
    ds_auto_free char *first = ds_printf("HTTP/1.1 %s ", status);
    if (strncmp(answer, first, strlen(first)) != 0 || !strstr(answer, part))
        fail_msg("%s %s answered:\n%s", method, path, answer);
}

static void answers_the_stack_and_its_services(void **state)
{
    expect(*state, "GET", "/healthz", "200", "alive");
    expect(*state, "GET", "/api/v1/stack", "200", "\"phase\":\"starting\"");
    expect(*state, "GET", "/api/v1/services", "200", "[{\"name\":\"api\"},{\"name\":\"db\"}]");
    expect(*state, "GET", "/api/v1/services/db", "200", "{\"name\":\"db\"}");
}

static void refuses_what_it_does_not_know(void **state)
{
    expect(*state, "GET", "/", "404", "\"code\":\"not_found\"");
    expect(*state, "GET", "/api/v1/services/web", "404", "\"code\":\"service_unknown\"");
    expect(*state, "GET", "/api/v1/services/", "404", "application/problem+json");
    expect(*state, "GET", "/api/v1/services/api/x", "404", "\"code\":\"not_found\"");
    expect(*state, "POST", "/api/v1/services/web/stop", "404", "\"code\":\"service_unknown\"");
    expect(*state, "POST", "/api/v1/stack", "405", "Allow: GET");
    expect(*state, "GET", "/api/v1/stack/stop", "405", "Allow: POST");
    expect(*state, "GET", "/api/v1/logs?limit=x", "400", "\"code\":\"bad_query\"");
    expect(*state, "GET", "/api/v1/logs?service=web", "404", "\"code\":\"service_unknown\"");
    expect(*state, "GET", "/api/v1/stream?topics=weather", "400", "\"code\":\"bad_query\"");
    expect(*state, "GET", "/api/v1/stream?topics=", "400", "\"code\":\"bad_query\"");
}

static void passes_commands_on(void **state)
{
    struct wire *wire = *state;
    expect(wire, "POST", "/api/v1/services/api/start", "202", "{\"name\":\"api\"}");
    expect(wire, "POST", "/api/v1/services/api/stop", "202", "api");
    expect(wire, "POST", "/api/v1/services/db/restart", "202", "db");
    expect(wire, "POST", "/api/v1/stack/stop", "202", "phase");
    expect(wire, "POST", "/api/v1/stack/stop?kill=1", "202", "phase");
    ds_auto_free char *commands = ds_strings_join(&wire->stack.commands, ", ");
    assert_string_equal(commands, "start api, stop api, restart db, stop, kill");
    wire->stack.refuse = true;
    expect(wire, "POST", "/api/v1/stack/stop", "409", "the stack is ending");
    expect(wire, "POST", "/api/v1/services/db/stop", "409", "\"code\":\"refused\"");
}

static void gives_the_last_log_lines(void **state)
{
    struct wire *wire = *state;
    fake_stack_log(&wire->stack, "api", "one", 3);
    fake_stack_log(&wire->stack, "db", "two", 3);
    fake_stack_log(&wire->stack, "api", "thr\xff", 4);
    ds_auto_free char *all = wire_exchange(wire, "GET", "/api/v1/logs", NULL);
    assert_non_null(strstr(all, "\"text\":\"one\""));
    assert_non_null(strstr(all, "\"text\":\"two\""));
    ds_auto_free char *last = wire_exchange(wire, "GET", "/api/v1/logs?limit=2", NULL);
    assert_null(strstr(last, "\"text\":\"one\""));
    assert_non_null(strstr(last, "\"text\":\"thr\xef\xbf\xbd\""));
    ds_auto_free char *api = wire_exchange(wire, "GET", "/api/v1/logs?service=api", NULL);
    assert_null(strstr(api, "\"text\":\"two\""));
    assert_non_null(strstr(api, "application/x-ndjson"));
}

static void refuses_a_large_body_and_ignores_a_small_one(void **state)
{
    struct wire *wire = *state;
    ds_auto_free char *small = wire_exchange(wire, "POST", "/api/v1/stack/stop", "{}");
    assert_non_null(strstr(small, " 202 "));
    ds_auto_free char *body = ds_alloc(200001);
    memset(body, 'x', 200000);
    ds_auto_free char *large = wire_exchange(wire, "POST", "/api/v1/stack/stop", body);
    assert_non_null(strstr(large, " 413 "));
    assert_int_equal(wire->stack.commands.count, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(answers_the_stack_and_its_services, wire_setup,
                                        wire_teardown),
        cmocka_unit_test_setup_teardown(refuses_what_it_does_not_know, wire_setup, wire_teardown),
        cmocka_unit_test_setup_teardown(passes_commands_on, wire_setup, wire_teardown),
        cmocka_unit_test_setup_teardown(gives_the_last_log_lines, wire_setup, wire_teardown),
        cmocka_unit_test_setup_teardown(refuses_a_large_body_and_ignores_a_small_one, wire_setup,
                                        wire_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
