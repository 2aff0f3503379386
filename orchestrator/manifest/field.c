/* Reading a mapping by its table: every key is known, belongs here, and has the right type. */
#include "keys.h"

#include <stdlib.h>
#include <string.h>

#include "devstack/base/memory.h"

const struct ds_field *ds_table_find(const struct ds_table *table, const char *name)
{
    for (size_t i = 0; i < table->count; i++)
        if (strcmp(table->fields[i].name, name) == 0)
            return &table->fields[i];
    return NULL;
}

void ds_table_refuse(struct ds_reader *reader, const struct ds_table *table,
                     const struct ds_node *key, const char *owner)
{
    ds_auto_free const char **names = ds_realloc_array(NULL, table->count, sizeof(*names));
    size_t count = 0;
    for (size_t i = 0; i < table->count; i++)
        if (table->fields[i].type != DS_FIELD_LATER)
            names[count++] = table->fields[i].name;
    struct ds_fault *fault =
        ds_faults_add(reader->faults, key->where, "unknown key '%s' in %s", key->text, owner);
    const char *nearest = ds_nearest(key->text, names, count);
    if (nearest)
        ds_fault_hint(fault, "did you mean '%s'?", nearest);
}

static void read_word(struct ds_reader *reader, const struct ds_field *field,
                      const struct ds_node *node, int *ret_index)
{
    ds_auto_free char *text = NULL;
    if (!ds_read_text(reader, node, &text))
        return;
    ds_auto_strings struct ds_strings words = {0};
    int index = -1;
    for (size_t i = 0; field->words[i]; i++) {
        bool synonym = field->words[i][0] == '=';
        index += !synonym;
        if (strcmp(field->words[i] + synonym, text) == 0) {
            *ret_index = index;
            return;
        }
        if (!synonym)
            ds_strings_add(&words, field->words[i]);
    }
    ds_auto_free char *list = ds_strings_join(&words, ", ");
    struct ds_fault *fault = ds_faults_add(
        reader->faults, node->where, "'%s' must be one of %s, not '%s'", field->name, list, text);
    const char *nearest = ds_nearest(text, (const char *const *)words.items, words.count);
    if (nearest)
        ds_fault_hint(fault, "did you mean '%s'?", nearest);
}

static void read_path(struct ds_reader *reader, const struct ds_node *node, char **ret_path)
{
    ds_auto_free char *text = NULL;
    if (ds_read_text(reader, node, &text)) {
        free(*ret_path);
        *ret_path = ds_read_resolve_path(reader, text);
    }
}

static void read_paths(struct ds_reader *reader, const struct ds_node *node,
                       struct ds_strings *ret_paths)
{
    ds_auto_strings struct ds_strings texts = {0};
    if (!ds_read_texts(reader, node, &texts))
        return;
    for (size_t i = 0; i < texts.count; i++)
        ds_strings_take(ret_paths, ds_read_resolve_path(reader, texts.items[i]));
}

static void read_list(struct ds_reader *reader, const struct ds_node *node,
                      struct ds_strings *ret_texts)
{
    if (node->kind == DS_NODE_LIST)
        ds_read_texts(reader, node, ret_texts);
    else
        ds_read_refuse(reader, node, "a list of texts");
}

static void read_fraction(struct ds_reader *reader, const struct ds_node *node, double *ret_value)
{
    ds_auto_free char *text = NULL;
    if (!ds_read_text(reader, node, &text))
        return;
    char *end = text;
    double value = 0;
    if (*text && strspn(text, "0123456789.") == strlen(text))
        value = strtod(text, &end);
    if (*end == '\0' && value > 0)
        *ret_value = value;
    else
        ds_read_refuse(reader, node, "a number above 0, like 0.5");
}

