/* Dotted references: what is one, and what is wrong with others. */
#include "read_fixture.h"

#include "orchestrator/manifest/reference.h"

static void tells_a_reference_from_a_variable(void **state)
{
    (void)state;
    ds_auto_strings struct ds_strings services = {0};
    ds_strings_add(&services, "my-db");
    static const struct {
        const char *text;
        bool strict;
        size_t length;
    } cases[] = {{"db.url}", false, 6},       {"my-db.url}", false, 9},
                 {"other-db.url}", false, 0}, {"HOST-a.b}", false, 0},
                 {"db}", false, 0},           {"db.url}", true, 0},
                 {"secrets.x}", true, 9},     {"my-db.ports.http}", true, 16}};
    for (size_t i = 0; i < DS_COUNT(cases); i++)
        assert_int_equal(ds_reference_length(cases[i].text, &services, cases[i].strict),
                         cases[i].length);
}

static void reads_and_writes_every_scope(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum ds_reference_scope scope;
        const char *name, *field, *item;
    } cases[] = {{"db.url", DS_REFERENCE_SERVICE, "db", "url", NULL},
                 {"db.ports.http", DS_REFERENCE_SERVICE, "db", "ports", "http"},
                 {"secrets.pw", DS_REFERENCE_SECRET, "pw", NULL, NULL},
                 {"configs.gateway", DS_REFERENCE_CONFIG, "gateway", NULL, NULL},
                 {"stack.id", DS_REFERENCE_STACK, "id", NULL, NULL}};
    for (size_t i = 0; i < DS_COUNT(cases); i++) {
        struct ds_faults faults = {0};
        struct ds_reference *reference = ds_reference_parse(
            cases[i].text, strlen(cases[i].text), (struct ds_where){"f.yaml", 1, 1}, &faults);
        assert_non_null(reference);
        struct ds_reference *copy = ds_reference_copy(reference);
        ds_reference_free(reference);
        assert_int_equal(copy->scope, cases[i].scope);
        assert_string_equal(copy->name, cases[i].name);
        assert_true(ds_string_equal(copy->field, cases[i].field));
        assert_true(ds_string_equal(copy->item, cases[i].item));
        ds_auto_text struct ds_text text = {0};
        ds_reference_format(copy, &text);
        ds_auto_free char *expected = ds_printf("${%s}", cases[i].text);
        assert_string_equal(ds_text_string(&text), expected);
        ds_reference_free(copy);
    }
    ds_reference_free(NULL);
}

static void says_what_is_wrong(void **state)
{
    (void)state;
    static const struct {
        const char *text, *told;
    } cases[] = {
        {"db.ur", "(did you mean '.url'?)"},       {"db.ports", "names no port"},
        {"db.url.x", "nothing can follow '.url'"}, {"db..x", "has an empty part"},
        {"secrets.a.b", "too many parts"},         {"secret.pw", "did you mean '${secrets.pw}'?"},
        {"stack.idd", "did you mean '.id'?"}};
    for (size_t i = 0; i < DS_COUNT(cases); i++) {
        struct ds_faults faults = {0};
        assert_null(ds_reference_parse(cases[i].text, strlen(cases[i].text),
                                       (struct ds_where){"f.yaml", 3, 4}, &faults));
        assert_int_equal(faults.count, 1);
        ds_auto_free char *line = ds_fault_format(&faults.items[0]);
        assert_true(ds_string_starts(line, "f.yaml:3:4: error: "));
        if (!strstr(line, cases[i].told))
            print_error("%s\nexpected: %s\n", line, cases[i].told);
        assert_non_null(strstr(line, cases[i].told));
        ds_faults_finish(&faults);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_a_reference_from_a_variable),
        cmocka_unit_test(reads_and_writes_every_scope),
        cmocka_unit_test(says_what_is_wrong),
    };
    return cmocka_run_group_tests_name("manifest/reference", tests, NULL, NULL);
}
