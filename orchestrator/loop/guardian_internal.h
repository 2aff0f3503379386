/*
 * What the parts of the guardian's client share: guardian_process.c makes the guardian's process
 * and the specs, guardian_client.c keeps the connection to it, guardian_child.c the services'.
 */
#ifndef DEVSTACK_LOOP_GUARDIAN_INTERNAL_H
#define DEVSTACK_LOOP_GUARDIAN_INTERNAL_H

#include "devstack/loop/guardian.h"

#include "guardian/protocol.h"

struct ds_child {
    struct ds_guardian *guardian;
    struct ds_child *previous, *next; /* of the guardian's children; released ones are not listed */
    struct ds_child *next_unsent;
    struct ds_child_events events;
    uint64_t service; /* its number on the control socket */
    uv_poll_t poll;   /* on the report socket */
    int reports;
    int request[DS_GUARD_SPAWN_FDS]; /* held while the request is not sent, else -1 */
    pid_t pid;                       /* the first process; 0 before `spawned` and after `exited` */
    pid_t supervisor; /* above the whole tree; 0 before `spawned` and after the final event */
    bool hung_up;     /* the supervisor's end is closed */
    bool final;       /* a final event was told, or is none of the caller's business any more */
};

struct ds_guardian {
    uv_loop_t *loop;
    void (*on_lost)(void *data);
    void *on_lost_data;
    uv_poll_t control_poll, exit_poll;
    uv_timer_t retry;      /* when the kernel has too many descriptors under way */
    unsigned open_handles; /* with those of its children */
    int control;
    int exit; /* pidfd of the guardian */
    int null;
    pid_t pid; /* 0 when it is reaped */
    uint64_t last_service;
    struct ds_child *children;
    struct ds_child *unsent, **unsent_end; /* requests that did not fit */
    bool dismissed, dismissal_sent, closing;
    void (*on_closed)(void *data);
    void *on_closed_data;
};

/* The guardian's process, its control socket and pidfd. */
bool guardian_process_start(const struct ds_guardian_config *config, pid_t *ret_pid,
                            int *ret_control, int *ret_exit, struct ds_error *err);
/* A memfd with a struct ds_guard_spec, or -1. */
int guardian_spec_create(const struct ds_spawn *spawn, struct ds_error *err);

/* Sends or queues a child's request. */
void guardian_request(struct ds_guardian *guardian, struct ds_child *child);
/* Takes a child that is about to go from the queue. */
void guardian_forget_request(struct ds_guardian *guardian, struct ds_child *child);
/* A handle of the guardian or a child has closed. */
void guardian_handle_closed(struct ds_guardian *guardian);
/* The guardian says, or its end means, that a supervisor was killed and its tree too. */
void child_supervisor_lost(struct ds_child *child);

#endif
