/* Following a running stack through its socket until it, or the reason to look on, ends. */
#ifndef CLI_FOLLOW_H
#define CLI_FOLLOW_H

#include "devstack/stack/identity.h"
#include "view.h"

struct follow_options {
    const struct ds_identity *identity;
    struct view_options view;
    bool json;
    bool stop;          /* ask for the end at once (down) */
    pid_t orchestrator; /* when we started it: our child; else 0 */
    uint64_t timeout;   /* ns until READY; 0: none */
};

/* Not an exit code: who came to attach (up, with `orchestrator` 0) found a stack that is ending or
 * gone; a new one can be started when its lease is free. */
#define FOLLOW_ENDING (-1)

/* Runs its own loop; returns the exit code, or FOLLOW_ENDING. */
int follow_stack(const struct follow_options *options);

#endif
