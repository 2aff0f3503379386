/*
 * The JSON Schema of services.yaml, made from the tables. Shapes that are no single type of the
 * tables stand in `shapes`. A schema sees what another YAML reader made of the file, so typed
 * values also take a text with a variable in it.
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "devstack/base/memory.h"
#include "keys.h"

#define REF(name) "{\"$ref\": \"#/$defs/" name "\"}"

static const struct {
    const char *name;
    const char *schema;
} shapes[] = {
    {"variable", "{\"type\": \"string\", \"pattern\": \"\\\\$\"}"},
    {"scalar", "{\"type\": [\"string\", \"number\", \"boolean\"]}"},
    {"text", "{\"type\": [\"string\", \"number\", \"boolean\"], \"pattern\": \"\\\\S\"}"},
    {"texts", "{\"type\": \"array\", \"items\": " REF("text") "}"},
    {"text-or-texts", "{\"anyOf\": [" REF("text") ", " REF("texts") "]}"},
    {"boolean", "{\"anyOf\": [{\"type\": \"boolean\"}, " REF("variable") "]}"},
    {"duration", "{\"type\": \"string\", \"pattern\": \"^([0-9.]+(ns|us|ms|s|m|h|d|w))+$|\\\\$\"}"},
    {"bytes", "{\"anyOf\": [{\"type\": \"integer\", \"minimum\": 0},"
              "{\"type\": \"string\", \"pattern\": \"^[0-9]+([bB]|[kKmMgG][bB]?)?$|\\\\$\"}]}"},
    {"fraction",
     "{\"anyOf\": [{\"type\": \"number\", \"exclusiveMinimum\": 0}, " REF("variable") "]}"},
    {"settings",
     "{\"anyOf\": [{\"type\": \"object\", \"additionalProperties\":"
     "{\"type\": [\"string\", \"number\", \"boolean\", \"null\"]}}, " REF("texts") "]}"},
    {"command", "{\"anyOf\": [" REF("text") ", {\"type\": \"array\", \"minItems\": 1,"
                                            "\"prefixItems\": [" REF("text") "], \"items\": " REF(
                                                "scalar") "}]}"},
    {"port-number", "{\"anyOf\": [{\"type\": \"integer\", \"minimum\": 1, \"maximum\": 65535}," REF(
                        "variable") "]}"},
    {"port",
     "{\"anyOf\": [" REF(
         "port-number") ", {\"const\": \"auto\"},"
                        "{\"type\": \"string\", \"pattern\": \"^[0-9.:]*[0-9]+(/tcp)?$\"}]}"},
    {"port-pair",
     "{\"type\": \"object\", \"required\": [\"container\"], \"additionalProperties\": false,"
     "\"properties\": {\"container\": " REF(
         "port-number") ","
                        "\"host\": {\"anyOf\": [" REF("port-number") ", {\"const\": \"auto\"}]}}}"},
    {"ports",
     "{\"anyOf\": [" REF("texts") ", {\"type\": \"object\", \"propertyNames\":"
                                  "{\"pattern\": \"^[a-z][a-z0-9_-]*$\"}, \"additionalProperties\":"
                                  "{\"anyOf\": [" REF("port") ", " REF("port-pair") "]}}]}"},
    {"health-port",
     "{\"anyOf\": [" REF("port-number") ", {\"type\": \"string\", \"pattern\": \"^[a-z]\"}]}"},
    {"status", "{\"anyOf\": [{\"type\": \"integer\", \"minimum\": 100, \"maximum\": 599}," REF(
                   "variable") "]}"},
    {"secret-length", "{\"anyOf\": [{\"type\": \"integer\", \"minimum\": 8, \"maximum\": 256}," REF(
                          "variable") "]}"},
    {"http",
     "{\"anyOf\": [{\"type\": \"string\", \"pattern\": \"^/|\\\\$\"}, " REF("http-check") "]}"},
    {"test", "{\"anyOf\": [{\"type\": \"string\", \"pattern\": \"\\\\S\"}, {\"type\": \"array\","
             "\"minItems\": 1, \"items\": " REF(
                 "scalar") ","
                           "\"prefixItems\": [{\"enum\": [\"CMD\", \"CMD-SHELL\", \"NONE\"]}]}]}"},
    {"signal", "{\"type\": \"string\", \"pattern\":"
               "\"^(SIG)?(HUP|INT|QUIT|KILL|TERM|USR1|USR2|WINCH)$|\\\\$\"}"},
    {"depends-on",
     "{\"anyOf\": [{\"type\": \"array\", \"uniqueItems\": true,"
     "\"items\": {\"type\": \"string\", \"pattern\": \"\\\\S\"}},"
     "{\"type\": \"object\", \"additionalProperties\": {\"anyOf\": [{\"type\": \"null\"},"
     "{\"type\": \"object\", \"additionalProperties\": false, \"properties\": {"
     "\"condition\": {\"enum\": [\"ready\", \"started\", \"healthy\", \"completed\","
     "\"service_started\", \"service_healthy\", \"service_completed_successfully\"]},"
     "\"restart\": " REF("boolean") "}}]}}]}"},
    {"env-file-item",
     "{\"anyOf\": [" REF("text") ", {\"type\": \"object\", \"required\": [\"path\"],"
                                 "\"additionalProperties\": false,"
                                 "\"properties\": {\"path\": " REF("text") ", \"required\": " REF(
                                     "boolean") "}}]}"},
    {"env-file", "{\"anyOf\": [" REF("env-file-item") ", {\"type\": \"array\", \"items\": " REF(
                     "env-file-item") "}]}"},
    {"volumes",
     "{\"type\": \"array\", \"items\": {\"anyOf\": [{\"type\": \"string\", \"pattern\":"
     "\"^[^:]+:[^:]+(:(ro|rw))?$|\\\\$\"}, {\"type\": \"object\","
     "\"required\": [\"type\", \"target\"], \"additionalProperties\": false, \"properties\": {"
     "\"type\": {\"enum\": [\"volume\", \"bind\", \"tmpfs\"]}, \"source\": " REF(
         "text") ","
                 "\"target\": " REF("text") ", \"read_only\": " REF("boolean") "}}]}}"},
    {"secret-files", "{\"anyOf\": [{\"type\": \"object\", \"propertyNames\": {\"minLength\": 1}, "
                     "\"additionalProperties\": " REF(
                         "scalar") "},"
                                   "{\"type\": \"array\", \"items\": {\"anyOf\": [" REF(
                                       "text") ", {\"type\": "
                                               "\"object\","
                                               "\"required\": [\"source\"], "
                                               "\"additionalProperties\": false, \"properties\": {"
                                               "\"source\": " REF("text") ", \"target\": " REF(
                                                   "text") ","
                                                           "\"uid\": {\"type\": \"integer\"}, "
                                                           "\"gid\": {\"type\": \"integer\"},"
                                                           "\"mode\": {\"type\": [\"integer\", "
                                                           "\"string\"]}}}]}}]}"},
    {"extra-hosts", "{\"anyOf\": [{\"type\": \"object\", \"propertyNames\": {\"minLength\": 1},"
                    "\"additionalProperties\": " REF(
                        "text") "},"
                                "{\"type\": \"array\", \"items\": {\"type\": \"string\", "
                                "\"pattern\": \"^.+[:=].+$\"}}]}"},
    {"watch-paths", "{\"anyOf\": [" REF("text") ", {\"type\": \"array\", \"minItems\": 1,"
                                                "\"items\": " REF("text") "}]}"},
    {"watch", "{\"anyOf\": [" REF("watch-paths") ", " REF("watch-keys") "]}"},
    {"secrets",
     "{\"type\": \"object\", \"propertyNames\": {\"pattern\": \"^[a-z][a-z0-9_]*$\"},"
     "\"additionalProperties\": {\"anyOf\": [{\"type\": \"null\"}, " REF("secret") "]}}"},
    {"configs", "{\"type\": \"object\", \"propertyNames\": {\"pattern\": \"^[a-z][a-z0-9_-]*$\"},"
                "\"additionalProperties\": " REF("config") "}"},
    {"services", "{\"type\": \"object\", \"minProperties\": 1,"
                 "\"propertyNames\": {\"pattern\": \"^[a-z][a-z0-9_-]*$\","
                 "\"not\": {\"enum\": [\"secrets\", \"configs\", \"stack\"]}},"
                 "\"additionalProperties\": " REF("service") "}"},
    {"service-overlays",
     "{\"type\": \"object\", \"additionalProperties\": " REF("any-service") "}"},
    {"environments",
     "{\"type\": \"object\", \"propertyNames\": {\"pattern\": \"^[a-z][a-z0-9-]*$\"},"
     "\"additionalProperties\": {\"anyOf\": [{\"type\": \"null\"}, " REF("environment") "]}}"},
};

static const struct ds_table *const tables[] = {
    &ds_table_postgres, &ds_table_health, &ds_table_http,        &ds_table_watch,
    &ds_table_secret,   &ds_table_config, &ds_table_environment,
};

/* The texts above are part of the program: one that is no JSON is a defect of it. */
static json_t *load(const char *text)
{
    json_t *value = json_loads(text, JSON_DECODE_ANY, NULL);
    if (!value)
        abort();
    return value;
}

