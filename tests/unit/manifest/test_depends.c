/* The two forms of depends_on. */
#include "read_fixture.h"

static void the_list_waits_until_ready(void **state)
{
    (void)state;
    struct ds_manifest *manifest = read_right(FILE_OF("run: x, depends_on: [other]"));
    const struct ds_service_spec *a = service(manifest, "a");
    assert_int_equal(a->depends_on_count, 1);
    assert_string_equal(a->depends_on[0].service, "other");
    assert_int_equal(a->depends_on[0].condition, DS_CONDITION_READY);
    assert_false(a->depends_on[0].restart);
    assert_int_equal(a->depends_on[0].where.line, 5);
    ds_manifest_free(manifest);
}

static void the_mapping_takes_composes_words_too(void **state)
{
    (void)state;
    static const struct {
        const char *word;
        enum ds_condition condition;
    } cases[] = {{"started", DS_CONDITION_STARTED},
                 {"service_started", DS_CONDITION_STARTED},
                 {"healthy", DS_CONDITION_HEALTHY},
                 {"service_healthy", DS_CONDITION_HEALTHY}};
    for (size_t i = 0; i < DS_COUNT(cases); i++) {
        ds_auto_free char *text =
            ds_printf("name: t\nservices: {other: {run: y, port: 80}, a: {run: x, depends_on: "
                      "{other: {condition: %s, restart: true}}}}\n",
                      cases[i].word);
        struct ds_manifest *manifest = read_right(text);
        const struct ds_dependency *edge = &service(manifest, "a")->depends_on[0];
        assert_int_equal(edge->condition, cases[i].condition);
        assert_true(edge->restart);
        ds_manifest_free(manifest);
    }
}

static void tells_what_is_no_dependency(void **state)
{
    (void)state;
    expect_told(FILE_OF("run: x, depends_on: other"), "expected a list of services");
    expect_told(FILE_OF("run: x, depends_on: [other, other]"), "'other' stands here a second time");
    expect_told(FILE_OF("run: x, depends_on: {other: {conditon: started}}"),
                "did you mean 'condition'?");
    expect_told(FILE_OF("run: x, depends_on: {other: {condition: startd}}"),
                "did you mean 'started'?");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_list_waits_until_ready),
        cmocka_unit_test(the_mapping_takes_composes_words_too),
        cmocka_unit_test(tells_what_is_no_dependency),
    };
    return cmocka_run_group_tests_name("manifest/depends", tests, NULL, NULL);
}
