/*
 * The compiler from text to template: a recursive descent over `$…`. The words behind an operator
 * are always read, so that their syntax is checked, but only words that are used must find their
 * variables set.
 */
#include "interpolate.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "devstack/base/memory.h"
#include "reference.h"

#define NESTING_LIMIT 32

/* What has been compiled: parts, and the literal that is still growing behind them. */
struct output {
    struct ds_template_part *items;
    size_t count, capacity;
    struct ds_text pending;
};

struct compiler {
    const struct ds_interpolation *how;
    const char *text;
    const char *at;
    struct ds_where where; /* of the text's start */
    bool exact;
    const char *counted; /* up to here places were counted: one pass over a long text */
    struct ds_where counted_where;
    int depth;
    bool idle; /* inside words that are not used */
};

static void flush(struct output *output)
{
    if (output->pending.length > 0)
        *DS_VEC_PUSH(output) = (struct ds_template_part){.literal = ds_text_take(&output->pending)};
}

static void put_reference(struct output *output, struct ds_reference *reference)
{
    flush(output);
    *DS_VEC_PUSH(output) = (struct ds_template_part){.reference = reference};
}

static void output_finish(struct output *output)
{
    for (size_t i = 0; i < output->count; i++) {
        free(output->items[i].literal);
        ds_reference_free(output->items[i].reference);
    }
    free(output->items);
    ds_text_finish(&output->pending);
}

static void output_move(struct output *to, struct output *from)
{
    for (size_t i = 0; i < from->count; i++) {
        if (from->items[i].literal)
            ds_text_append(&to->pending, from->items[i].literal);
        else
            put_reference(to, ds_steal(from->items[i].reference));
    }
    ds_text_append(&to->pending, ds_text_string(&from->pending));
}

static struct ds_where place(struct compiler *compiler, const char *at)
{
    if (!compiler->exact)
        return compiler->where;
    if (at < compiler->counted) {
        compiler->counted = compiler->text;
        compiler->counted_where = compiler->where;
    }
    for (; compiler->counted < at; compiler->counted++) {
        if (*compiler->counted == '\n') {
            compiler->counted_where.line++;
            compiler->counted_where.column = 1;
        } else if (((unsigned char)*compiler->counted & 0xC0) != 0x80) {
            compiler->counted_where.column++;
        }
    }
    return compiler->counted_where;
}

#define FAULT(compiler, at, ...)                                                                   \
    ds_faults_add((compiler)->how->faults, place((compiler), (at)), __VA_ARGS__)

static const char *look_up(const struct ds_interpolation *how, const char *name)
{
    const char *value = how->variables ? ds_variables_get(how->variables, name) : NULL;
    return value || !how->more ? value : ds_variables_get(how->more, name);
}

static size_t name_length(const char *text)
{
    size_t length = 0;
    if (isalpha((unsigned char)text[0]) || text[0] == '_')
        while (isalnum((unsigned char)text[length]) || text[length] == '_')
            length++;
    return length;
}

/* At "${" with a dotted name of `length` behind it. */
static void take_reference(struct compiler *compiler, struct output *output, size_t length)
{
    const char *start = compiler->at, *name = start + 2;
    compiler->at = name + length;
    if (*compiler->at != '}') {
        FAULT(compiler, start, "'${%.*s' must be closed by '}': a reference takes no default",
              (int)length, name);
        compiler->at += strcspn(compiler->at, "}");
        compiler->at += *compiler->at == '}';
        return;
    }
    compiler->at++;
    if (compiler->how->mode == DS_INTERPOLATE_DOTENV) {
        FAULT(compiler, start, "'${%.*s}': references have no values yet when this file is read",
              (int)length, name);
        return;
    }
    struct ds_reference *reference =
        ds_reference_parse(name, length, place(compiler, start), compiler->how->faults);
    if (reference)
        put_reference(output, reference);
}

static void compile(struct compiler *compiler, struct output *output, bool braced);

