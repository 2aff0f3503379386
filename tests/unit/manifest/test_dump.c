/* The resolved file as `devstack config` shows it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "devstack/base/memory.h"
#include "devstack/manifest/manifest.h"

static struct ds_manifest *parse(const char *text)
{
    struct ds_faults faults = {0};
    struct ds_manifest *manifest =
        ds_manifest_parse("services.yaml", "/project", text, strlen(text), NULL, &faults);
    for (size_t i = 0; i < faults.count; i++)
        print_error("%s\n", faults.items[i].message);
    assert_non_null(manifest);
    ds_faults_finish(&faults);
    return manifest;
}

static void shows_no_secret(void **state)
{
    (void)state;
    struct ds_manifest *manifest =
        parse("name: t\nsecrets: {pw: }\nservices:\n"
              "  db: {postgres: {password: hunter2-literal}}\n"
              "  db2: {postgres: {password: \"${secrets.pw}\"}}\n"
              "  x: {external: \"https://me:hunter2-url@x.example/p\"}\n");
    ds_auto_free char *json = ds_manifest_dump_json(manifest);
    ds_auto_free char *yaml = ds_manifest_dump_yaml(manifest);
    assert_null(strstr(json, "hunter2"));
    assert_null(strstr(yaml, "hunter2"));
    assert_non_null(strstr(json, "https://me:********@x.example/p"));
    assert_non_null(strstr(json, "${secrets.pw}"));
    ds_manifest_free(manifest);
}

static void shows_what_was_filled_in(void **state)
{
    (void)state;
    struct ds_manifest *manifest = parse("name: t\nservices:\n"
                                         "  a: {run: [x, \"$$5\"], port: 80, depends_on: [b]}\n"
                                         "  b: {task: \"y $Z\"}\n");
    ds_auto_free char *text = ds_manifest_dump_json(manifest);
    json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(root);
    json_t *a = json_object_get(json_object_get(root, "services"), "a");
    json_t *b = json_object_get(json_object_get(root, "services"), "b");
    assert_string_equal(json_string_value(json_object_get(root, "environment")), "local");
    assert_string_equal(json_string_value(json_array_get(json_object_get(a, "run"), 1)), "$$5");
    assert_int_equal(json_integer_value(json_object_get(a, "port")), 80);
    assert_string_equal(json_string_value(json_object_get(a, "restart")), "on-failure");
    assert_string_equal(
        json_string_value(json_object_get(json_object_get(a, "healthcheck"), "interval")), "5s");
    assert_string_equal(
        json_string_value(json_object_get(json_object_get(a, "backoff"), "initial")), "100ms");
    assert_string_equal(json_string_value(json_object_get(b, "task")), "y $Z");
    assert_null(json_object_get(b, "restart"));
    json_decref(root);
    ds_manifest_free(manifest);
}

static void quotes_what_yaml_would_read_otherwise(void **state)
{
    (void)state;
    struct ds_manifest *manifest = parse(
        "name: t\nservices:\n"
        "  a: {run: x, environment: {A: \"no\", B: \"8000\", C: \"\", D: \"a: b\", E: plain}}\n");
    ds_auto_free char *yaml = ds_manifest_dump_yaml(manifest);
    assert_non_null(strstr(yaml, "A: \"no\"\n"));
    assert_non_null(strstr(yaml, "B: \"8000\"\n"));
    assert_non_null(strstr(yaml, "C: \"\"\n"));
    assert_non_null(strstr(yaml, "D: 'a: b'\n"));
    assert_non_null(strstr(yaml, "E: plain\n"));
    ds_manifest_free(manifest);
}

static void the_schema_is_json(void **state)
{
    (void)state;
    ds_auto_free char *text = ds_manifest_schema();
    json_t *schema = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(schema);
    json_t *keys = json_object_get(
        json_object_get(json_object_get(json_object_get(schema, "$defs"), "any-service"),
                        "properties"),
        "stop_grace_period");
    assert_string_equal(json_string_value(json_object_get(keys, "default")), "10s");
    json_decref(schema);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shows_no_secret),
        cmocka_unit_test(shows_what_was_filled_in),
        cmocka_unit_test(quotes_what_yaml_would_read_otherwise),
        cmocka_unit_test(the_schema_is_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
