/* Health checks: their forms, and what a service must have for them. */
#include "read_fixture.h"

static void expect_health(const char *text, enum ds_health_kind kind)
{
    struct ds_manifest *manifest = read_right(text);
    assert_int_equal(service(manifest, "a")->health.kind, kind);
    ds_manifest_free(manifest);
}

static void knows_every_form(void **state)
{
    (void)state;
    expect_health(FILE_OF("run: x, port: 80"), DS_HEALTH_DEFAULT);
    expect_health(FILE_OF("run: x, port: 80, healthcheck: {http: /}"), DS_HEALTH_HTTP);
    expect_health(FILE_OF("run: x, port: 80, healthcheck: {tcp: 80}"), DS_HEALTH_TCP);
    expect_health(FILE_OF("run: x, healthcheck: {exec: [y]}"), DS_HEALTH_EXEC);
    expect_health(FILE_OF("run: x, healthcheck: {log: 'ready \\d+'}"), DS_HEALTH_LOG);
    expect_health(FILE_OF("run: x, healthcheck: {test: [CMD, y]}"), DS_HEALTH_EXEC);
    expect_health(FILE_OF("run: x, healthcheck: {test: [NONE]}"), DS_HEALTH_NONE);
    expect_health(FILE_OF("run: x, healthcheck: {disable: true}"), DS_HEALTH_NONE);
    expect_health(FILE_OF("postgres: {password: x}"), DS_HEALTH_POSTGRES);
}

static void composes_shell_form_runs_in_a_shell(void **state)
{
    (void)state;
    struct ds_manifest *manifest =
        read_right(FILE_OF("run: x, healthcheck: {test: [CMD-SHELL, 'y | z']}"));
    const struct ds_command *exec = &service(manifest, "a")->health.exec;
    assert_true(exec->shell);
    assert_int_equal(exec->count, 1);
    assert_source(exec->items[0], "y | z");
    ds_manifest_free(manifest);
}

static void a_port_of_the_service_is_known_by_its_name(void **state)
{
    (void)state;
    struct ds_manifest *manifest = read_right(
        FILE_OF("run: x, ports: {http: 80, admin: 81}, healthcheck: {http: {path: /, port: 81}}"));
    const struct ds_health *health = &service(manifest, "a")->health;
    assert_string_equal(health->port_name, "admin");
    assert_int_equal(health->port, 0);
    ds_manifest_free(manifest);
}

static void tells_what_cannot_be_checked(void **state)
{
    (void)state;
    static const struct {
        const char *text, *told;
    } cases[] = {
        {FILE_OF("run: x, healthcheck: {http: /}"), "needs a port, and service 'a' has none"},
        {FILE_OF("run: x, port: 80, healthcheck: {http: nope}"), "a path starts with '/'"},
        {FILE_OF("run: x, ports: {http: 80}, healthcheck: {tcp: htt}"), "did you mean 'http'?"},
        {FILE_OF("run: x, healthcheck: {log: '('}"), "this is no regular expression"},
        {FILE_OF("run: x, healthcheck: {exec: [y], log: z}"), "one kind of check"},
        {FILE_OF("external: 'http://x', healthcheck: {exec: [y]}"),
         "can only be checked by 'http'"},
        {FILE_OF("image: x, port: 80, healthcheck: {tcp: 81}"),
         "which the container does not publish"},
    };
    for (size_t i = 0; i < DS_COUNT(cases); i++)
        expect_told(cases[i].text, cases[i].told);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_every_form),
        cmocka_unit_test(composes_shell_form_runs_in_a_shell),
        cmocka_unit_test(a_port_of_the_service_is_known_by_its_name),
        cmocka_unit_test(tells_what_cannot_be_checked),
    };
    return cmocka_run_group_tests_name("manifest/health", tests, NULL, NULL);
}