/* The words behind an operator and their '}'. */
static void take_words(struct compiler *compiler, struct output *output, bool used)
{
    struct output words = {0};
    bool idle = compiler->idle;
    compiler->idle = idle || !used;
    compile(compiler, &words, true);
    compiler->idle = idle;
    if (used)
        output_move(output, &words);
    output_finish(&words);
}

static void tell_unset(struct compiler *compiler, const char *start, const char *name)
{
    if (compiler->idle || compiler->how->mode == DS_INTERPOLATE_DOTENV)
        return;
    const struct ds_strings *services = compiler->how->services;
    struct ds_fault *fault = FAULT(compiler, start, "the variable %s is not set", name);
    if (services && ds_strings_contain(services, name))
        ds_fault_hint(fault, "did you mean '${%s.url}'?", name);
    else
        ds_fault_hint(fault, "give it a default with ${%s:-…}, or write $$ for a dollar", name);
}

static void require(struct compiler *compiler, const char *start, const char *name, bool missing)
{
    struct output message = {0};
    bool idle = compiler->idle;
    compiler->idle = true;
    compile(compiler, &message, true);
    compiler->idle = idle;
    flush(&message);
    if (missing && !idle) {
        const char *said = message.count ? message.items[0].literal : NULL;
        FAULT(compiler, start, "the variable %s is required%s%s", name, said ? ": " : "",
              said ? said : "");
    }
    output_finish(&message);
}

/* Behind the name of `${NAME…`. */
static void take_operator(struct compiler *compiler, struct output *output, const char *start,
                          const char *name)
{
    const char *value = look_up(compiler->how, name);
    bool colon = *compiler->at == ':';
    bool missing = !value || (colon && *value == '\0');
    char operator= compiler->at[colon];
    if (operator== '\0' || !strchr("-?+", operator)) {
        if (*compiler->at == '\0')
            FAULT(compiler, start, "'${%s' is never closed by '}'", name);
        else
            FAULT(compiler, compiler->at,
                  "'%c' cannot follow the name in '${%s…': expected '}', ':-', '-', ':?', '?', "
                  "':+' or '+'",
                  *compiler->at, name);
        compiler->at += strcspn(compiler->at, "}");
        compiler->at += *compiler->at == '}';
        return;
    }
    compiler->at += colon + 1;
    if (operator== '?')
        require(compiler, start, name, missing);
    else
        take_words(compiler, output, (operator== '-') == missing);
    if (operator!= '+' && !missing)
        ds_text_append(&output->pending, value);
}

static void take_plain(struct compiler *compiler, struct output *output, const char *start,
                       const char *name)
{
    const char *value = look_up(compiler->how, name);
    if (value)
        ds_text_append(&output->pending, value);
    else
        tell_unset(compiler, start, name);
}

static void take_braced(struct compiler *compiler, struct output *output)
{
    const char *start = compiler->at;
    size_t length = name_length(start + 2);
    if (length == 0) {
        FAULT(compiler, start, "'${' must be followed by a name (write $$ for a dollar)");
        compiler->at += 2;
        return;
    }
    ds_auto_free char *name = ds_strndup(start + 2, length);
    compiler->at += 2 + length;
    if (*compiler->at == '}') {
        compiler->at++;
        take_plain(compiler, output, start, name);
    } else {
        take_operator(compiler, output, start, name);
    }
}

static void take_dollar(struct compiler *compiler, struct output *output)
{
    const char *start = compiler->at;
    bool strict = compiler->how->mode == DS_INTERPOLATE_CONFIG;
    size_t dotted =
        start[1] == '{' ? ds_reference_length(start + 2, compiler->how->services, strict) : 0;
    if (dotted > 0) {
        take_reference(compiler, output, dotted);
        return;
    }
    if (compiler->how->mode == DS_INTERPOLATE_SHELL || strict) {
        ds_text_append_char(&output->pending, '$');
        compiler->at++;
        return;
    }
    size_t length = name_length(start + 1);
    if (start[1] == '$') {
        ds_text_append_char(&output->pending, '$');
        compiler->at += 2;
    } else if (start[1] == '{') {
        take_braced(compiler, output);
    } else if (length > 0) {
        ds_auto_free char *name = ds_strndup(start + 1, length);
        compiler->at += 1 + length;
        take_plain(compiler, output, start, name);
    } else if (compiler->how->mode == DS_INTERPOLATE_DOTENV) {
        ds_text_append_char(&output->pending, '$');
        compiler->at++;
    } else {
        FAULT(compiler, start, "'$' must be followed by a name or '{' (write $$ for a dollar)");
        compiler->at++;
    }
}

