/* Starting an orchestrator: a process of its own, spoken to through a socket pair. */
#ifndef CLI_LAUNCH_H
#define CLI_LAUNCH_H

#include <sys/types.h>

#include "devstack/stack/identity.h"
#include "devstack/stack/start.h"

/*
 * Starts `devstack orchestrator`, sends the request, waits for the reply. True when the stack was
 * accepted: `*ret_fd` is our end of the pair (the lease of a foreground start; the caller closes
 * it), `*ret_pid` the process, a child of ours that the caller reaps if it outlives it. False with
 * the orchestrator's own error otherwise.
 */
bool launch_orchestrator(const struct ds_identity *identity, const struct ds_variables *shell,
                         const struct ds_start_request *request, int *ret_fd, pid_t *ret_pid,
                         struct ds_error *err);

/* Waits until the process has ended, which is a moment after a stack let go of all it held. */
void launch_await_exit(pid_t pid, int milliseconds);
/* Reaps a child of launch_orchestrator() (0: none); true when it ended and was not killed. */
bool launch_ended_by_itself(pid_t child);

#endif
