/* Dotted references: reading them and writing them. */
#include "reference.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "devstack/base/memory.h"

static const char *const scopes[] = {
    [DS_REFERENCE_SERVICE] = "",
    [DS_REFERENCE_SECRET] = "secrets",
    [DS_REFERENCE_CONFIG] = "configs",
    [DS_REFERENCE_STACK] = "stack",
};
static const char *const service_fields[] = {"url",  "host",     "port",    "ports",
                                             "user", "password", "database"};
static const char *const stack_fields[] = {"name", "environment", "id", "folder", "runtime_dir"};

static bool is_one_of(const char *word, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(words[i], word) == 0)
            return true;
    return false;
}

bool ds_reference_is_scope(const char *word)
{
    return *word && is_one_of(word, scopes, DS_COUNT(scopes));
}

size_t ds_reference_length(const char *text, const struct ds_strings *services, bool strict)
{
    size_t first = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_-");
    if (!islower((unsigned char)text[0]) || text[first] != '.')
        return 0;
    ds_auto_free char *word = ds_strndup(text, first);
    bool known = ds_reference_is_scope(word) || (services && ds_strings_contain(services, word));
    if (!known && (strict || strchr(word, '-')))
        return 0;
    return first + strspn(text + first, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                        "0123456789_-.");
}

static void split(const char *text, size_t length, struct ds_strings *ret_words)
{
    const char *end = text + length;
    for (const char *at = text;;) {
        const char *dot = memchr(at, '.', (size_t)(end - at));
        ds_strings_take(ret_words, ds_strndup(at, (size_t)((dot ? dot : end) - at)));
        if (!dot)
            return;
        at = dot + 1;
    }
}

struct parse {
    const char *whole;
    const struct ds_strings *words;
    struct ds_where where;
    struct ds_faults *faults;
};

#define REFUSE(parse, ...) (ds_faults_add((parse)->faults, (parse)->where, __VA_ARGS__), false)

static bool check_field(const struct parse *parse, const char *const *known, size_t count)
{
    const char *field = parse->words->items[1];
    if (is_one_of(field, known, count))
        return true;
    ds_auto_strings struct ds_strings list = {0};
    for (size_t i = 0; i < count; i++)
        ds_strings_addf(&list, ".%s", known[i]);
    ds_auto_free char *all = ds_strings_join(&list, ", ");
    struct ds_fault *fault =
        ds_faults_add(parse->faults, parse->where, "'${%s}': there is no '.%s', only %s",
                      parse->whole, field, all);
    const char *scope = ds_nearest(parse->words->items[0], scopes, DS_COUNT(scopes));
    const char *nearest = ds_nearest(field, known, count);
    if (scope && strcmp(scope, parse->words->items[0]) != 0)
        ds_fault_hint(fault, "did you mean '${%s.%s}'?", scope, field);
    else if (nearest)
        ds_fault_hint(fault, "did you mean '.%s'?", nearest);
    return false;
}

static bool check_words(const struct parse *parse)
{
    const struct ds_strings *words = parse->words;
    for (size_t i = 0; i < words->count; i++)
        if (words->items[i][0] == '\0')
            return REFUSE(parse, "'${%s}' has an empty part", parse->whole);
    if (ds_reference_is_scope(words->items[0])) {
        if (words->count != 2)
            return REFUSE(parse, "'${%s}' has too many parts: write ${%s.NAME}", parse->whole,
                          words->items[0]);
        return strcmp(words->items[0], "stack") != 0 ||
               check_field(parse, stack_fields, DS_COUNT(stack_fields));
    }
    if (!check_field(parse, service_fields, DS_COUNT(service_fields)))
        return false;
    bool ports = strcmp(words->items[1], "ports") == 0;
    if (ports && words->count != 3)
        return REFUSE(parse, "'${%s}' names no port: write ${%s.ports.NAME} or ${%s.port}",
                      parse->whole, words->items[0], words->items[0]);
    if (!ports && words->count != 2)
        return REFUSE(parse, "'${%s}': nothing can follow '.%s'", parse->whole, words->items[1]);
    return true;
}

struct ds_reference *ds_reference_parse(const char *text, size_t length, struct ds_where where,
                                        struct ds_faults *faults)
{
    ds_auto_free char *whole = ds_strndup(text, length);
    ds_auto_strings struct ds_strings words = {0};
    split(text, length, &words);
    struct parse parse = {whole, &words, where, faults};
    if (!check_words(&parse))
        return NULL;
    struct ds_reference *reference = DS_NEW(struct ds_reference);
    reference->where = where;
    if (!ds_reference_is_scope(words.items[0])) {
        reference->scope = DS_REFERENCE_SERVICE;
        reference->name = ds_strdup(words.items[0]);
        reference->field = ds_strdup(words.items[1]);
        reference->item = words.count == 3 ? ds_strdup(words.items[2]) : NULL;
        return reference;
    }
    while (strcmp(scopes[reference->scope], words.items[0]) != 0)
        reference->scope++;
    reference->name = ds_strdup(words.items[1]);
    return reference;
}

struct ds_reference *ds_reference_copy(const struct ds_reference *reference)
{
    struct ds_reference *copy = ds_memdup(reference, sizeof(*reference));
    copy->name = ds_strdup(reference->name);
    copy->field = ds_strdup(reference->field);
    copy->item = ds_strdup(reference->item);
    return copy;
}

void ds_reference_free(struct ds_reference *reference)
{
    if (!reference)
        return;
    free(reference->name);
    free(reference->field);
    free(reference->item);
    free(reference);
}

void ds_reference_format(const struct ds_reference *reference, struct ds_text *out)
{
    const char *scope = scopes[reference->scope];
    ds_text_appendf(out, "${%s%s%s", scope, *scope ? "." : "", reference->name);
    if (reference->field)
        ds_text_appendf(out, ".%s", reference->field);
    if (reference->item)
        ds_text_appendf(out, ".%s", reference->item);
    ds_text_append_char(out, '}');
}
