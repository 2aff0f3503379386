/* Lists of names with values (`environment:`, `labels:` …), and commands. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "devstack/base/memory.h"
#include "field.h"

struct ds_setting *ds_settings_find(const struct ds_settings *settings, const char *name)
{
    for (size_t i = 0; i < settings->count; i++)
        if (strcmp(settings->items[i].name, name) == 0)
            return &settings->items[i];
    return NULL;
}

void ds_settings_add(struct ds_settings *settings, const char *name, struct ds_template *value,
                     struct ds_where where)
{
    *DS_VEC_PUSH(settings) =
        (struct ds_setting){.name = ds_strdup(name), .value = value, .where = where};
}

/* A name without a value is taken from the shell, and left out when it is not set there. */
static void add_from_shell(struct ds_reader *reader, const char *name, struct ds_where where,
                           struct ds_settings *settings)
{
    const char *value = reader->shell ? ds_variables_get(reader->shell, name) : NULL;
    if (value)
        ds_settings_add(settings, name, ds_template_from_text(value, where), where);
}

static bool check_name(struct ds_reader *reader, const struct ds_node *node, const char *name,
                       const struct ds_settings *settings)
{
    if (*name == '\0') {
        ds_faults_add(reader->faults, node->where, "a name is missing before '='");
        return false;
    }
    if (ds_settings_find(settings, name)) {
        ds_faults_add(reader->faults, node->where, "'%s' stands here a second time", name);
        return false;
    }
    return true;
}

static void read_item(struct ds_reader *reader, const struct ds_node *node,
                      struct ds_settings *settings)
{
    if (node->kind != DS_NODE_SCALAR || ds_node_is_null(node)) {
        ds_read_refuse(reader, node, "NAME=value");
        return;
    }
    const char *equals = strchr(node->text, '=');
    ds_auto_free char *name =
        equals ? ds_strndup(node->text, (size_t)(equals - node->text)) : ds_strdup(node->text);
    if (!check_name(reader, node, name, settings))
        return;
    if (!equals) {
        add_from_shell(reader, name, node->where, settings);
        return;
    }
    struct ds_node value = *node;
    value.text += equals + 1 - node->text;
    value.plain = false;
    value.lead += (int)(equals + 1 - node->text);
    ds_settings_add(settings, name, ds_read_template(reader, &value, DS_INTERPOLATE_VALUE),
                    node->where);
}

void ds_read_settings(struct ds_reader *reader, const struct ds_node *node,
                      struct ds_settings *ret_settings)
{
    if (node->kind == DS_NODE_SCALAR) {
        ds_read_refuse(reader, node, "a mapping of names to values, or a list of NAME=value");
        return;
    }
    for (size_t i = 0; i < node->count; i++) {
        if (node->kind == DS_NODE_LIST) {
            read_item(reader, node->items[i], ret_settings);
            continue;
        }
        const struct ds_entry *entry = &node->entries[i];
        if (!check_name(reader, entry->key, entry->key->text, ret_settings))
            continue;
        if (ds_node_is_null(entry->value)) {
            add_from_shell(reader, entry->key->text, entry->key->where, ret_settings);
            continue;
        }
        struct ds_template *value = ds_read_template(reader, entry->value, DS_INTERPOLATE_VALUE);
        if (value)
            ds_settings_add(ret_settings, entry->key->text, value, entry->key->where);
    }
}

void ds_command_add(struct ds_command *command, struct ds_template *word)
{
    command->items = ds_realloc_array(command->items, command->count + 1, sizeof(*command->items));
    command->items[command->count++] = word;
}

static bool is_blank(const char *text)
{
    while (isspace((unsigned char)*text))
        text++;
    return *text == '\0';
}

void ds_read_command(struct ds_reader *reader, const struct ds_node *node,
                     struct ds_command *ret_command)
{
    ret_command->where = node->where;
    bool empty = node->kind == DS_NODE_SCALAR ? is_blank(node->text) : node->count == 0;
    if (node->kind == DS_NODE_MAP || empty || ds_node_is_null(node)) {
        ds_read_refuse(reader, node, "a command: a text for the shell, or a list of words");
        return;
    }
    if (node->kind == DS_NODE_SCALAR) {
        ret_command->shell = true;
        ds_command_add(ret_command, ds_read_template(reader, node, DS_INTERPOLATE_SHELL));
        return;
    }
    for (size_t i = 0; i < node->count; i++) {
        /* An argument may be empty, the program's name may not. */
        struct ds_template *word =
            i == 0 ? ds_read_filled_template(reader, node->items[i])
                   : ds_read_template(reader, node->items[i], DS_INTERPOLATE_VALUE);
        if (word)
            ds_command_add(ret_command, word);
    }
}

/* One word of a command line from `*at` on, its quotes removed; NULL when a quote stays open. */
static char *next_word(const char **at)
{
    struct ds_text word = {0};
    char quote = '\0';
    for (; **at && (quote || !isspace((unsigned char)**at)); (*at)++) {
        if (quote == '\0' && (**at == '\'' || **at == '"'))
            quote = **at;
        else if (**at == quote)
            quote = '\0';
        else if (**at == '\\' && quote != '\'' && (*at)[1])
            ds_text_append_char(&word, *++*at);
        else
            ds_text_append_char(&word, **at);
    }
    if (quote) {
        ds_text_finish(&word);
        return NULL;
    }
    return ds_text_take(&word);
}

void ds_read_arguments(struct ds_reader *reader, const struct ds_node *node, void *ret_command)
{
    struct ds_command *command = ret_command;
    if (node->kind != DS_NODE_SCALAR || is_blank(node->text) || ds_node_is_null(node)) {
        ds_read_command(reader, node, command);
        return;
    }
    command->where = node->where;
    for (const char *at = node->text;;) {
        while (isspace((unsigned char)*at))
            at++;
        if (*at == '\0')
            return;
        ds_auto_free char *text = next_word(&at);
        if (!text) {
            ds_faults_add(reader->faults, node->where, "a quote in the command is never closed");
            return;
        }
        struct ds_node word = *node;
        word.text = text;
        word.plain = word.exact = false;
        struct ds_template *value = command->count == 0
                                        ? ds_read_filled_template(reader, &word)
                                        : ds_read_template(reader, &word, DS_INTERPOLATE_VALUE);
        if (!value)
            return;
        ds_command_add(command, value);
    }
}