static json_t *reference(const char *name)
{
    ds_auto_free char *target = ds_printf("#/$defs/%s", name);
    return json_pack("{s:s}", "$ref", target);
}

static json_t *word_schema(const struct ds_field *field)
{
    json_t *words = json_array();
    for (size_t i = 0; field->words[i]; i++) {
        const char *word = field->words[i] + (field->words[i][0] == '=');
        /* To a reader of YAML 1.1 `no` is no text. */
        json_array_append_new(words, strcmp(word, "false") == 0 ? json_false() : json_string(word));
    }
    return json_pack("{s:[{s:o}, o]}", "anyOf", "enum", words, reference("variable"));
}

static json_t *table_schema(const struct ds_table *table);

static json_t *type_schema(const struct ds_field *field)
{
    switch (field->type) {
    case DS_FIELD_TEXT:
    case DS_FIELD_PATH:
    case DS_FIELD_TEMPLATE:
        return reference("text");
    case DS_FIELD_BOOL:
        return reference("boolean");
    case DS_FIELD_NUMBER:
        return json_pack("{s:[{s:s, s:I, s:I}, o]}", "anyOf", "type", "integer", "minimum",
                         (json_int_t)field->least, "maximum", (json_int_t)field->most,
                         reference("variable"));
    case DS_FIELD_FRACTION:
        return reference("fraction");
    case DS_FIELD_DURATION:
        return reference("duration");
    case DS_FIELD_BYTES:
        return reference("bytes");
    case DS_FIELD_WORD:
        return word_schema(field);
    case DS_FIELD_TEXTS:
        return reference("texts");
    case DS_FIELD_PATHS:
        return reference("text-or-texts");
    case DS_FIELD_SETTINGS:
        return reference("settings");
    case DS_FIELD_COMMAND:
        return reference("command");
    case DS_FIELD_TABLE:
        return table_schema(field->table);
    case DS_FIELD_CUSTOM:
        return load(field->schema);
    case DS_FIELD_LATER:
        return NULL;
    }
    return NULL;
}

