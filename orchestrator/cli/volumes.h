/* The data volumes of a stack: the one thing that outlives it. */
#ifndef CLI_VOLUMES_H
#define CLI_VOLUMES_H

#include "devstack/base/text.h"
#include "devstack/base/error.h"

/* Names of the volumes that carry the stack's label. */
bool volumes_list(const struct ds_variables *shell, const char *stack, struct ds_strings *ret_names,
                  struct ds_error *err);
bool volumes_remove(const struct ds_variables *shell, const struct ds_strings *names,
                    struct ds_error *err);

#endif
