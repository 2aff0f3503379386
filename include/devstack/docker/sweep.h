/*
 * Removing what a dead run left in the engine.
 */
#ifndef DEVSTACK_DOCKER_SWEEP_H
#define DEVSTACK_DOCKER_SWEEP_H

#include "devstack/docker/engine.h"
#include "devstack/docker/labels.h"

struct ds_sweep_result {
    unsigned containers, networks, volumes; /* removed */
};

/*
 * Removes all containers, then networks, then ephemeral volumes with `label`
 * ("dev.devstack.run=<id>"), side by side within each kind. A container whose creation was under
 * way when its orchestrator died may appear late: so it lists again until two listings in a row,
 * 250 ms apart, were empty. It gives up, with an error, 1.5 s after the first empty listing when
 * things keep appearing, and after 10 s in any case. `result` counts what was removed, also with an
 * error. The engine must be connected. The callback is never called from inside.
 */
struct ds_engine_call *ds_engine_sweep(struct ds_engine *engine, const char *label,
                                       void (*done)(void *data,
                                                    const struct ds_sweep_result *result,
                                                    const struct ds_error *error),
                                       void *data);

#endif
