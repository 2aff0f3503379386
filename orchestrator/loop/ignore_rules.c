/*
 * Each line becomes a list of names, one a level, so that `**` is to names what `*` is to
 * characters; single names are matched by fnmatch(3).
 */
#include "ignore_rules.h"

#include <fnmatch.h>
#include <string.h>

#include "devstack/base/memory.h"

/* Spaces at the end do not count, unless the last one is escaped. */
static size_t trimmed_length(const char *line, size_t length)
{
    if (length && line[length - 1] == '\r')
        length--;
    while (length && line[length - 1] == ' ' && !(length > 1 && line[length - 2] == '\\'))
        length--;
    return length;
}

static void add_names(struct ignore_rule *rule, const char *pattern, size_t length)
{
    const char *slash = memchr(pattern, '/', length);
    if (!slash)
        ds_strings_add(&rule->names, "**"); /* at any level */
    for (size_t start = 0; start < length;) {
        const char *end = memchr(pattern + start, '/', length - start);
        size_t name = end ? (size_t)(end - pattern) - start : length - start;
        if (name)
            ds_strings_take(&rule->names, ds_strndup(pattern + start, name));
        start += name + 1;
    }
    bool all_inside = length >= 2 && memcmp(pattern + length - 2, "**", 2) == 0 &&
                      (length == 2 || pattern[length - 3] == '/');
    if (all_inside)
        ds_strings_add(&rule->names, "*"); /* and not the folder itself */
}

static void parse_line(struct ignore_rules *rules, const char *line, size_t length)
{
    struct ignore_rule rule = {0};
    length = trimmed_length(line, length);
    if (length == 0 || *line == '#')
        return;
    if (*line == '!') {
        rule.negated = true;
        line++;
        length--;
    }
    if (length && line[length - 1] == '/') {
        rule.folders_only = true;
        length--;
    }
    size_t slashes = 0;
    while (slashes < length && line[slashes] == '/')
        slashes++;
    if (slashes == length)
        return;
    add_names(&rule, line, length);
    *DS_VEC_PUSH(rules) = rule;
}

void ignore_rules_parse(struct ignore_rules *rules, const char *text)
{
    static const char byte_order_mark[] = "\xef\xbb\xbf";
    if (ds_string_starts(text, byte_order_mark))
        text += strlen(byte_order_mark);
    while (*text) {
        size_t length = strcspn(text, "\n");
        parse_line(rules, text, length);
        text += length + (text[length] == '\n');
    }
}

void ignore_rules_finish(struct ignore_rules *rules)
{
    for (size_t i = 0; i < rules->count; i++)
        ds_strings_finish(&rules->items[i].names);
    free(rules->items);
    *rules = (struct ignore_rules){0};
}

/* Goes along both lists; a mismatch lets the last `**` take one level more. Trying earlier ones
 * again could not help, so this ends soon whatever the lists hold. */
static bool match_names(const struct ds_strings *names, const struct ds_strings *levels)
{
    size_t name = 0, level = 0, resume_level = 0;
    size_t resume_name = 0; /* after the last `**`; 0: there was none */
    while (level < levels->count) {
        if (name < names->count && strcmp(names->items[name], "**") == 0) {
            resume_name = ++name;
            resume_level = level;
        } else if (name < names->count &&
                   fnmatch(names->items[name], levels->items[level], 0) == 0) {
            name++;
            level++;
        } else if (resume_name) {
            name = resume_name;
            level = ++resume_level;
        } else {
            return false;
        }
    }
    while (name < names->count && strcmp(names->items[name], "**") == 0)
        name++;
    return name == names->count;
}

enum ignore_verdict ignore_rules_match(const struct ignore_rules *rules, const char *path,
                                       bool is_folder)
{
    ds_auto_strings struct ds_strings levels = {0};
    for (const char *at = path; *at;) {
        size_t length = strcspn(at, "/");
        ds_strings_take(&levels, ds_strndup(at, length));
        at += length + (at[length] == '/');
    }
    for (size_t i = rules->count; i-- > 0;) {
        const struct ignore_rule *rule = &rules->items[i];
        if ((!rule->folders_only || is_folder) && match_names(&rule->names, &levels))
            return rule->negated ? IGNORE_NO : IGNORE_YES;
    }
    return IGNORE_UNSAID;
}
