/*
 * Processes that cannot be left behind: the client of the guardian.
 *
 * The guardian is a tiny program of its own (orchestrator/guardian/, embedded here and run from
 * memory). It forks one supervisor per service; the supervisor is a child subreaper, so whatever a
 * service forks stays below it whatever it does, and when the orchestrator is gone, however it
 * went, everything below every supervisor is killed. orchestrator/guardian/protocol.h tells who
 * holds what and who dies when.
 *
 * All calls are made on the loop's thread and all callbacks come from the loop, never from inside
 * a call. Times are CLOCK_MONOTONIC nanoseconds. Start the guardian early: it is forked from the
 * caller, and what it inherits (umask, limits, priority) is what services inherit.
 */
#ifndef DEVSTACK_LOOP_GUARDIAN_H
#define DEVSTACK_LOOP_GUARDIAN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <uv.h>

#include "devstack/base/error.h"

struct ds_guardian;
struct ds_child; /* one service's process tree, from its request to its release */

/* What the guardian runs when the orchestrator is gone without a word: it removes containers,
 * sockets and run-time files. It runs beside the killing of the processes, in "/", with
 * /dev/null for stdin, stdout and stderr, and is killed after 10 s. */
struct ds_guardian_sweeper {
    int executable_fd;       /* borrowed: an open binary, no script; -1: there is no sweeper */
    const char *const *argv; /* NULL-terminated, copied */
    const char *const *envp; /* NULL-terminated, copied */
};

struct ds_guardian_config {
    struct ds_guardian_sweeper sweeper;
    /* Borrowed: an open file description that carries a lock. The guardian holds it until it has
     * finished, sweep included; supervisors and services do not. -1: none. */
    int lease_fd;
    /* Fires once when the guardian ended without having been dismissed (something killed it). The
     * supervisors notice by themselves and end their trees, whose events still come; nothing can be
     * spawned any more. The guardian is still to be dismissed. */
    void (*on_lost)(void *data);
    void *data;
};

/* NULL with `err` when it cannot be started. */
struct ds_guardian *ds_guardian_start(uv_loop_t *loop, const struct ds_guardian_config *config,
                                      struct ds_error *err);
/* An orderly end: the guardian ends what is left below its supervisors and exits without running
 * the sweeper. Children that have not been released are released by this. `on_closed` (may be NULL)
 * fires when the guardian has exited and its memory here is gone. */
void ds_guardian_dismiss(struct ds_guardian *guardian, void (*on_closed)(void *data), void *data);

enum ds_spawn_stage {
    DS_SPAWN_FORK,   /* no process could be made */
    DS_SPAWN_USER,   /* changing to the uid and gid */
    DS_SPAWN_FOLDER, /* changing to the folder */
    DS_SPAWN_EXEC,   /* running the executable; E2BIG: arguments and environment are too large */
};

/* Everything is borrowed for the call alone. */
struct ds_spawn {
    const char *executable;  /* a path with a slash, relative to `folder`; NULL: argv[0] */
    const char *const *argv; /* NULL-terminated, at least one */
    const char *const *envp; /* NULL-terminated: the whole environment, of any size */
    const char *folder;      /* NULL: "/" */
    int stdin_fd, stdout_fd, stderr_fd; /* -1: /dev/null */
    bool has_user;                      /* run as uid and gid, without other groups */
    uid_t uid;
    gid_t gid;
};

/* Each may be NULL. `failed`, `emptied` and `lost` are final: exactly one of them comes, and
 * nothing after it. */
struct ds_child_events {
    /* The executable runs. (Or was about to: one that is killed in the very moment before is told
     * as spawned and exited, too.) */
    void (*spawned)(void *data, struct ds_child *child, pid_t pid, uint64_t ns);
    /* It never ran. Final. */
    void (*failed)(void *data, struct ds_child *child, enum ds_spawn_stage stage, int errno_value);
    /* The first process ended. What it left behind goes on: ds_child_kill() ends that. */
    void (*exited)(void *data, struct ds_child *child, int wait_status, uint64_t ns);
    /* Nothing is left of the tree and the supervisor is gone. Comes after `exited`. Final. */
    void (*emptied)(void *data, struct ds_child *child);
    /* The supervisor was killed. Its tree has been killed too; the first process' status, if
     * `exited` has not come, is unknown. Final. */
    void (*lost)(void *data, struct ds_child *child);
    void *data;
};

/* Asks for a process: the first of its own session and group, default signal handling, no other
 * descriptors than 0, 1 and 2. Requests do not wait for each other. NULL with `err` when it could
 * not be asked for; else release the child. `events` is copied. */
struct ds_child *ds_guardian_spawn(struct ds_guardian *guardian, const struct ds_spawn *spawn,
                                   const struct ds_child_events *events, struct ds_error *err);
/* Sends a signal to the first process' group; when that process has ended, to all that is left of
 * the tree. Without effect after a final event. */
void ds_child_signal(struct ds_child *child, int signal);
/* SIGKILL to all of the tree, again until nothing is left; `emptied` tells. */
void ds_child_kill(struct ds_child *child);
/* Whether `pid` belongs to the tree: it has the supervisor among its ancestors. */
bool ds_child_owns(const struct ds_child *child, pid_t pid);
/* Fills `*ret_pids` (the caller frees; NULL when there is none) with the tree's processes. */
size_t ds_child_tree(const struct ds_child *child, pid_t **ret_pids);
/* Forgets the child: no callback follows. Before the final event this also ends its tree: SIGTERM,
 * SIGKILL half a second later. NULL is fine. Allowed inside its callbacks. */
void ds_child_release(struct ds_child *child);

#endif
