/* The JSON Schema: whole, and made of every key that is supported. */
#include "read_fixture.h"

#include <jansson.h>

#include "orchestrator/manifest/keys.h"

static json_t *schema(void)
{
    ds_auto_free char *text = ds_manifest_schema();
    json_t *value = json_loads(text, 0, NULL);
    assert_non_null(value);
    return value;
}

/* Every "$ref" leads to something. */
static void follow(const json_t *root, const json_t *value)
{
    const char *key;
    size_t index;
    json_t *item;
    const char *target = json_string_value(json_object_get(value, "$ref"));
    if (target) {
        assert_true(ds_string_starts(target, "#/"));
        const json_t *at = root;
        for (const char *part = target + 2; *part;) {
            size_t length = strcspn(part, "/");
            ds_auto_free char *name = ds_strndup(part, length);
            at = json_object_get(at, name);
            part += length + (part[length] == '/');
        }
        if (!at)
            print_error("%s leads nowhere\n", target);
        assert_non_null(at);
    }
    json_object_foreach((json_t *)value, key, item) follow(root, item);
    json_array_foreach(value, index, item) follow(root, item);
}

static void every_reference_leads_somewhere(void **state)
{
    (void)state;
    json_t *value = schema();
    follow(value, value);
    json_decref(value);
}

static void holds_every_supported_key_and_no_other(void **state)
{
    (void)state;
    json_t *value = schema();
    json_t *services = json_object_get(json_object_get(value, "$defs"), "any-service");
    const struct {
        const struct ds_table *table;
        json_t *keys;
    } cases[] = {{&ds_table_top, json_object_get(value, "properties")},
                 {&ds_table_service, json_object_get(services, "properties")}};
    for (size_t i = 0; i < DS_COUNT(cases); i++) {
        size_t supported = 0;
        for (size_t f = 0; f < cases[i].table->count; f++) {
            const struct ds_field *field = &cases[i].table->fields[f];
            bool there = json_object_get(cases[i].keys, field->name) != NULL;
            assert_int_equal(there, field->type != DS_FIELD_LATER);
            supported += there;
        }
        assert_int_equal(json_object_size(cases[i].keys), supported);
    }
    json_decref(value);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_reference_leads_somewhere),
        cmocka_unit_test(holds_every_supported_key_and_no_other),
    };
    return cmocka_run_group_tests_name("manifest/schema", tests, NULL, NULL);
}
