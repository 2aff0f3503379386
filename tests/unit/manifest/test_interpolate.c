/* Variables and references in values, by the modes of interpolation. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "devstack/base/memory.h"
#include "orchestrator/manifest/interpolate.h"

/* What the text becomes, or its first fault. */
static char *result(enum ds_interpolation_mode mode, const char *text)
{
    ds_auto_variables struct ds_variables variables = {0};
    ds_auto_strings struct ds_strings services = {0};
    ds_variables_set(&variables, "SET", "value");
    ds_variables_set(&variables, "EMPTY", "");
    ds_variables_set(&variables, "DOLLAR", "$SET ${db.url}");
    ds_strings_add(&services, "db");
    ds_strings_add(&services, "my-api");
    struct ds_faults faults = {0};
    const struct ds_interpolation how = {
        .mode = mode, .variables = &variables, .services = &services, .faults = &faults};
    struct ds_template *template = ds_interpolate(&how, text, (struct ds_where){"f", 3, 10}, true);
    char *found = faults.count ? ds_fault_format(&faults.items[0]) : ds_template_source(template);
    ds_template_free(template);
    ds_faults_finish(&faults);
    return found;
}

struct sample {
    const char *text, *expected;
};

static void check(enum ds_interpolation_mode mode, const struct sample *samples, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        ds_auto_free char *found = result(mode, samples[i].text);
        if (strcmp(found, samples[i].expected) != 0)
            print_error("in: %s\n", samples[i].text);
        assert_string_equal(found, samples[i].expected);
    }
}

static void follows_the_table_of_operators(void **state)
{
    (void)state;
    static const struct sample samples[] = {
        {"$SET ${SET}", "value value"},
        {"a$SET-b", "avalue-b"},
        {"${SET:-x} ${EMPTY:-x} ${NONE:-x}", "value x x"},
        {"${SET-x} ${EMPTY-x} ${NONE-x}", "value  x"},
        {"${SET:+x} ${EMPTY:+x} ${NONE:+x}", "x  "},
        {"${SET+x} ${EMPTY+x} ${NONE+x}", "x x "},
        {"${SET:?no} ${SET?no} ${EMPTY?no}", "value value "},
        {"${EMPTY:?must not be empty}",
         "f:3:10: error: the variable EMPTY is required: must not be "
         "empty"},
        {"${NONE:-${EMPTY:-${SET}}}", "value"},
        {"${SET:-${NONE}}", "value"},
        {"${NONE:-${NONE}}",
         "f:3:18: error: the variable NONE is not set (give it a default with ${NONE:-…}, or write "
         "$$ for a dollar)"},
        {"$$SET $${SET} $$$$", "$SET ${SET} $$"},
        {"${NONE:-a:b-c?d+e}", "a:b-c?d+e"},
        {"ü ${NONE}",
         "f:3:12: error: the variable NONE is not set (give it a default with ${NONE:-…}, or write "
         "$$ for a dollar)"},
        {"$db", "f:3:10: error: the variable db is not set (did you mean '${db.url}'?)"},
    };
    check(DS_INTERPOLATE_VALUE, samples, DS_COUNT(samples));
}

static void values_are_not_read_again(void **state)
{
    (void)state;
    static const struct sample samples[] = {{"$DOLLAR", "$SET ${db.url}"}};
    check(DS_INTERPOLATE_VALUE, samples, DS_COUNT(samples));
}

static void keeps_references(void **state)
{
    (void)state;
    static const struct sample samples[] = {
        {"${db.url}/x ${secrets.pw}", "${db.url}/x ${secrets.pw}"},
        {"${NONE:-${db.url}}", "${db.url}"},
        {"${my-api.ports.http}", "${my-api.ports.http}"},
        /* No service of that name: a variable with a default that has a dot in it. */
        {"${my-host.example}", "host.example"},
        {"${HOST-a.b}", "a.b"},
        {"${other.url}", "${other.url}"},
    };
    check(DS_INTERPOLATE_VALUE, samples, DS_COUNT(samples));
}