static void read_value(struct ds_reader *reader, const struct ds_field *field,
                       const struct ds_node *node, void *target)
{
    switch (field->type) {
    case DS_FIELD_TEXT: {
        char *text = NULL;
        if (ds_read_text(reader, node, &text)) {
            free(*(char **)target);
            *(char **)target = text;
        }
        return;
    }
    case DS_FIELD_PATH:
        read_path(reader, node, target);
        return;
    case DS_FIELD_TEMPLATE:
        ds_template_free(*(struct ds_template **)target);
        *(struct ds_template **)target = ds_read_filled_template(reader, node);
        return;
    case DS_FIELD_BOOL:
        ds_read_bool(reader, node, target);
        return;
    case DS_FIELD_NUMBER:
        ds_read_number(reader, node, field->least, field->most, target);
        return;
    case DS_FIELD_FRACTION:
        read_fraction(reader, node, target);
        return;
    case DS_FIELD_DURATION:
        ds_read_duration(reader, node, target);
        return;
    case DS_FIELD_BYTES:
        ds_read_bytes(reader, node, target);
        return;
    case DS_FIELD_WORD:
        read_word(reader, field, node, target);
        return;
    case DS_FIELD_TEXTS:
        read_list(reader, node, target);
        return;
    case DS_FIELD_PATHS:
        read_paths(reader, node, target);
        return;
    case DS_FIELD_SETTINGS:
        ds_read_settings(reader, node, target);
        return;
    case DS_FIELD_COMMAND:
        ds_read_command(reader, node, target);
        return;
    case DS_FIELD_TABLE: {
        ds_auto_free char *owner = ds_printf("'%s'", field->name);
        ds_table_read(reader, field->table, node, owner, 0, target);
        return;
    }
    case DS_FIELD_CUSTOM:
        field->read(reader, node, target);
        return;
    case DS_FIELD_LATER:
        return;
    }
}

static const char *kind_phrase(unsigned kinds)
{
    switch (kinds) {
    case DS_FOR_RUN:
        return "a process (run:)";
    case DS_FOR_TASK:
        return "a task";
    case DS_FOR_IMAGE:
        return "a container (image:)";
    case DS_FOR_POSTGRES:
        return "postgres";
    case DS_FOR_EXTERNAL:
        return "an external service";
    }
    return "this";
}

static void read_entry(struct ds_reader *reader, const struct ds_table *table,
                       const struct ds_entry *entry, const char *owner, unsigned kinds, void *base)
{
    const char *key = entry->key->text;
    if (ds_string_starts(key, "x-"))
        return;
    const struct ds_field *field = ds_table_find(table, key);
    if (!field)
        ds_table_refuse(reader, table, entry->key, owner);
    else if (field->type == DS_FIELD_LATER)
        ds_faults_add(reader->faults, entry->key->where,
                      "'%s' in %s is not supported by this version of devstack", key, owner);
    else if (kinds && !(field->kinds & kinds) && ds_kind_key_find(key))
        return; /* a second kind: told once, by who chose between them */
    else if (kinds && !(field->kinds & kinds))
        ds_faults_add(reader->faults, entry->key->where, "'%s' does not belong to %s (%s)", key,
                      kind_phrase(kinds), owner);
    else
        read_value(reader, field, entry->value, (char *)base + field->offset);
}

void ds_table_read(struct ds_reader *reader, const struct ds_table *table,
                   const struct ds_node *node, const char *owner, unsigned kinds, void *base)
{
    if (node->kind != DS_NODE_MAP) {
        ds_auto_free char *found = ds_node_describe(node);
        ds_faults_add(reader->faults, node->where, "%s must be a mapping of keys, found %s", owner,
                      found);
        return;
    }
    for (size_t i = 0; i < node->count; i++)
        read_entry(reader, table, &node->entries[i], owner, kinds, base);
    for (size_t i = 0; i < table->count; i++)
        if (table->fields[i].required && !ds_node_entry(node, table->fields[i].name))
            ds_faults_add(reader->faults, node->where, "%s lacks the key '%s'", owner,
                          table->fields[i].name);
}

void ds_table_read_defaults(struct ds_reader *reader, const struct ds_table *table, unsigned kinds,
                            void *base)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct ds_field *field = &table->fields[i];
        if (field->type == DS_FIELD_LATER || (kinds && !(field->kinds & kinds)))
            continue;
        if (field->fallback) {
            ds_auto_free char *text = ds_strdup(field->fallback);
            const struct ds_node node = {.kind = DS_NODE_SCALAR, .plain = true, .text = text};
            read_value(reader, field, &node, (char *)base + field->offset);
        } else if (field->type == DS_FIELD_TABLE) {
            ds_table_read_defaults(reader, field->table, 0, (char *)base + field->offset);
        }
    }
}
