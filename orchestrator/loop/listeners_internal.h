/*
 * The two sources of listeners. Both add to what is there.
 */
#ifndef DEVSTACK_LOOP_LISTENERS_INTERNAL_H
#define DEVSTACK_LOOP_LISTENERS_INTERNAL_H

#include "devstack/loop/listeners.h"

enum listeners_outcome {
    LISTENERS_DONE,
    LISTENERS_REFUSED, /* this source is not to be had here */
    LISTENERS_FAILED,  /* `err` tells */
};

/* sock_diag(7). */
enum listeners_outcome listeners_from_diag(struct ds_listeners *listeners, struct ds_error *err);
/* A file as /proc/net/tcp (AF_INET) or tcp6 (AF_INET6), described in the kernel's
 * Documentation/networking/proc_net_tcp.rst. A missing one is REFUSED. */
enum listeners_outcome listeners_from_table(struct ds_listeners *listeners, int family,
                                            const char *path, struct ds_error *err);

#endif
