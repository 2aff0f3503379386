/*
 * Listeners in another process' network namespace, from /proc/<pid>/net/tcp and tcp6 (proc(5)): the
 * one way to see them without entering it.
 */
#ifndef DEVSTACK_ORCHESTRATOR_SERVICE_PROC_NET_H
#define DEVSTACK_ORCHESTRATOR_SERVICE_PROC_NET_H

#include <stdint.h>
#include <sys/types.h>

enum ds_proc_net {
    DS_PROC_NET_LISTENS,  /* where others can reach it */
    DS_PROC_NET_LOOPBACK, /* on loopback addresses only */
    DS_PROC_NET_NOTHING,
    DS_PROC_NET_UNREADABLE,
};

enum ds_proc_net ds_proc_net_listens(pid_t pid, uint16_t port);
/* The same from the text of such a file. */
enum ds_proc_net ds_proc_net_parse(const char *text, uint16_t port);

#endif