/* Up to the text's end; with `braced` up to the '}' of the words, and past it. */
static void compile(struct compiler *compiler, struct output *output, bool braced)
{
    const char *start = compiler->at;
    if (++compiler->depth > NESTING_LIMIT) {
        FAULT(compiler, start, "variables nested more than %d deep", NESTING_LIMIT);
        compiler->at += strlen(compiler->at);
        compiler->depth--;
        return;
    }
    while (*compiler->at && !(braced && *compiler->at == '}')) {
        size_t length = strcspn(compiler->at, braced ? "$}" : "$");
        ds_text_append_bytes(&output->pending, compiler->at, length);
        compiler->at += length;
        if (*compiler->at == '$')
            take_dollar(compiler, output);
    }
    if (braced && *compiler->at == '}')
        compiler->at++;
    else if (braced && compiler->depth <= NESTING_LIMIT)
        FAULT(compiler, start, "'${…' is never closed by '}'");
    compiler->depth--;
}

static struct ds_template *make_template(struct output *output, struct ds_where where, bool shell)
{
    flush(output);
    ds_text_finish(&output->pending);
    struct ds_template *template = DS_NEW(struct ds_template);
    *template = (struct ds_template){
        .parts = output->items,
        .count = output->count,
        .capacity = output->capacity,
        .where = where,
        .shell = shell,
    };
    return template;
}

struct ds_template *ds_interpolate(const struct ds_interpolation *how, const char *text,
                                   struct ds_where where, bool exact)
{
    struct compiler compiler = {
        .how = how,
        .text = text,
        .at = text,
        .where = where,
        .exact = exact,
        .counted = text,
        .counted_where = where,
    };
    struct output output = {0};
    compile(&compiler, &output, false);
    return make_template(&output, where, how->mode == DS_INTERPOLATE_SHELL);
}

struct ds_template *ds_template_from_text(const char *text, struct ds_where where)
{
    struct ds_template *template = DS_NEW(struct ds_template);
    template->where = where;
    if (*text) {
        template->parts = ds_alloc(sizeof(*template->parts));
        template->parts[0].literal = ds_strdup(text);
        template->count = template->capacity = 1;
    }
    return template;
}

struct ds_template *ds_template_copy(const struct ds_template *template, const char *prefix)
{
    struct output output = {0};
    ds_text_append(&output.pending, prefix);
    for (size_t i = 0; i < template->count; i++) {
        if (template->parts[i].literal)
            ds_text_append(&output.pending, template->parts[i].literal);
        else
            put_reference(&output, ds_reference_copy(template->parts[i].reference));
    }
    return make_template(&output, template->where, template->shell);
}

struct ds_template *ds_template_from_reference(struct ds_reference *reference,
                                               struct ds_where where)
{
    struct ds_template *template = DS_NEW(struct ds_template);
    template->where = where;
    template->parts = ds_alloc(sizeof(*template->parts));
    template->parts[0].reference = reference;
    template->count = template->capacity = 1;
    return template;
}

struct ds_template *ds_template_parse_config(const char *file, const char *text,
                                             const struct ds_strings *services,
                                             struct ds_faults *faults)
{
    const struct ds_interpolation how = {
        .mode = DS_INTERPOLATE_CONFIG, .services = services, .faults = faults};
    return ds_interpolate(&how, text, (struct ds_where){file, 1, 1}, true);
}
