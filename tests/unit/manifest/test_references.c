/* Whether what references name is there. */
#include "read_fixture.h"

static void names_that_are_not_there_are_told_with_the_nearest(void **state)
{
    (void)state;
    static const struct {
        const char *text, *told;
    } cases[] = {
        {FILE_OF("run: x, environment: {E: '${othr.url}'}"), "did you mean 'other'?"},
        {FILE_OF("run: x, environment: {E: '${secrets.pww}'}"), "there is no secret 'pww'"},
        {FILE_OF("run: x, environment: {E: '${configs.c}'}"), "there is no config 'c'"},
        {FILE_OF("run: x, environment: {E: '${other.ports.web}'}"),
         "there is no port in service 'other' called 'web'"},
    };
    for (size_t i = 0; i < DS_COUNT(cases); i++)
        expect_told(cases[i].text, cases[i].told);
}

static void a_service_must_have_what_is_asked_for(void **state)
{
    (void)state;
    expect_told(FILE_OF("run: x, environment: {E: '${other.password}'}"),
                "service 'other' has no password, so no '.password'");
    expect_told("name: t\nservices: {quiet: {run: x}, a: {run: x, environment: {E: "
                "'${quiet.url}'}}}\n",
                "service 'quiet' has no port, so no '.url'");
    ds_manifest_free(read_right(FILE_OF("run: x, environment: {E: '${other.url}'}")));
}

static void only_enabled_services_need_what_is_disabled(void **state)
{
    (void)state;
    static const char needed[] = "name: t\nservices: {off: {run: x, port: 80, disabled: true}, "
                                 "a: {run: x, environment: {E: '${off.url}'}}}\n";
    static const char idle[] = "name: t\nservices: {off: {run: x, port: 80, disabled: true}, "
                               "a: {run: x, disabled: true, environment: {E: '${off.url}'}}}\n";
    expect_told(needed, "service 'off' is disabled in environment 'local'");
    ds_manifest_free(read_right(idle));
}

static void an_address_is_not_made_of_another(void **state)
{
    (void)state;
    expect_told(FILE_OF("postgres: {password: '${other.url}'}"),
                "only ${secrets.…} and ${stack.…} can stand here");
    ds_manifest_free(read_right(FILE_OF("external: 'http://${stack.name}.example'")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_that_are_not_there_are_told_with_the_nearest),
        cmocka_unit_test(a_service_must_have_what_is_asked_for),
        cmocka_unit_test(only_enabled_services_need_what_is_disabled),
        cmocka_unit_test(an_address_is_not_made_of_another),
    };
    return cmocka_run_group_tests_name("manifest/references", tests, NULL, NULL);
}
