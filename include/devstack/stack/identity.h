/*
 * Which stack this is, and where its things are.
 *
 * id = name[-environment]-<4 hex of the project folder's real path>; an instance name replaces the
 * hex.
 */
#ifndef DEVSTACK_STACK_IDENTITY_H
#define DEVSTACK_STACK_IDENTITY_H

#include <stdbool.h>

#include "devstack/base/error.h"
#include "devstack/base/text.h"

struct ds_identity {
    char *id;             /* shop-7f3a */
    char *name;           /* shop */
    char *environment;    /* local */
    char *folder;         /* the project folder's real path */
    char *state_folder;   /* $XDG_STATE_HOME/devstack/<id>: logs, remembered ports */
    char *data_folder;    /* $XDG_DATA_HOME/devstack: secrets that have no keyring */
    char *runtime_root;   /* $XDG_RUNTIME_DIR/devstack, or a 0700 folder under the temporary one */
    char *runtime_folder; /* <runtime_root>/<id>: lease, socket, rendered configs */
    char *socket;         /* <runtime_folder>/socket */
};

/* Computes; makes nothing. `instance` may be NULL. */
bool ds_identity_make(const char *name, const char *environment, const char *folder,
                      const char *instance, const struct ds_variables *shell,
                      struct ds_identity *ret_identity, struct ds_error *err);
/* Is the runtime root, if it is there, a private folder of this user? For whoever has just made or
 * found it: under /tmp somebody else may have been first. */
bool ds_identity_check_root(const struct ds_identity *identity, struct ds_error *err);
void ds_identity_finish(struct ds_identity *identity);

#endif
