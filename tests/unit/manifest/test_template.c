/* Templates once they are compiled: expanding, literals, the source. */
#include "read_fixture.h"

#include "orchestrator/manifest/interpolate.h"

static struct ds_template *compile(const char *text, enum ds_interpolation_mode mode)
{
    struct ds_faults faults = {0};
    ds_auto_strings struct ds_strings services = {0};
    ds_strings_add(&services, "db");
    const struct ds_interpolation how = {.mode = mode, .services = &services, .faults = &faults};
    struct ds_template *template =
        ds_interpolate(&how, text, (struct ds_where){"f.yaml", 1, 1}, true);
    assert_int_equal(faults.count, 0);
    return template;
}

static bool resolve(void *data, const struct ds_reference *reference, struct ds_text *out,
                    bool *ret_secret, struct ds_error *err)
{
    if (reference->scope == DS_REFERENCE_STACK)
        return ds_error_set(err, DS_ERROR_FAILED, "no stack");
    if (reference->scope == DS_REFERENCE_SECRET)
        *ret_secret = true;
    ds_text_append(out, data);
    return true;
}

static void expands_what_stands_in_it(void **state)
{
    (void)state;
    struct ds_template *template = compile("a ${db.host} b", DS_INTERPOLATE_VALUE);
    ds_auto_free char *value = NULL;
    bool secret = true;
    assert_true(ds_template_expand(template, resolve, "it's", &value, &secret, NULL));
    assert_string_equal(value, "a it's b");
    assert_false(secret);
    ds_template_free(template);
}

static void quotes_for_the_shell(void **state)
{
    (void)state;
    struct ds_template *template = compile("echo ${db.host} $HOME", DS_INTERPOLATE_SHELL);
    ds_auto_free char *value = NULL;
    assert_true(ds_template_expand(template, resolve, "a; b", &value, NULL, NULL));
    assert_string_equal(value, "echo 'a; b' $HOME");
    ds_template_free(template);
}

static void says_whether_the_value_is_secret(void **state)
{
    (void)state;
    struct ds_template *template = compile("x${secrets.pw}", DS_INTERPOLATE_VALUE);
    ds_auto_free char *value = NULL;
    bool secret = false;
    assert_true(ds_template_expand(template, resolve, "s", &value, &secret, NULL));
    assert_string_equal(value, "xs");
    assert_true(secret);
    ds_template_free(template);
}

static void a_reference_without_a_value_ends_it(void **state)
{
    (void)state;
    struct ds_template *template = compile("${db.host}${stack.id}", DS_INTERPOLATE_VALUE);
    ds_auto_error struct ds_error err = {0};
    char *value = NULL;
    assert_false(ds_template_expand(template, resolve, "x", &value, NULL, &err));
    assert_null(value);
    assert_string_equal(err.message, "no stack");
    ds_template_free(template);
}

static void tells_a_literal_from_a_template(void **state)
{
    (void)state;
    struct ds_template *literal = compile("plain", DS_INTERPOLATE_VALUE);
    struct ds_template *empty = compile("", DS_INTERPOLATE_VALUE);
    struct ds_template *other = compile("x ${db.ports.http}", DS_INTERPOLATE_VALUE);
    assert_string_equal(ds_template_literal(literal), "plain");
    assert_string_equal(ds_template_literal(empty), "");
    assert_null(ds_template_literal(other));
    assert_source(other, "x ${db.ports.http}");
    ds_template_free(literal);
    ds_template_free(empty);
    ds_template_free(other);
    ds_template_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(expands_what_stands_in_it),
        cmocka_unit_test(quotes_for_the_shell),
        cmocka_unit_test(says_whether_the_value_is_secret),
        cmocka_unit_test(a_reference_without_a_value_ends_it),
        cmocka_unit_test(tells_a_literal_from_a_template),
    };
    return cmocka_run_group_tests_name("manifest/template", tests, NULL, NULL);
}
