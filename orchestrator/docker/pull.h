/* What a pull's stream of messages says about its progress. */
#ifndef DEVSTACK_DOCKER_PULL_H
#define DEVSTACK_DOCKER_PULL_H

#include <jansson.h>

#include "devstack/base/memory.h"
#include "devstack/docker/engine.h"

struct pull_layer {
    char *id;
    uint64_t done, total; /* bytes; total 0: not known yet */
    bool complete;        /* downloaded and unpacked, or there already */
};

struct pull_state {
    DS_VEC(struct pull_layer) layers;
    char *error; /* the engine's words for a failure, or NULL */
};

/* Takes in one message. True: the progress has changed. */
bool pull_state_take(struct pull_state *state, const json_t *message);
struct ds_pull_progress pull_state_progress(const struct pull_state *state);
void pull_state_finish(struct pull_state *state);

#endif
