/* Secrets on their way. */
#include "read_fixture.h"

static const struct ds_template *value_of(const struct ds_service_spec *spec, const char *name)
{
    for (size_t i = 0; i < spec->environment.count; i++)
        if (strcmp(spec->environment.items[i].name, name) == 0)
            return spec->environment.items[i].value;
    return NULL;
}

static void marks_what_a_secret_flows_into(void **state)
{
    (void)state;
    struct ds_manifest *manifest = read_right(
        "name: t\nsecrets: {pw: {}}\nservices:\n"
        "  db: {postgres: {password: '${secrets.pw}'}, port: 5432}\n"
        "  a: {run: x, environment: {U: '${db.url}', H: '${db.host}', P: '${db.password}', "
        "N: '${db.user}', S: 'x${secrets.pw}y', L: plain}}\n");
    const struct ds_service_spec *a = service(manifest, "a");
    assert_true(value_of(a, "U")->tainted);
    assert_true(value_of(a, "P")->tainted);
    assert_true(value_of(a, "S")->tainted);
    assert_false(value_of(a, "H")->tainted);
    assert_false(value_of(a, "N")->tainted);
    assert_false(value_of(a, "L")->tainted);
    assert_true(service(manifest, "db")->password->tainted);
    ds_manifest_free(manifest);
}

static void an_external_url_may_be_secret_as_a_whole(void **state)
{
    (void)state;
    struct ds_manifest *manifest = read_right("name: t\nsecrets: {pw: {}}\nservices:\n"
                                              "  e: {external: 'https://x:${secrets.pw}@h'}\n"
                                              "  a: {run: x, environment: {H: '${e.host}'}}\n");
    assert_true(value_of(service(manifest, "a"), "H")->tainted);
    ds_manifest_free(manifest);
}

static void stops_secrets_where_others_could_read_them(void **state)
{
    (void)state;
    static const struct {
        const char *text, *told;
    } cases[] = {
        {FILE_OF("run: 'x ${secrets.pw}'"), "every user of the machine can see command lines"},
        {FILE_OF("run: x, healthcheck: {exec: ['${secrets.pw}']}"), "can see command lines"},
        {FILE_OF("run: x, labels: {l: '${secrets.pw}'}"), "labels are shown to everyone"},
        {FILE_OF("run: x, links: {l: '${secrets.pw}'}"), "links are shown to everyone"},
        {FILE_OF("run: x, environment: {VITE_KEY: '${secrets.pw}'}"), "what every browser gets"},
    };
    for (size_t i = 0; i < DS_COUNT(cases); i++)
        expect_told(cases[i].text, cases[i].told);
}

static void warns_of_a_containers_environment(void **state)
{
    (void)state;
    ds_auto_free char *told = NULL;
    struct ds_manifest *manifest =
        read_any(NULL, FILE_OF("image: x, environment: {K: '${secrets.pw}'}"), &told);
    assert_non_null(manifest);
    assert_non_null(strstr(told, "warning: '${secrets.pw}' is secret, and `docker inspect`"));
    ds_manifest_free(manifest);
}

static void a_disabled_service_leaks_nothing(void **state)
{
    (void)state;
    ds_manifest_free(read_right(FILE_OF("run: 'x ${secrets.pw}', disabled: true")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(marks_what_a_secret_flows_into),
        cmocka_unit_test(an_external_url_may_be_secret_as_a_whole),
        cmocka_unit_test(stops_secrets_where_others_could_read_them),
        cmocka_unit_test(warns_of_a_containers_environment),
        cmocka_unit_test(a_disabled_service_leaks_nothing),
    };
    return cmocka_run_group_tests_name("manifest/taint", tests, NULL, NULL);
}