static json_t *fallback(const struct ds_field *field)
{
    bool typed = field->type == DS_FIELD_BOOL || field->type == DS_FIELD_NUMBER;
    return typed ? load(field->fallback) : json_string(field->fallback);
}

static json_t *field_schema(const struct ds_field *field)
{
    json_t *schema = type_schema(field);
    json_object_set_new(schema, "description", json_string(field->description));
    if (field->fallback)
        json_object_set_new(schema, "default", fallback(field));
    return schema;
}

static json_t *new_object(void)
{
    return json_pack("{s:s, s:b, s:{s:{}}, s:{}}", "type", "object", "additionalProperties", 0,
                     "patternProperties", "^x-", "properties");
}

static void require(json_t *schema, const char *key)
{
    json_t *list = json_object_get(schema, "required");
    if (!list) {
        list = json_array();
        json_object_set_new(schema, "required", list);
    }
    json_array_append_new(list, json_string(key));
}

static json_t *table_schema(const struct ds_table *table)
{
    json_t *schema = new_object();
    for (size_t i = 0; i < table->count; i++) {
        const struct ds_field *field = &table->fields[i];
        if (field->type == DS_FIELD_LATER)
            continue;
        json_object_set_new(json_object_get(schema, "properties"), field->name,
                            field_schema(field));
        if (field->required)
            require(schema, field->name);
    }
    return schema;
}

/* A service of one kind: its kind key, and the keys that belong to it. */
static json_t *kind_schema(const struct ds_kind_key *kind)
{
    json_t *schema = new_object();
    require(schema, kind->word);
    for (size_t i = 0; i < ds_table_service.count; i++) {
        const struct ds_field *field = &ds_table_service.fields[i];
        if (field->type == DS_FIELD_LATER || !(field->kinds & kind->bit))
            continue;
        ds_auto_free char *name = ds_printf("any-service/properties/%s", field->name);
        json_object_set_new(json_object_get(schema, "properties"), field->name, reference(name));
    }
    return schema;
}

static json_t *definitions(void)
{
    json_t *defs = json_object();
    json_t *kinds = json_array();
    for (size_t i = 0; i < ds_kind_key_count; i++) {
        ds_auto_free char *name = ds_printf("service-%s", ds_kind_keys[i].word);
        json_object_set_new(defs, name, kind_schema(&ds_kind_keys[i]));
        json_array_append_new(kinds, reference(name));
    }
    json_object_set_new(defs, "service", json_pack("{s:o}", "oneOf", kinds));
    json_object_set_new(defs, "any-service", table_schema(&ds_table_service));
    for (size_t i = 0; i < DS_COUNT(tables); i++)
        json_object_set_new(defs, tables[i]->name, table_schema(tables[i]));
    for (size_t i = 0; i < DS_COUNT(shapes); i++)
        json_object_set_new(defs, shapes[i].name, load(shapes[i].schema));
    return defs;
}

char *ds_manifest_schema(void)
{
    json_t *schema =
        json_pack("{s:s, s:s}", "$schema", "https://json-schema.org/draft/2020-12/schema", "title",
                  "services.yaml");
    json_t *top = table_schema(&ds_table_top);
    json_object_update(schema, top);
    json_decref(top);
    json_object_set_new(schema, "$defs", definitions());
    char *text = json_dumps(schema, JSON_INDENT(2));
    json_decref(schema);
    char *lines = ds_printf("%s\n", text);
    free(text);
    return lines;
}
