/* The hidden verbs: `orchestrator`, which `up` starts, and `sweep`, which the guardian starts. */
#include "verb.h"

enum { START_FD = 3 };

int cmd_orchestrator(struct context *context)
{
    return ds_orchestrator_run(START_FD, context->server, DEVSTACK_VERSION);
}

int cmd_sweep(struct context *context)
{
    const struct ds_strings *words = &context->arguments.words;
    return ds_sweep_run(words->items[0], words->items[1]);
}
