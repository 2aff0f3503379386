/*
 * What dead runs of a stack left in the engine.
 */
#ifndef STACK_LEFTOVERS_H
#define STACK_LEFTOVERS_H

#include "devstack/docker/engine.h"
#include "devstack/stack/identity.h"

/* Removes the containers, then the networks, of this stack's dead runs (ownership.h). For whoever
 * holds the lease of `identity`, which is borrowed until `done`. */
void leftovers_remove(struct ds_engine *engine, const struct ds_identity *identity,
                      ds_engine_done_fn done, void *data);

#endif
