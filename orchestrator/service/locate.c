/* Ownership of listeners. */
#include "locate.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "devstack/base/memory.h"
#include "listener_watch.h"

void ds_location_finish(struct ds_location *location)
{
    free(location->holder);
    *location = (struct ds_location){0};
}

/* How closely a listener is bound: the kernel gives a connection to the closest. */
static int closeness(const struct ds_listener *listener, int family)
{
    static const uint8_t any[16];
    if (listener->family != family)
        return 1;
    size_t length = family == AF_INET ? 4 : 16;
    return memcmp(listener->address, any, length) ? 3 : 2;
}

static int closest(const struct ds_listeners *listeners, uint16_t port, int family)
{
    int best = 0;
    size_t index = 0;
    for (const struct ds_listener *one; (one = ds_listeners_next(listeners, port, &index));)
        if (ds_listener_accepts(one, family) && closeness(one, family) > best)
            best = closeness(one, family);
    return best;
}

static char *name_holder(const struct ds_listener_owner *owner)
{
    const char *what = owner->command && *owner->command ? owner->command : owner->comm;
    return ds_printf("%s (pid %d)", what ? what : "a process", (int)owner->pid);
}

/* Whose is this socket? */
static enum ds_located judge(const struct ds_runner *runner, const struct ds_listener *listener,
                             char **ret_holder)
{
    if (runner->run.spec->health.any_owner)
        return DS_LOCATED_OURS;
    if (runner->process) {
        pid_t *pids = NULL;
        size_t count = ds_child_tree(runner->process, &pids);
        bool ours = ds_listener_owned_by(listener->inode, pids, count, NULL);
        free(pids);
        if (ours)
            return DS_LOCATED_OURS;
    }
    struct ds_listener_owner owner = {0};
    enum ds_located found = DS_LOCATED_UNKNOWN;
    if (ds_listener_find_owner(listener->inode, &owner)) {
        /* A process that was forked since the tree was listed may be the one that has it. */
        if (runner->process && ds_child_owns(runner->process, owner.pid)) {
            found = DS_LOCATED_OURS;
        } else {
            found = DS_LOCATED_STRANGER;
            *ret_holder = name_holder(&owner);
        }
    }
    ds_listener_owner_finish(&owner);
    return found;
}

/* Judges the listeners that a connection of this family reaches. One that was judged before is not
 * looked into again. */
static enum ds_located locate_family(struct ds_location *location, const struct ds_runner *runner,
                                     const struct ds_listeners *listeners, uint16_t port,
                                     int family)
{
    int best = closest(listeners, port, family);
    enum ds_located found = DS_LOCATED_NOTHING;
    ds_auto_free char *holder = NULL;
    uint64_t inode = 0;
    size_t index = 0;
    for (const struct ds_listener *one; (one = ds_listeners_next(listeners, port, &index));) {
        if (!ds_listener_accepts(one, family) || closeness(one, family) != best)
            continue;
        if (one->inode == location->inode &&
            (location->found == DS_LOCATED_OURS || location->found == DS_LOCATED_STRANGER))
            return location->found;
        free(ds_steal(holder));
        found = judge(runner, one, &holder);
        inode = one->inode;
        if (found == DS_LOCATED_OURS)
            break;
    }
    if (found != DS_LOCATED_NOTHING) {
        free(location->holder);
        location->holder = ds_steal(holder);
        location->found = found;
        location->inode = inode;
        location->address = family == AF_INET ? "127.0.0.1" : "[::1]";
    }
    return found;
}

enum ds_located ds_locate(struct ds_location *location, const struct ds_runner *runner,
                          uint16_t port)
{
    const struct ds_listeners *listeners = NULL;
    ds_auto_error struct ds_error err = {0};
    if (!ds_listener_watch_dump(runner->run.host->listeners, &listeners, &err)) {
        free(location->holder);
        location->holder = ds_strdup(err.message);
        location->found = DS_LOCATED_ERROR;
        return DS_LOCATED_ERROR;
    }
    enum ds_located found = locate_family(location, runner, listeners, port, AF_INET);
    if (found == DS_LOCATED_NOTHING)
        found = locate_family(location, runner, listeners, port, AF_INET6);
    if (found == DS_LOCATED_NOTHING)
        ds_location_finish(location);
    return found;
}

bool ds_probe_find_listener(struct ds_probe *probe, struct ds_location *location,
                            const char **ret_address)
{
    if (probe->runner->run.spec->kind == DS_KIND_CONTAINER) {
        *ret_address = "127.0.0.1";
        return true;
    }
    switch (ds_locate(location, probe->runner, probe->port)) {
    case DS_LOCATED_NOTHING:
        ds_probe_fail(probe, "nothing listens on port %u", (unsigned)probe->port);
        return false;
    case DS_LOCATED_STRANGER:
        ds_probe_stranger(probe, location->holder);
        return false;
    case DS_LOCATED_ERROR:
        ds_probe_fail(probe, "cannot tell who listens: %s", location->holder);
        return false;
    case DS_LOCATED_OURS:
    case DS_LOCATED_UNKNOWN:
        *ret_address = location->address;
        return true;
    }
    return false;
}
