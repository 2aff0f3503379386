/*
 * Whose an object in the engine is: the labels that say so, and what they mean to somebody who
 * finds it.
 */
#ifndef STACK_OWNERSHIP_H
#define STACK_OWNERSHIP_H

#include <stdbool.h>

#include "devstack/base/text.h"
#include "devstack/stack/identity.h"

/* dev.devstack.stack, .project-dir, .run, .machine, .uid, .pid-namespace, .lease, and .service when
 * it is not NULL. */
void ownership_labels(const struct ds_identity *identity, const char *run, const char *service,
                      struct ds_variables *ret_labels);
/*
 * For whoever holds the lease of `identity`: is an object with these labels left from a dead run of
 * the same stack? What another machine, user or process namespace made is not ours to judge; what
 * was made under another lease file (another run-time folder) is dead when nobody holds that one.
 */
bool ownership_is_dead(const struct ds_identity *identity, const struct ds_variables *labels);

#endif
