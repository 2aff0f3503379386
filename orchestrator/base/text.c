/* Growing strings, string lists and ordered variables. */
#include "devstack/base/text.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "devstack/base/memory.h"
#include "devstack/base/secret.h"

void ds_text_finish(struct ds_text *text)
{
    free(text->data);
    *text = (struct ds_text){0};
}

void ds_text_clear(struct ds_text *text)
{
    text->length = 0;
    if (text->data)
        text->data[0] = '\0';
}

void ds_text_reserve(struct ds_text *text, size_t more)
{
    size_t needed = text->length + more + 1;
    if (needed <= text->capacity)
        return;
    size_t capacity = text->capacity ? text->capacity : 32;
    while (capacity < needed)
        capacity *= 2;
    text->data = ds_realloc_array(text->data, capacity, 1);
    text->capacity = capacity;
}

void ds_text_append_bytes(struct ds_text *text, const void *data, size_t length)
{
    ds_text_reserve(text, length);
    if (length)
        memcpy(text->data + text->length, data, length);
    text->length += length;
    text->data[text->length] = '\0';
}

void ds_text_append(struct ds_text *text, const char *string)
{
    ds_text_append_bytes(text, string, strlen(string));
}

void ds_text_append_char(struct ds_text *text, char c)
{
    ds_text_append_bytes(text, &c, 1);
}

void ds_text_appendf(struct ds_text *text, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    ds_auto_free char *piece = ds_vprintf(format, args);
    va_end(args);
    ds_text_append(text, piece);
}

void ds_text_drop_front(struct ds_text *text, size_t length)
{
    if (length == 0)
        return;
    memmove(text->data, text->data + length, text->length - length + 1);
    text->length -= length;
}

const char *ds_text_string(const struct ds_text *text)
{
    return text->data ? text->data : "";
}

char *ds_text_take(struct ds_text *text)
{
    char *data = text->data ? text->data : ds_strdup("");
    *text = (struct ds_text){0};
    return data;
}

void ds_strings_finish(struct ds_strings *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->items[i]);
    free(list->items);
    *list = (struct ds_strings){0};
}

void ds_strings_take(struct ds_strings *list, char *string)
{
    if (list->count + 2 > list->capacity) {
        list->capacity = list->capacity ? list->capacity * 2 : 8;
        list->items = ds_realloc_array(list->items, list->capacity, sizeof(char *));
    }
    list->items[list->count++] = string;
    list->items[list->count] = NULL;
}

void ds_strings_add(struct ds_strings *list, const char *string)
{
    ds_strings_take(list, ds_strdup(string));
}

void ds_strings_addf(struct ds_strings *list, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    ds_strings_take(list, ds_vprintf(format, args));
    va_end(args);
}

void ds_strings_copy(struct ds_strings *to, const struct ds_strings *from)
{
    for (size_t i = 0; i < from->count; i++)
        ds_strings_add(to, from->items[i]);
}

bool ds_strings_contain(const struct ds_strings *list, const char *string)
{
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->items[i], string) == 0)
            return true;
    return false;
}

char *ds_strings_join(const struct ds_strings *list, const char *separator)
{
    struct ds_text text = {0};
    for (size_t i = 0; i < list->count; i++) {
        if (i)
            ds_text_append(&text, separator);
        ds_text_append(&text, list->items[i]);
    }
    return ds_text_take(&text);
}

static void free_wiped(char *value)
{
    if (value)
        ds_wipe(value, strlen(value));
    free(value);
}

void ds_variables_finish(struct ds_variables *vars)
{
    for (size_t i = 0; i < vars->count; i++) {
        free(vars->items[i].name);
        free_wiped(vars->items[i].value);
    }
    free(vars->items);
    *vars = (struct ds_variables){0};
}

static struct ds_variable *find_variable(const struct ds_variables *vars, const char *name)
{
    for (size_t i = 0; i < vars->count; i++)
        if (strcmp(vars->items[i].name, name) == 0)
            return &vars->items[i];
    return NULL;
}

static void set_variable(struct ds_variables *vars, const char *name, char *value)
{
    struct ds_variable *old = find_variable(vars, name);
    if (old) {
        free_wiped(old->value);
        old->value = value;
        return;
    }
    *DS_VEC_PUSH(vars) = (struct ds_variable){.name = ds_strdup(name), .value = value};
}

void ds_variables_set(struct ds_variables *vars, const char *name, const char *value)
{
    set_variable(vars, name, ds_strdup(value));
}

void ds_variables_setf(struct ds_variables *vars, const char *name, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    set_variable(vars, name, ds_vprintf(format, args));
    va_end(args);
}

void ds_variables_unset(struct ds_variables *vars, const char *name)
{
    struct ds_variable *old = find_variable(vars, name);
    if (!old)
        return;
    free(old->name);
    free_wiped(old->value);
    size_t index = (size_t)(old - vars->items);
    memmove(old, old + 1, (vars->count - index - 1) * sizeof(*old));
    vars->count--;
}

const char *ds_variables_get(const struct ds_variables *vars, const char *name)
{
    const struct ds_variable *found = find_variable(vars, name);
    return found ? found->value : NULL;
}

void ds_variables_import(struct ds_variables *vars, char *const *environment)
{
    for (; *environment; environment++) {
        const char *equals = strchr(*environment, '=');
        if (!equals || equals == *environment)
            continue;
        ds_auto_free char *name = ds_strndup(*environment, (size_t)(equals - *environment));
        ds_variables_set(vars, name, equals + 1);
    }
}

void ds_variables_export(const struct ds_variables *vars, struct ds_strings *ret_environment)
{
    for (size_t i = 0; i < vars->count; i++)
        ds_strings_addf(ret_environment, "%s=%s", vars->items[i].name, vars->items[i].value);
}
