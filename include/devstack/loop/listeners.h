/*
 * Who listens on TCP ports: one dump of the LISTEN sockets of both families from the kernel
 * (sock_diag(7), NETLINK_SOCK_DIAG with SOCK_DIAG_BY_FAMILY), or /proc/net/tcp and tcp6 where that
 * is refused. Unprivileged; only the calling process' network namespace is seen.
 *
 * Blocking calls that take microseconds; no loop is needed.
 */
#ifndef DEVSTACK_LOOP_LISTENERS_H
#define DEVSTACK_LOOP_LISTENERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "devstack/base/error.h"

struct ds_listener {
    int family;          /* AF_INET or AF_INET6 */
    uint8_t address[16]; /* network byte order; 4 bytes of it for AF_INET */
    uint16_t port;
    bool only_v6; /* an AF_INET6 socket that takes no IPv4; false when unknown (from /proc) */
    uid_t uid;
    uint64_t inode;
};

struct ds_listeners {
    struct ds_listener *items;
    size_t count;
    size_t capacity;
};

#define ds_auto_listeners __attribute__((cleanup(ds_listeners_finish)))

/* Replaces what is in `listeners` (start zeroed). */
bool ds_listeners_dump(struct ds_listeners *listeners, struct ds_error *err);
void ds_listeners_finish(struct ds_listeners *listeners);

/* The next listener at or after index `*index` that connections to 127.0.0.1:`port` or
 * [::1]:`port` can reach: bound to loopback or to every address. Moves `*index` past it. NULL: no
 * more. */
const struct ds_listener *ds_listeners_next(const struct ds_listeners *listeners, uint16_t port,
                                            size_t *index);
/* True when a connection to 127.0.0.1 (AF_INET) or [::1] (AF_INET6) would reach it. */
bool ds_listener_accepts(const struct ds_listener *listener, int family);

struct ds_listener_owner {
    pid_t pid;     /* 0: unknown, we may not look into the process that has it */
    char *comm;    /* the kernel's short name, or NULL */
    char *command; /* the command line, words joined with spaces; or NULL */
};

void ds_listener_owner_finish(struct ds_listener_owner *owner);
/* Whether one of `pids` has the socket open. Looks at those alone. `*ret_unknown` (may be NULL) is
 * set when one of them could not be looked into. */
bool ds_listener_owned_by(uint64_t inode, const pid_t *pids, size_t count, bool *ret_unknown);
/* Looks through all processes for the one that has the socket open. False when it is not found;
 * `ret_owner` then has pid 0. A socket shared by several gives the lowest pid. */
bool ds_listener_find_owner(uint64_t inode, struct ds_listener_owner *ret_owner);

#endif
