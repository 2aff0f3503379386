/*
 * Sweeping: what dead runs left behind, in the engine and in the run-time folder.
 */
#ifndef STACK_SWEEP_H
#define STACK_SWEEP_H

#include "devstack/docker/engine.h"

/* Removes the containers and networks that carry `label`. Only for whoever holds the lease of what
 * the label names. */
void sweep_leftovers(struct ds_engine *engine, const char *label, ds_engine_done_fn done,
                     void *data);
/* Removes everything in the run-time folder but the lease itself. */
void sweep_files(const char *runtime_folder);
/* Removes the run-time folder, lease included, and the root above it when it is empty. */
void sweep_folder(const char *runtime_folder);

#endif
