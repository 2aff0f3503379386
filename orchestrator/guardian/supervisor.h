/*
 * One service's supervisor: starts its first process, keeps what it forks below itself, and ends
 * all of it when told to or when nobody is left to tell.
 */
#ifndef DEVSTACK_GUARDIAN_SUPERVISOR_H
#define DEVSTACK_GUARDIAN_SUPERVISOR_H

#include "protocol.h"
#include "tree.h"

struct ds_guard_supervision {
    int fds[DS_GUARD_SPAWN_FDS]; /* as they came with the request */
    int lifeline;                /* ends when the guardian is gone or wants all to end */
    int orchestrator;            /* pidfd */
    enum ds_guard_tree_source source;
};

/* Runs in a fork of the guardian, and exits when nothing of the tree is left. */
_Noreturn void ds_guard_supervise(const struct ds_guard_supervision *supervision);

#endif
