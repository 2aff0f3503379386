/* The walk over templates reaches every place where one can stand. */
#include "read_fixture.h"

#include "orchestrator/manifest/check.h"

static void note(void *data, struct ds_service_spec *spec, enum ds_usage usage, const char *name,
                 struct ds_template *template)
{
    (void)spec;
    ds_auto_free char *source = ds_template_source(template);
    ds_text_appendf(data, "%d %s %s\n", (int)usage, name ? name : "-", source);
}

static void expect_visits(const char *text, const char *const *lines, size_t count)
{
    struct ds_manifest *manifest = read_right(text);
    ds_auto_text struct ds_text seen = {0};
    for (size_t i = 0; i < manifest->service_count; i++)
        if (strcmp(manifest->services[i].name, "a") == 0)
            ds_visit_templates(&manifest->services[i], note, &seen);
    for (size_t i = 0; i < count; i++) {
        if (!strstr(ds_text_string(&seen), lines[i]))
            print_error("not visited: %s\n%s", lines[i], ds_text_string(&seen));
        assert_non_null(strstr(ds_text_string(&seen), lines[i]));
    }
    ds_manifest_free(manifest);
}

static void reaches_every_place_of_a_process(void **state)
{
    (void)state;
    ds_auto_free char *command = ds_printf("%d - x", DS_USAGE_COMMAND);
    ds_auto_free char *variable = ds_printf("%d E v", DS_USAGE_ENVIRONMENT);
    ds_auto_free char *label = ds_printf("%d L v", DS_USAGE_LABEL);
    ds_auto_free char *link = ds_printf("%d D http://v", DS_USAGE_LINK);
    ds_auto_free char *header = ds_printf("%d H v", DS_USAGE_HEADER);
    const char *const lines[] = {command, variable, label, link, header};
    expect_visits(FILE_OF("run: x, port: 80, environment: {E: v}, labels: {L: v}, "
                          "links: {D: http://v}, healthcheck: {http: {headers: {H: v}}}"),
                  lines, DS_COUNT(lines));
}

static void reaches_every_place_of_a_container(void **state)
{
    (void)state;
    ds_auto_free char *command = ds_printf("%d - c", DS_USAGE_COMMAND);
    ds_auto_free char *entrypoint = ds_printf("%d - e", DS_USAGE_COMMAND);
    ds_auto_free char *check = ds_printf("%d - h", DS_USAGE_HEALTH_COMMAND);
    ds_auto_free char *file = ds_printf("%d - ${secrets.pw}", DS_USAGE_SECRET_FILE);
    const char *const lines[] = {command, entrypoint, check, file};
    expect_visits(FILE_OF("image: x, command: [c], entrypoint: [e], secrets: [pw], "
                          "healthcheck: {exec: [h]}"),
                  lines, DS_COUNT(lines));
}

static void reaches_credentials_and_urls(void **state)
{
    (void)state;
    ds_auto_free char *user = ds_printf("%d - u", DS_USAGE_CREDENTIAL);
    ds_auto_free char *password = ds_printf("%d - ${secrets.pw}", DS_USAGE_CREDENTIAL);
    ds_auto_free char *database = ds_printf("%d - d", DS_USAGE_CREDENTIAL);
    const char *const lines[] = {user, password, database};
    expect_visits(FILE_OF("postgres: {user: u, password: '${secrets.pw}', database: d}"), lines,
                  DS_COUNT(lines));
    ds_auto_free char *url = ds_printf("%d - http://x", DS_USAGE_EXTERNAL);
    const char *const external[] = {url};
    expect_visits(FILE_OF("external: http://x"), external, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reaches_every_place_of_a_process),
        cmocka_unit_test(reaches_every_place_of_a_container),
        cmocka_unit_test(reaches_credentials_and_urls),
    };
    return cmocka_run_group_tests_name("manifest/visit", tests, NULL, NULL);
}
