/* The project a verb works on: its file, what the file says, which stack that makes. */
#ifndef CLI_PROJECT_H
#define CLI_PROJECT_H

#include "devstack/manifest/manifest.h"
#include "devstack/stack/identity.h"
#include "verb.h"

struct project {
    char *file; /* absolute */
    const char *environment;
    struct ds_manifest *manifest;
    struct ds_identity identity;
};

/* --env, else $DEVSTACK_ENV, else NULL. Borrowed. */
const char *project_environment(const struct context *context);
/* -f, else the file found upwards; the caller frees. NULL with `err` when there is none. */
char *project_find(const struct context *context, struct ds_error *err);
/* Loads it and says on stderr all that is wrong with it. DS_OK, or the exit code. */
int project_open(const struct context *context, struct project *ret_project);
/* For verbs that must work while the file is broken (ps, down): the identity needs no more than
 * the stack's name. `manifest` is NULL when the file has errors. */
int project_identify(const struct context *context, struct project *ret_project);
void project_finish(struct project *project);

#endif
