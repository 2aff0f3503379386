/*
 * The guardian's protocol: what is said between the orchestrator, the guardian and the supervisors,
 * who holds which descriptor, and who dies when.
 *
 *   orchestrator ──control──▶ guardian ──fork──▶ supervisor ──fork──▶ first process ─▶ …
 *        └───────────────one report socket a service──────────┘
 *
 * Both programs are built together from this file, so there is no version.
 *
 * Descriptors (everything close-on-exec)
 *   control socket     SOCK_SEQPACKET; orchestrator and guardian one end each
 *   orchestrator       its pidfd; guardian and every supervisor. Beside the sockets' hang-up, since
 *                      something that inherited an end of a socket would keep that open
 *   lifeline           a pipe: the guardian alone has the write end, every supervisor the read end.
 *                      One close() of it, or the guardian's death, wakes all supervisors at once
 *   report socket      SOCK_SEQPACKET, one a service; orchestrator and supervisor one end each
 *   lease              the orchestrator's lock; guardian only, until it has finished
 *   sweeper and its spec  guardian only
 *   spec               a memfd, a struct ds_guard_spec and strings: arguments and environment may
 * be larger than a datagram, and the guardian never looks at them stdin, out, err    passed on to
 * the first process; nobody else keeps them
 *
 * Who dies when
 *   orchestrator dies        Each supervisor sees it (report socket, pidfd): SIGTERM to its tree,
 *                            DS_GUARD_GRACE_MS later SIGKILL until nothing is left. The guardian
 *                            sees it too (control socket, pidfd): closes the lifeline, continues
 *                            stopped supervisors, runs the sweeper at once, waits for all of them,
 *                            at most DS_GUARD_END_MS, and exits, which frees the lease.
 *   guardian dies            The lifeline ends: supervisors end their trees as above. The
 *                            orchestrator sees the control socket end.
 *   supervisor dies          The first process has PDEATHSIG=SIGKILL. The rest becomes the
 *                            guardian's (a subreaper as well), which kills whatever child it has
 *                            that is no supervisor, and then tells the orchestrator: LOST.
 *   first process dies       EXITED is reported, the rest of the tree goes on.
 *   tree is empty            EMPTIED is reported and the supervisor exits.
 *   orchestrator dismisses   As when it died, without the sweeper.
 * Guardian and supervisors block every signal that can be blocked and have sessions of their own.
 */
#ifndef DEVSTACK_GUARDIAN_PROTOCOL_H
#define DEVSTACK_GUARDIAN_PROTOCOL_H

#include <stdint.h>

/* The descriptors that the guardian is started with, beside /dev/null on 0, 1 and 2. */
enum {
    DS_GUARD_FD_CONTROL = 3,
    DS_GUARD_FD_ORCHESTRATOR,
    DS_GUARD_FD_LEASE,        /* may be absent */
    DS_GUARD_FD_SWEEPER,      /* may be absent */
    DS_GUARD_FD_SWEEPER_SPEC, /* with the one above */
    DS_GUARD_FD_END,
};

#define DS_GUARD_GRACE_MS 500   /* between SIGTERM and SIGKILL when the orchestrator is gone */
#define DS_GUARD_END_MS   10000 /* what the guardian waits at most at its end */

/* On the control socket. */
enum ds_guard_control {
    DS_GUARD_SPAWN = 1, /* to the guardian, with DS_GUARD_SPAWN_FDS descriptors */
    DS_GUARD_DISMISS,   /* to the guardian */
    DS_GUARD_LOST, /* to the orchestrator: this service's supervisor was killed, its tree too */
};

/* The descriptors of a SPAWN, in this order. */
enum {
    DS_GUARD_SPAWN_REPORTS,
    DS_GUARD_SPAWN_SPEC,
    DS_GUARD_SPAWN_STDIN,
    DS_GUARD_SPAWN_STDOUT,
    DS_GUARD_SPAWN_STDERR,
    DS_GUARD_SPAWN_FDS,
};

struct ds_guard_control_message {
    uint32_t kind; /* enum ds_guard_control */
    uint32_t reserved;
    uint64_t service; /* a number the orchestrator chose; SPAWN and LOST */
};

/* On a report socket, from the supervisor (FAILED also from the guardian, when it cannot fork). */
enum ds_guard_report {
    DS_GUARD_SPAWNED = 1, /* pid, supervisor, ns */
    DS_GUARD_FAILED,      /* stage, value: errno. Nothing follows */
    DS_GUARD_EXITED,      /* value: wait status, ns */
    DS_GUARD_EMPTIED,     /* nothing follows */
};

/* The numbers of enum ds_spawn_stage. */
enum ds_guard_stage {
    DS_GUARD_STAGE_FORK,
    DS_GUARD_STAGE_USER,
    DS_GUARD_STAGE_FOLDER,
    DS_GUARD_STAGE_EXEC,
};

struct ds_guard_report_message {
    uint32_t kind; /* enum ds_guard_report */
    uint32_t stage;
    int32_t value;
    int32_t pid;
    int32_t supervisor;
    uint32_t reserved;
    uint64_t ns; /* CLOCK_MONOTONIC */
};

/* On a report socket, to the supervisor. */
enum ds_guard_order {
    DS_GUARD_SIGNAL = 1, /* to the first process' group; when that is gone, to the whole tree */
    DS_GUARD_KILL,       /* everything, until nothing is left */
};

struct ds_guard_order_message {
    uint32_t kind; /* enum ds_guard_order */
    int32_t signal;
};

/* At the start of a spec; NUL-terminated strings follow: executable, folder, arguments,
 * environment. */
struct ds_guard_spec {
    uint32_t argument_count;
    uint32_t environment_count;
    uint32_t has_user;
    uint32_t uid;
    uint32_t gid;
    uint32_t reserved;
};

#endif