static void leaves_the_shell_what_is_its_own(void **state)
{
    (void)state;
    static const struct sample samples[] = {
        {"serve $PORT ${X:-y} $$ $(id) '$1' ${db.port}",
         "serve $PORT ${X:-y} $$ $(id) '$1' ${db.port}"},
        {"${db.prot}", "f:3:10: error: '${db.prot}': there is no '.prot', only .url, .host, .port, "
                       ".ports, .user, "
                       ".password, .database (did you mean '.port'?)"},
    };
    check(DS_INTERPOLATE_SHELL, samples, DS_COUNT(samples));
}

static void leaves_configs_what_is_their_own(void **state)
{
    (void)state;
    static const struct sample samples[] = {
        {"$host ${host} ${a.b} $$ ${db.host}", "$host ${host} ${a.b} $$ ${db.host}"},
        {"one\ntwo ${db.x}",
         "f:4:5: error: '${db.x}': there is no '.x', only .url, .host, .port, .ports, .user, "
         ".password, .database"},
    };
    check(DS_INTERPOLATE_CONFIG, samples, DS_COUNT(samples));
}

static bool resolve(void *data, const struct ds_reference *reference, struct ds_text *out,
                    bool *ret_secret, struct ds_error *err)
{
    if (strcmp(reference->name, "none") == 0)
        return ds_error_set(err, DS_ERROR_FAILED, "no such thing");
    ds_text_append(out, data);
    if (reference->scope == DS_REFERENCE_SECRET)
        *ret_secret = true;
    return true;
}

static struct ds_template *compile(enum ds_interpolation_mode mode, const char *text)
{
    struct ds_faults faults = {0};
    const struct ds_interpolation how = {.mode = mode, .faults = &faults};
    struct ds_template *template = ds_interpolate(&how, text, (struct ds_where){0}, false);
    assert_int_equal(faults.count, 0);
    return template;
}

static void expands_references(void **state)
{
    (void)state;
    char value[] = "it's";
    bool secret = false;
    ds_auto_error struct ds_error err = {0};
    struct ds_template *plain = compile(DS_INTERPOLATE_VALUE, "<${db.url}>");
    struct ds_template *shell = compile(DS_INTERPOLATE_SHELL, "x ${secrets.pw} $y");
    struct ds_template *broken = compile(DS_INTERPOLATE_VALUE, "${none.url}");
    ds_auto_free char *one = NULL, *two = NULL, *three = NULL;
    assert_true(ds_template_expand(plain, resolve, value, &one, &secret, &err));
    assert_string_equal(one, "<it's>");
    assert_false(secret);
    assert_true(ds_template_expand(shell, resolve, value, &two, &secret, &err));
    assert_string_equal(two, "x 'it'\\''s' $y");
    assert_true(secret);
    assert_false(ds_template_expand(broken, resolve, value, &three, NULL, &err));
    assert_string_equal(err.message, "no such thing");
    assert_null(three);
    ds_template_free(plain);
    ds_template_free(shell);
    ds_template_free(broken);
}

static void literals_are_known_without_expanding(void **state)
{
    (void)state;
    struct ds_template *empty = compile(DS_INTERPOLATE_VALUE, "");
    struct ds_template *text = compile(DS_INTERPOLATE_VALUE, "a $$ b");
    struct ds_template *reference = compile(DS_INTERPOLATE_VALUE, "a ${db.url}");
    assert_string_equal(ds_template_literal(empty), "");
    assert_string_equal(ds_template_literal(text), "a $ b");
    assert_null(ds_template_literal(reference));
    ds_template_free(empty);
    ds_template_free(text);
    ds_template_free(reference);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(follows_the_table_of_operators),
        cmocka_unit_test(values_are_not_read_again),
        cmocka_unit_test(keeps_references),
        cmocka_unit_test(leaves_the_shell_what_is_its_own),
        cmocka_unit_test(leaves_configs_what_is_their_own),
        cmocka_unit_test(expands_references),
        cmocka_unit_test(literals_are_known_without_expanding),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
