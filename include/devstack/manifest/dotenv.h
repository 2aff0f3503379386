/*
 * Dotenv files, parsed as Compose parses them: comments, `export`, single quotes (literal), double
 * quotes (escapes, variables, several lines), variables in unquoted values, ` #` comments behind
 * them. Source: docs.docker.com/compose/how-tos/environment-variables/variable-interpolation.
 */
#ifndef DEVSTACK_MANIFEST_DOTENV_H
#define DEVSTACK_MANIFEST_DOTENV_H

#include "devstack/base/text.h"
#include "devstack/manifest/faults.h"

/*
 * Sets what `text` says in `vars`, over what is there. ${VAR} is looked up in `shell` (may be NULL)
 * and then in `vars`; an unset one is empty. A name without a value is taken from `shell`. `file`
 * is for faults; lines with faults are left out, false when there was one.
 */
bool ds_dotenv_parse(const char *file, const char *text, const struct ds_variables *shell,
                     struct ds_variables *vars, struct ds_faults *faults);
/* Reads the file `path`, which is called `file` in messages, and parses it. One that cannot be read
 * is a fault at `where` ("no such file" too). */
bool ds_dotenv_read(const char *path, const char *file, struct ds_where where,
                    const struct ds_variables *shell, struct ds_variables *vars,
                    struct ds_faults *faults);

#endif
