/*
 * Reading single values. Types are ours to decide: a plain scalar may be a number, a bool or a
 * text; a quoted one is a text, unless a variable in it was replaced. Where a text is expected, any
 * scalar but null will do, as it is written (`version: 17`).
 */
#include <stdlib.h>
#include <string.h>

#include "devstack/base/clock.h"
#include "devstack/base/file.h"
#include "devstack/base/memory.h"
#include "field.h"

bool ds_read_refuse(struct ds_reader *reader, const struct ds_node *node, const char *expected)
{
    ds_auto_free char *found = ds_node_describe(node);
    bool quoted = node->kind == DS_NODE_SCALAR && !node->plain;
    ds_faults_add(reader->faults, node->where, "expected %s, found %s%s", expected,
                  quoted ? "the text " : "", found);
    return false;
}

static bool refuse_text(struct ds_reader *reader, const struct ds_node *node, const char *expected,
                        const char *text)
{
    if (strcmp(text, node->text) == 0)
        return ds_read_refuse(reader, node, expected);
    ds_faults_add(reader->faults, node->where, "expected %s, found '%s', which is '%s'", expected,
                  node->text, text);
    return false;
}

struct ds_template *ds_read_template(struct ds_reader *reader, const struct ds_node *node,
                                     enum ds_interpolation_mode mode)
{
    if (node->kind != DS_NODE_SCALAR || ds_node_is_null(node)) {
        ds_read_refuse(reader, node, "a text");
        return NULL;
    }
    const struct ds_interpolation how = {
        .mode = mode,
        .variables = reader->variables,
        .services = &reader->services,
        .faults = reader->faults,
    };
    struct ds_where where = node->where;
    where.column += node->exact ? node->lead : 0;
    struct ds_template *template = ds_interpolate(&how, node->text, where, node->exact);
    template->where = node->where;
    return template;
}

/* May be empty: what is meant by it is up to the caller. */
static bool read_any_text(struct ds_reader *reader, const struct ds_node *node, char **ret_text)
{
    size_t errors = reader->faults->errors;
    struct ds_template *template = ds_read_template(reader, node, DS_INTERPOLATE_VALUE);
    bool good = template && reader->faults->errors == errors;
    const char *literal = good ? ds_template_literal(template) : NULL;
    if (literal)
        *ret_text = ds_strdup(literal);
    else if (good)
        ds_faults_add(reader->faults, node->where,
                      "a reference cannot stand here: '%s' is needed before anything runs",
                      node->text);
    ds_template_free(template);
    return literal != NULL;
}

static bool is_blank(const char *text)
{
    return text[strspn(text, " \t\r\n")] == '\0';
}

bool ds_read_text(struct ds_reader *reader, const struct ds_node *node, char **ret_text)
{
    ds_auto_free char *text = NULL;
    if (!read_any_text(reader, node, &text))
        return false;
    if (is_blank(text))
        return refuse_text(reader, node, "a text that is not empty", text);
    *ret_text = ds_steal(text);
    return true;
}

struct ds_template *ds_read_filled_template(struct ds_reader *reader, const struct ds_node *node)
{
    size_t errors = reader->faults->errors;
    struct ds_template *template = ds_read_template(reader, node, DS_INTERPOLATE_VALUE);
    const char *literal = template ? ds_template_literal(template) : NULL;
    if (!literal || !is_blank(literal))
        return template;
    if (reader->faults->errors == errors)
        refuse_text(reader, node, "a text that is not empty", literal);
    ds_template_free(template);
    return NULL;
}

/* A typed scalar's text: plain, or with variables in it. */
static bool read_typed(struct ds_reader *reader, const struct ds_node *node, const char *expected,
                       char **ret_text)
{
    if (node->kind != DS_NODE_SCALAR || ds_node_is_null(node) ||
        (!node->plain && !strchr(node->text, '$')))
        return ds_read_refuse(reader, node, expected);
    return read_any_text(reader, node, ret_text);
}

