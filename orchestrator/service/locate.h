/*
 * Whose listener a process service's port has: found in the dump of listeners and in /proc, not by
 * connecting. The verdict on a socket is remembered, so that a look costs the dump alone until the
 * socket changes.
 */
#ifndef DEVSTACK_ORCHESTRATOR_SERVICE_LOCATE_H
#define DEVSTACK_ORCHESTRATOR_SERVICE_LOCATE_H

#include <stdbool.h>
#include <stdint.h>

#include "probe.h"

enum ds_located {
    DS_LOCATED_NOTHING,  /* nobody listens */
    DS_LOCATED_OURS,     /* in the service's process tree */
    DS_LOCATED_STRANGER, /* somebody else's: `holder` names it */
    DS_LOCATED_UNKNOWN,  /* of a process that we may not look into */
    DS_LOCATED_ERROR,    /* the kernel did not say: `holder` has the error */
};

struct ds_location {
    enum ds_located found;
    const char *address; /* "127.0.0.1" or "[::1]": where it can be reached */
    char *holder;        /* "python3 -m http.server (pid 812)" */
    uint64_t inode;
};

void ds_location_finish(struct ds_location *location);
/* Updates `location` (start zeroed) and gives what it found. With `owner: any` every listener
 * counts as ours. */
enum ds_located ds_locate(struct ds_location *location, const struct ds_runner *runner,
                          uint16_t port);
/* The address to speak to for a probe of a protocol: 127.0.0.1 of a container, the listener's of a
 * process. False when the look is over, answered here: nobody, or the wrong one, listens. */
bool ds_probe_find_listener(struct ds_probe *probe, struct ds_location *location,
                            const char **ret_address);

#endif
