/* The dotenv parser: one pass over the text, which keeps count of lines for its faults. */
#include "devstack/manifest/dotenv.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "devstack/base/file.h"
#include "devstack/base/memory.h"
#include "interpolate.h"

#define SIZE_LIMIT ((size_t)1 << 20)

struct scanner {
    const char *file;
    const char *at;
    const char *line_start;
    int line;
    const struct ds_variables *shell;
    struct ds_variables *vars;
    struct ds_faults *faults;
};

static struct ds_where here(const struct scanner *scanner)
{
    return (struct ds_where){scanner->file, scanner->line,
                             (int)(scanner->at - scanner->line_start) + 1};
}

static void next_line(struct scanner *scanner)
{
    scanner->at += strcspn(scanner->at, "\n");
    if (*scanner->at == '\n')
        scanner->at++;
    scanner->line_start = scanner->at;
    scanner->line++;
}

static void skip_blanks(struct scanner *scanner)
{
    while (*scanner->at == ' ' || *scanner->at == '\t' || *scanner->at == '\r')
        scanner->at++;
}

static size_t name_length(const char *text)
{
    size_t length = 0;
    if (isalpha((unsigned char)text[0]) || text[0] == '_')
        while (isalnum((unsigned char)text[length]) ||
               (text[length] && strchr("_.-", text[length])))
            length++;
    return length;
}

/* Replaces variables. A name is looked up in the shell first. */
static char *expand(struct scanner *scanner, const char *text, struct ds_where where)
{
    const struct ds_interpolation how = {
        .mode = DS_INTERPOLATE_DOTENV,
        .variables = scanner->shell,
        .more = scanner->vars,
        .faults = scanner->faults,
    };
    struct ds_template *template = ds_interpolate(&how, text, where, false);
    char *value = ds_template_source(template);
    ds_template_free(template);
    return value;
}

/* Up to a ` #` comment or the line's end; `\$` is a dollar. */
static char *take_bare(struct scanner *scanner)
{
    struct ds_where where = here(scanner);
    ds_auto_text struct ds_text raw = {0};
    for (; *scanner->at && *scanner->at != '\n'; scanner->at++) {
        bool blank = raw.length == 0 || isspace((unsigned char)scanner->at[-1]);
        if (*scanner->at == '#' && blank)
            break;
        if (*scanner->at == '\\' && scanner->at[1] == '$') {
            ds_text_append(&raw, "$$");
            scanner->at++;
        } else {
            ds_text_append_char(&raw, *scanner->at);
        }
    }
    while (raw.length && isspace((unsigned char)raw.data[raw.length - 1]))
        raw.data[--raw.length] = '\0';
    return expand(scanner, ds_text_string(&raw), where);
}

static void append_escape(struct ds_text *raw, char c)
{
    static const char letters[] = "nrt\"\\", meanings[] = "\n\r\t\"\\";
    const char *letter = c ? strchr(letters, c) : NULL;
    if (letter) {
        ds_text_append_char(raw, meanings[letter - letters]);
    } else if (c == '$') {
        ds_text_append(raw, "$$");
    } else {
        ds_text_append_char(raw, '\\');
        ds_text_append_char(raw, c);
    }
}

/* At a quote, to behind its partner, over lines. NULL when there is none. */
static char *take_quoted(struct scanner *scanner)
{
    struct ds_where where = here(scanner);
    const char quote = *scanner->at++;
    ds_auto_text struct ds_text raw = {0};
    for (; *scanner->at && *scanner->at != quote; scanner->at++) {
        if (*scanner->at == '\n') {
            scanner->line++;
            scanner->line_start = scanner->at + 1;
        }
        if (quote == '"' && *scanner->at == '\\' && scanner->at[1] && scanner->at[1] != '\n')
            append_escape(&raw, *++scanner->at);
        else
            ds_text_append_char(&raw, *scanner->at);
    }
    if (*scanner->at == '\0') {
        ds_faults_add(scanner->faults, where, "this quote is never closed");
        return NULL;
    }
    scanner->at++;
    return quote == '"' ? expand(scanner, ds_text_string(&raw), where) : ds_text_take(&raw);
}

static void take_value(struct scanner *scanner, const char *name)
{
    skip_blanks(scanner);
    bool quoted = *scanner->at == '"' || *scanner->at == '\'';
    char *value = quoted ? take_quoted(scanner) : take_bare(scanner);
    skip_blanks(scanner);
    if (value && *scanner->at && *scanner->at != '\n' && *scanner->at != '#')
        ds_faults_add(scanner->faults, here(scanner), "nothing can follow a quoted value");
    if (value)
        ds_variables_set(scanner->vars, name, value);
    free(value);
}

static void take_line(struct scanner *scanner)
{
    skip_blanks(scanner);
    if (*scanner->at == '#' || *scanner->at == '\n' || *scanner->at == '\0')
        return;
    if (ds_string_starts(scanner->at, "export ") || ds_string_starts(scanner->at, "export\t")) {
        scanner->at += strlen("export ");
        skip_blanks(scanner);
    }
    size_t length = name_length(scanner->at);
    if (length == 0) {
        ds_faults_add(scanner->faults, here(scanner), "expected NAME=value");
        return;
    }
    ds_auto_free char *name = ds_strndup(scanner->at, length);
    scanner->at += length;
    skip_blanks(scanner);
    if (*scanner->at == '=' || *scanner->at == ':') {
        scanner->at++;
        take_value(scanner, name);
    } else if (*scanner->at == '\n' || *scanner->at == '\0' || *scanner->at == '#') {
        const char *value = scanner->shell ? ds_variables_get(scanner->shell, name) : NULL;
        if (value)
            ds_variables_set(scanner->vars, name, value);
    } else {
        ds_faults_add(scanner->faults, here(scanner), "expected '=' after '%s'", name);
    }
}

bool ds_dotenv_parse(const char *file, const char *text, const struct ds_variables *shell,
                     struct ds_variables *vars, struct ds_faults *faults)
{
    size_t errors = faults->errors;
    if (ds_string_starts(text, "\xEF\xBB\xBF"))
        text += 3; /* a byte-order mark */
    struct scanner scanner = {file, text, text, 1, shell, vars, faults};
    while (*scanner.at) {
        take_line(&scanner);
        next_line(&scanner);
    }
    return faults->errors == errors;
}

bool ds_dotenv_read(const char *path, const char *file, struct ds_where where,
                    const struct ds_variables *shell, struct ds_variables *vars,
                    struct ds_faults *faults)
{
    ds_auto_error struct ds_error err = {0};
    ds_auto_free char *text = NULL;
    size_t length;
    if (!ds_file_read(path, SIZE_LIMIT, &text, &length, &err)) {
        ds_faults_add(faults, where, "%s", err.message);
        return false;
    }
    if (strlen(text) != length) {
        ds_faults_add(faults, (struct ds_where){file, 0, 0}, "the file holds NUL characters");
        return false;
    }
    return ds_dotenv_parse(file, text, shell, vars, faults);
}
