/* From the tables to Markdown: a heading a mapping, a row a key. */
#include "docs.h"

#include <string.h>

#include "devstack/base/memory.h"
#include "keys.h"

static const struct {
    const char *title;
    const struct ds_table *table;
} chapters[] = {
    {"The file", &ds_table_top},
    {"`secrets.NAME`", &ds_table_secret},
    {"`configs.NAME`", &ds_table_config},
    {"`services.NAME`", &ds_table_service},
    {"`postgres`", &ds_table_postgres},
    {"`healthcheck`", &ds_table_health},
    {"`healthcheck.http`", &ds_table_http},
    {"`watch`", &ds_table_watch},
    {"`environments.NAME`", &ds_table_environment},
};

static char *words_shape(const struct ds_field *field)
{
    ds_auto_strings struct ds_strings words = {0};
    for (size_t i = 0; field->words[i]; i++)
        if (field->words[i][0] != '=')
            ds_strings_addf(&words, "`%s`", field->words[i]);
    return ds_strings_join(&words, ", ");
}

static char *table_shape(const struct ds_table *table)
{
    ds_auto_strings struct ds_strings keys = {0};
    for (size_t i = 0; i < table->count; i++)
        ds_strings_add(&keys, table->fields[i].name);
    ds_auto_free char *list = ds_strings_join(&keys, ", ");
    return ds_printf("`{%s}`", list);
}

static char *shape(const struct ds_field *field)
{
    switch (field->type) {
    case DS_FIELD_TEXT:
    case DS_FIELD_TEMPLATE:
        return ds_strdup("a text");
    case DS_FIELD_PATH:
        return ds_strdup("a path");
    case DS_FIELD_BOOL:
        return ds_strdup("true or false");
    case DS_FIELD_NUMBER:
        return ds_printf("a number from %u to %u", field->least, field->most);
    case DS_FIELD_FRACTION:
        return ds_strdup("a number above 0");
    case DS_FIELD_DURATION:
        return ds_strdup("a duration");
    case DS_FIELD_BYTES:
        return ds_strdup("a size in bytes");
    case DS_FIELD_WORD:
        return words_shape(field);
    case DS_FIELD_TEXTS:
        return ds_strdup("a list of texts");
    case DS_FIELD_PATHS:
        return ds_strdup("a path or a list of paths");
    case DS_FIELD_SETTINGS:
        return ds_strdup("a mapping, or a list of `NAME=value`");
    case DS_FIELD_COMMAND:
        return ds_strdup("a string or a list");
    case DS_FIELD_TABLE:
        return table_shape(field->table);
    case DS_FIELD_CUSTOM:
        return ds_strdup(field->shape);
    case DS_FIELD_LATER:
        return ds_strdup("");
    }
    return ds_strdup("");
}

/* A bar would end the cell. */
static void append_cell(struct ds_text *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '|')
            ds_text_append_char(out, '\\');
        ds_text_append_char(out, *text);
    }
}

static void append_kinds(struct ds_text *out, unsigned kinds)
{
    ds_auto_strings struct ds_strings words = {0};
    if (kinds == DS_FOR_ALL)
        ds_strings_add(&words, "all");
    else
        for (size_t i = 0; i < ds_kind_key_count; i++)
            if (kinds & ds_kind_keys[i].bit)
                ds_strings_add(&words, ds_kind_keys[i].word);
    ds_auto_free char *list = ds_strings_join(&words, ", ");
    ds_text_appendf(out, " %s |", list);
}

static void append_row(struct ds_text *out, const struct ds_field *field, bool kinds)
{
    ds_auto_free char *type = shape(field);
    ds_text_appendf(out, "| `%s`%s | ", field->name, field->required ? " (required)" : "");
    append_cell(out, type);
    ds_text_append(out, " |");
    if (kinds)
        append_kinds(out, field->kinds);
    ds_text_append_char(out, ' ');
    append_cell(out, field->description);
    if (field->fallback)
        ds_text_appendf(out, " Default: `%s`.", field->fallback);
    if (field->example) {
        ds_text_append(out, " Example: `");
        append_cell(out, field->example);
        ds_text_append(out, "`.");
    }
    ds_text_append(out, " |\n");
}

char *ds_manifest_reference(void)
{
    struct ds_text out = {0};
    for (size_t i = 0; i < DS_COUNT(chapters); i++) {
        const struct ds_table *table = chapters[i].table;
        bool kinds = table == &ds_table_service;
        ds_text_appendf(&out, "%s### %s\n\n", i ? "\n" : "", chapters[i].title);
        ds_text_append(&out, kinds ? "| key | value | for | meaning |\n|---|---|---|---|\n"
                                   : "| key | value | meaning |\n|---|---|---|\n");
        for (size_t f = 0; f < table->count; f++)
            if (table->fields[f].type != DS_FIELD_LATER)
                append_row(&out, &table->fields[f], kinds);
    }
    return ds_text_take(&out);
}
