/*
 * The lease of a run: a file under flock(2) for as long as anything of the run lives.
 *
 * The orchestrator holds it and the guardian inherits it, so the lock outlasts an orchestrator that
 * was killed until its leftovers are swept. Nobody holding it means that the run is over; the file
 * itself may stay behind after a power cut and is no obstacle.
 */
#ifndef DEVSTACK_STACK_LEASE_H
#define DEVSTACK_STACK_LEASE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "devstack/base/error.h"
#include "devstack/stack/identity.h"

/*
 * Takes the lease, waiting up to `wait_ns` for a dying run to be swept. False with DS_ERROR_RUNNING
 * when a living one holds it. The descriptor is close-on-exec and belongs to the caller.
 */
bool ds_lease_take(const struct ds_identity *identity, const char *run, uint64_t wait_ns,
                   int *ret_fd, struct ds_error *err);
/* <runtime folder>/lease; the caller frees. */
char *ds_lease_path(const struct ds_identity *identity);
/* Is the lease file at `path` held by anybody? False when there is none. */
bool ds_lease_path_is_held(const char *path);
/* Is it held? `*ret_pid` (may be NULL) is the orchestrator's as it wrote it, 0 when unknown. */
bool ds_lease_is_held(const struct ds_identity *identity, pid_t *ret_pid);
/* Waits until nobody holds it. False when the time is over. */
bool ds_lease_await_release(const struct ds_identity *identity, uint64_t wait_ns);
/* An orderly end: removes the run-time folder, then lets go (closes the descriptor). */
void ds_lease_give_up(const struct ds_identity *identity, int fd);

#endif
