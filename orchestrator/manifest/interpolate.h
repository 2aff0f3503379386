/*
 * Interpolation: from the text of a value to a template.
 *
 * Plain variables are replaced here and now; dotted references are kept as parts of the template.
 * The syntax of variables is that of the Compose specification's chapter on interpolation
 * (compose-spec, 12-interpolation.md), but for an unset plain variable, which is a fault.
 */
#ifndef MANIFEST_INTERPOLATE_H
#define MANIFEST_INTERPOLATE_H

#include <stdbool.h>

#include "devstack/manifest/faults.h"
#include "devstack/manifest/template.h"

enum ds_interpolation_mode {
    DS_INTERPOLATE_VALUE,  /* variables and references; `$$` is a dollar */
    DS_INTERPOLATE_SHELL,  /* references only, quoted for the shell; every other `$` is its own */
    DS_INTERPOLATE_CONFIG, /* references of known scopes and services only */
    DS_INTERPOLATE_DOTENV, /* variables only; an unset one is empty */
};

struct ds_interpolation {
    enum ds_interpolation_mode mode;
    const struct ds_variables *variables; /* NULL: none is set */
    const struct ds_variables *more;      /* looked up after them; may be NULL */
    const struct ds_strings *services;    /* names; NULL: none */
    struct ds_faults *faults;
};

/* Always a template, though with faults it may lack parts. `exact`: the text stands in its file as
 * it is from `where` on, so a fault inside can be pointed at. */
struct ds_template *ds_interpolate(const struct ds_interpolation *how, const char *text,
                                   struct ds_where where, bool exact);
/* A template of one literal. */
struct ds_template *ds_template_from_text(const char *text, struct ds_where where);
/* A copy with `prefix` in front of it. */
struct ds_template *ds_template_copy(const struct ds_template *template, const char *prefix);
/* A template of one reference, which it takes over. */
struct ds_template *ds_template_from_reference(struct ds_reference *reference,
                                               struct ds_where where);

#endif
