/*
 * Text: a growing byte string, a list of strings, an ordered name-to-value map.
 *
 * All three start zeroed ({0}) and are emptied with their _finish(); `data` and `items` are always
 * NUL/NULL-terminated once something was added. Strings handed in are copied, unless a function
 * says _take.
 */
#ifndef DEVSTACK_BASE_TEXT_H
#define DEVSTACK_BASE_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct ds_text {
    char *data; /* NULL while empty and never written to */
    size_t length;
    size_t capacity;
};

#define ds_auto_text __attribute__((cleanup(ds_text_finish)))

void ds_text_finish(struct ds_text *text);
void ds_text_clear(struct ds_text *text); /* length 0, keeps the memory */
void ds_text_reserve(struct ds_text *text, size_t more);
void ds_text_append(struct ds_text *text, const char *string);
void ds_text_append_bytes(struct ds_text *text, const void *data, size_t length);
void ds_text_append_char(struct ds_text *text, char c);
void ds_text_appendf(struct ds_text *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Drops the first `length` bytes. */
void ds_text_drop_front(struct ds_text *text, size_t length);
/* Never NULL: "" when nothing was written. Borrowed. */
const char *ds_text_string(const struct ds_text *text);
/* Hands out the memory (never NULL) and leaves the text empty. The caller frees. */
char *ds_text_take(struct ds_text *text);

struct ds_strings {
    char **items; /* NULL-terminated, or NULL while empty */
    size_t count;
    size_t capacity;
};

#define ds_auto_strings __attribute__((cleanup(ds_strings_finish)))

void ds_strings_finish(struct ds_strings *list);
void ds_strings_add(struct ds_strings *list, const char *string);
void ds_strings_take(struct ds_strings *list, char *string);
void ds_strings_addf(struct ds_strings *list, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void ds_strings_copy(struct ds_strings *to, const struct ds_strings *from); /* appends */
bool ds_strings_contain(const struct ds_strings *list, const char *string);
/* The items with `separator` between them; the caller frees. */
char *ds_strings_join(const struct ds_strings *list, const char *separator);

struct ds_variable {
    char *name;
    char *value;
};

/* Variables in the order they were first set; a name stands once. */
struct ds_variables {
    struct ds_variable *items;
    size_t count;
    size_t capacity;
};

#define ds_auto_variables __attribute__((cleanup(ds_variables_finish)))

/* Values are wiped before they are freed: they may be secret. */
void ds_variables_finish(struct ds_variables *vars);
void ds_variables_set(struct ds_variables *vars, const char *name, const char *value);
void ds_variables_setf(struct ds_variables *vars, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void ds_variables_unset(struct ds_variables *vars, const char *name);
const char *ds_variables_get(const struct ds_variables *vars, const char *name); /* NULL: unset */
/* Takes in NAME=VALUE entries of an environ-like, NULL-terminated list. */
void ds_variables_import(struct ds_variables *vars, char *const *environment);
/* NAME=VALUE entries, for execve(). */
void ds_variables_export(const struct ds_variables *vars, struct ds_strings *ret_environment);

/* Helpers on plain strings. */
bool ds_string_equal(const char *a, const char *b); /* NULL equals NULL only */
bool ds_string_starts(const char *string, const char *prefix);
bool ds_string_ends(const char *string, const char *suffix);
/* `string` as one word for /bin/sh, quoted only when needed; the caller frees. */
char *ds_shell_quote(const char *string);
/* RFC 3986 percent-encoding of everything but unreserved characters; the caller frees. */
char *ds_percent_encode(const char *string);

/* The candidate nearest to `word` (Damerau-Levenshtein, case folded) when it is near enough to be
 * a misspelling (at most a third of its length, at least one edit), else NULL. Borrowed from
 * `candidates`. */
const char *ds_nearest(const char *word, const char *const *candidates, size_t count);

#endif
