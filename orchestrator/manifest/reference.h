/*
 * Dotted references: what can stand between `${` and `}` when there is a dot in it.
 */
#ifndef MANIFEST_REFERENCE_H
#define MANIFEST_REFERENCE_H

#include <stdbool.h>

#include "devstack/manifest/faults.h"
#include "devstack/manifest/template.h"

/*
 * The length of a dotted name at `text`, 0 when it is none. `${HOST-a.b}` is a variable with a
 * default: the first word of a reference is lower case, and one with a dash in it must be the name
 * of a service. `strict`: so must any other that is no scope of its own (secrets, configs, stack).
 */
size_t ds_reference_length(const char *text, const struct ds_strings *services, bool strict);
/* Compiles the name at `text`; NULL with a fault at `where` when there is no such thing. Whether
 * the service, secret or config exists is not looked at. */
struct ds_reference *ds_reference_parse(const char *text, size_t length, struct ds_where where,
                                        struct ds_faults *faults);
struct ds_reference *ds_reference_copy(const struct ds_reference *reference);
void ds_reference_free(struct ds_reference *reference);
/* Appends `${…}` as it stands in the file. */
void ds_reference_format(const struct ds_reference *reference, struct ds_text *out);
/* "secrets", "configs", "stack": no service can have such a name. */
bool ds_reference_is_scope(const char *word);

#endif
