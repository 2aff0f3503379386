/*
 * Templates: strings with references in them, compiled when the file is loaded and expanded when
 * the values are known.
 *
 * A dotted reference `${db.url}` is devstack's and is kept until then; plain variables `${HOME:-x}`
 * were replaced at load. A template that reads something secret is tainted, and so is what it
 * expands to.
 */
#ifndef DEVSTACK_MANIFEST_TEMPLATE_H
#define DEVSTACK_MANIFEST_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>

#include "devstack/base/error.h"
#include "devstack/base/text.h"

enum ds_reference_scope {
    DS_REFERENCE_SERVICE, /* ${name.url}, .host, .port, .ports.NAME, .user, .password, .database */
    DS_REFERENCE_SECRET,  /* ${secrets.NAME} */
    DS_REFERENCE_CONFIG,  /* ${configs.NAME}: a path */
    DS_REFERENCE_STACK,   /* ${stack.name}, .environment, .id, .folder, .runtime_dir */
};

struct ds_reference {
    enum ds_reference_scope scope;
    char *name;  /* of the service, secret or config; for the stack the field stands here */
    char *field; /* "url", "port", "ports", …; NULL for secrets, configs, stack */
    char *item;  /* the NAME of .ports.NAME, else NULL */
    struct ds_where where;
};

struct ds_template_part {
    char *literal;                  /* set, or else: */
    struct ds_reference *reference; /* what to put here */
};

struct ds_template {
    struct ds_template_part *parts;
    size_t count;
    size_t capacity;
    struct ds_where where; /* of the value in the file */
    bool tainted;          /* set by the manifest's taint pass */
    bool shell;            /* references are quoted for /bin/sh */
};

/*
 * Appends the value of a reference to `out`; `*ret_secret` is set when the value is secret (left
 * alone otherwise). False with `err` set when there is none.
 */
typedef bool (*ds_resolve_fn)(void *data, const struct ds_reference *reference, struct ds_text *out,
                              bool *ret_secret, struct ds_error *err);

/* Expands into fresh memory that the caller frees (and wipes, when `*ret_secret` comes back true;
 * it may be NULL). */
bool ds_template_expand(const struct ds_template *template, ds_resolve_fn resolve, void *data,
                        char **ret_value, bool *ret_secret, struct ds_error *err);
/* The text when there is no reference in it, else NULL. Borrowed. */
const char *ds_template_literal(const struct ds_template *template);
/* As it stands in the file, references written `${…}`; the caller frees. */
char *ds_template_source(const struct ds_template *template);
void ds_template_free(struct ds_template *template);

/*
 * Compiles a `configs:` template file's contents: only dotted references whose first word is
 * `secrets`, `configs`, `stack` or one of `services` are ours; every other `$…` stays as it is
 * (nginx and shell have their own). Faults are added with file:line:column.
 */
struct ds_faults;
struct ds_template *ds_template_parse_config(const char *file, const char *text,
                                             const struct ds_strings *services,
                                             struct ds_faults *faults);

#endif
