/*
 * The list of everything that is wrong, each thing once, told in the file's order. It has an end: a
 * file that is wrong in hundreds of places is no better understood from the next hundred.
 */
#include "devstack/manifest/faults.h"

#include <stdlib.h>
#include <string.h>

#include "devstack/base/memory.h"
#include "devstack/base/text.h"

#define FAULT_LIMIT 500

void ds_faults_finish(struct ds_faults *faults)
{
    for (size_t i = 0; i < faults->count; i++) {
        free(faults->items[i].file);
        free(faults->items[i].message);
        free(faults->items[i].hint);
    }
    free(faults->items);
    *faults = (struct ds_faults){0};
}

static struct ds_fault *find(const struct ds_faults *faults, struct ds_where where,
                             const char *message)
{
    for (size_t i = 0; i < faults->count; i++) {
        struct ds_fault *fault = &faults->items[i];
        if (fault->line == where.line && fault->column == where.column &&
            ds_string_equal(fault->file, where.file) && strcmp(fault->message, message) == 0)
            return fault;
    }
    return NULL;
}

static struct ds_fault *add(struct ds_faults *faults, struct ds_where where, bool warning,
                            char *message)
{
    struct ds_fault *same =
        faults->count > FAULT_LIMIT ? &faults->items[FAULT_LIMIT] : find(faults, where, message);
    if (same) {
        free(message);
        if (!warning && same->warning) {
            same->warning = false;
            faults->errors++;
        }
        return same;
    }
    struct ds_fault *fault = DS_VEC_PUSH(faults);
    *fault = (struct ds_fault){.warning = warning, .file = ds_strdup(where.file)};
    if (faults->count <= FAULT_LIMIT) {
        fault->line = where.line;
        fault->column = where.column;
        fault->message = message;
    } else {
        free(message);
        fault->message = ds_printf("more than %d faults", FAULT_LIMIT);
        fault->hint = ds_strdup("the rest is not listed");
    }
    if (!warning)
        faults->errors++;
    return fault;
}

struct ds_fault *ds_faults_add(struct ds_faults *faults, struct ds_where where, const char *format,
                               ...)
{
    va_list args;
    va_start(args, format);
    char *message = ds_vprintf(format, args);
    va_end(args);
    return add(faults, where, false, message);
}

struct ds_fault *ds_faults_warn(struct ds_faults *faults, struct ds_where where, const char *format,
                                ...)
{
    va_list args;
    va_start(args, format);
    char *message = ds_vprintf(format, args);
    va_end(args);
    return add(faults, where, true, message);
}

void ds_fault_hint(struct ds_fault *fault, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    /* The same fault found again, or the list's last line: it has its hint. */
    if (!fault->hint)
        fault->hint = ds_vprintf(format, args);
    va_end(args);
}

static int compare(const void *a, const void *b)
{
    const struct ds_fault *left = a, *right = b;
    int order = strcmp(left->file ? left->file : "", right->file ? right->file : "");
    if (order == 0)
        order = (left->line > right->line) - (left->line < right->line);
    if (order == 0)
        order = (left->column > right->column) - (left->column < right->column);
    return order ? order : strcmp(left->message, right->message);
}

void ds_faults_sort(struct ds_faults *faults)
{
    if (faults->count > 1)
        qsort(faults->items, faults->count, sizeof(*faults->items), compare);
}

char *ds_fault_format(const struct ds_fault *fault)
{
    struct ds_text text = {0};
    if (fault->file)
        ds_text_appendf(&text, "%s:", fault->file);
    if (fault->line > 0)
        ds_text_appendf(&text, "%d:%d:", fault->line, fault->column);
    ds_text_appendf(&text, "%s%s: %s", text.length ? " " : "", fault->warning ? "warning" : "error",
                    fault->message);
    if (fault->hint)
        ds_text_appendf(&text, " (%s)", fault->hint);
    return ds_text_take(&text);
}