bool ds_read_bool(struct ds_reader *reader, const struct ds_node *node, bool *ret_value)
{
    static const char expected[] = "true or false";
    ds_auto_free char *text = NULL;
    if (!read_typed(reader, node, expected, &text))
        return false;
    bool yes = strcmp(text, "true") == 0 || strcmp(text, "True") == 0 || strcmp(text, "TRUE") == 0;
    bool no =
        strcmp(text, "false") == 0 || strcmp(text, "False") == 0 || strcmp(text, "FALSE") == 0;
    if (!yes && !no)
        return refuse_text(reader, node, expected, text);
    *ret_value = yes;
    return true;
}

bool ds_read_number(struct ds_reader *reader, const struct ds_node *node, unsigned least,
                    unsigned most, unsigned *ret_value)
{
    ds_auto_free char *expected = ds_printf("a number from %u to %u", least, most);
    ds_auto_free char *text = NULL;
    if (!read_typed(reader, node, expected, &text))
        return false;
    size_t digits = strspn(text, "0123456789");
    unsigned long value = digits > 0 && digits < 11 && !text[digits] ? strtoul(text, NULL, 10) : 0;
    /* A leading zero is octal to one YAML reader and decimal to the next. */
    bool ambiguous = digits > 1 && text[0] == '0';
    if (digits == 0 || digits > 10 || text[digits] || ambiguous || value < least || value > most)
        return refuse_text(reader, node, expected, text);
    *ret_value = (unsigned)value;
    return true;
}

bool ds_read_duration(struct ds_reader *reader, const struct ds_node *node, uint64_t *ret_value)
{
    static const char expected[] = "a duration with a unit, like 500ms, 5s or 1m30s";
    ds_auto_free char *text = NULL;
    if (node->kind != DS_NODE_SCALAR || ds_node_is_null(node))
        return ds_read_refuse(reader, node, expected);
    return read_any_text(reader, node, &text) &&
           (ds_duration_parse(text, ret_value, NULL) || refuse_text(reader, node, expected, text));
}

bool ds_read_bytes(struct ds_reader *reader, const struct ds_node *node, uint64_t *ret_value)
{
    static const char expected[] = "a size in bytes, like 512m or 2g";
    static const struct {
        const char *unit;
        unsigned shift;
    } units[] = {{"", 0},   {"b", 0},   {"k", 10}, {"kb", 10},
                 {"m", 20}, {"mb", 20}, {"g", 30}, {"gb", 30}};
    ds_auto_free char *text = NULL;
    if (node->kind != DS_NODE_SCALAR || ds_node_is_null(node))
        return ds_read_refuse(reader, node, expected);
    if (!read_any_text(reader, node, &text))
        return false;
    size_t digits = strspn(text, "0123456789");
    for (size_t i = 0; digits > 0 && digits < 10 && i < DS_COUNT(units); i++) {
        if (strcasecmp(text + digits, units[i].unit) == 0) {
            *ret_value = (uint64_t)strtoul(text, NULL, 10) << units[i].shift;
            return true;
        }
    }
    return refuse_text(reader, node, expected, text);
}

bool ds_read_texts(struct ds_reader *reader, const struct ds_node *node,
                   struct ds_strings *ret_texts)
{
    bool good = true;
    size_t count = node->kind == DS_NODE_LIST ? node->count : 1;
    for (size_t i = 0; i < count; i++) {
        char *text;
        if (ds_read_text(reader, node->kind == DS_NODE_LIST ? node->items[i] : node, &text))
            ds_strings_take(ret_texts, text);
        else
            good = false;
    }
    return good;
}

char *ds_read_resolve_path(const struct ds_reader *reader, const char *path)
{
    const char *home = reader->variables ? ds_variables_get(reader->variables, "HOME") : NULL;
    if (path[0] == '~' && (path[1] == '/' || path[1] == '\0') && home && *home == '/')
        return path[1] ? ds_path_join(home, path + 2) : ds_strdup(home);
    while (path[0] == '.' && path[1] == '/')
        path += 2;
    if (strcmp(path, ".") == 0 || *path == '\0')
        return ds_strdup(reader->manifest->folder);
    return ds_path_join(reader->manifest->folder, path);
}
