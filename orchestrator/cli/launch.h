/* Starting an orchestrator: a process of its own, spoken to through a socket pair. */
#ifndef ORCHESTRATOR_CLI_LAUNCH_H
#define ORCHESTRATOR_CLI_LAUNCH_H

#include "devstack/stack/identity.h"
#include "devstack/stack/start.h"

/*
 * Starts `devstack orchestrator`, sends the request, waits for the reply. True when the stack was
 * accepted: `*ret_fd` is our end of the pair (the lease of a foreground start; the caller closes
 * it), `*ret_socket` where the stack answers (the caller frees). False with the orchestrator's own
 * error otherwise.
 */
bool launch_orchestrator(const struct ds_identity *identity, const struct ds_variables *shell,
                         const struct ds_start_request *request, int *ret_fd, char **ret_socket,
                         struct ds_error *err);

#endif
