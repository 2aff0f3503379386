/*
 * One service at run time: a state machine stepped by events, a runner (process, container,
 * external) and its health probes.
 *
 * A service knows nothing of the others. The stack tells it what is wished (start, stop) and
 * whether its dependencies are there, and makes its launch: everything that needs the whole stack
 * (addresses, secrets, ports). The service tells the stack when anything in its status has changed.
 * All on the loop's thread; `changed` is never called from inside a call into the service: events
 * are queued and drained at one point, so the stack may call back in from it.
 */
#ifndef DEVSTACK_SERVICE_SERVICE_H
#define DEVSTACK_SERVICE_SERVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <uv.h>

#include "devstack/base/clock.h"
#include "devstack/base/error.h"
#include "devstack/base/secret.h"
#include "devstack/base/text.h"
#include "devstack/docker/engine.h"
#include "devstack/logs/store.h"
#include "devstack/loop/guardian.h"
#include "devstack/loop/http.h"
#include "devstack/manifest/manifest.h"
#include "devstack/service/state.h"

struct ds_service;
struct ds_listener_watch; /* one LISTEN dump a tick for all services: service/listener_watch.h */

/* A port as it is in this run. */
struct ds_bound_port {
    char *name; /* "" for the default */
    uint16_t host, container;
};

struct ds_launch_file { /* a file put into the container before its start */
    char *target;
    struct ds_secret *contents;
    unsigned uid, gid, mode;
};

/* A service's start, with every reference expanded. Owned by whoever filled it. Everything in it is
 * on the heap, the strings of `mounts` too: ds_launch_finish() frees it, and wipes what may hold a
 * secret (words, variables, files, url, user, database, password; not names, folders, mounts). */
struct ds_launch {
    /* Processes and tasks. `executable` is absolute. */
    char *executable;
    struct ds_strings argv;
    struct ds_variables
        environment; /* the whole of it; for containers: what is added to the image's */
    char *folder;    /* of a container too: inside; NULL: the image's */
    /* Containers. */
    char *container_name;
    struct ds_strings command, entrypoint;
    struct ds_variables labels;
    struct ds_launch_file *files;
    size_t file_count;
    char *files_folder; /* private, of this service alone, on a file system that the engine may see:
                           may not exist yet; NULL: there is none */
    struct ds_engine_mount
        *mounts; /* volumes by their full names, made if missing with volume_labels */
    size_t mount_count;
    struct ds_variables volume_labels;
    char *network, *network_alias; /* NULL: the engine's default */
    /* External. */
    char *url;
    /* All. */
    struct ds_bound_port *ports; /* the first is the default */
    size_t port_count;
    struct ds_variables health_headers;
    struct ds_strings health_exec;
    char *database, *user; /* for the login probe */
    struct ds_secret *password;
};
void ds_launch_finish(struct ds_launch *launch);

struct ds_service_host {
    uv_loop_t *loop;
    const struct ds_clock *clock;
    struct ds_guardian *guardian;
    struct ds_http *http;
    struct ds_engine *engine; /* NULL when the stack has no containers */
    struct ds_log_store *logs;
    struct ds_listener_watch *listeners;
    /* Fills the launch just before each start. False with `err`: the start fails with
     * DS_REASON_LAUNCH. */
    bool (*launch)(void *data, const struct ds_service_spec *spec, struct ds_launch *ret_launch,
                   struct ds_error *err);
    void (*changed)(void *data, struct ds_service *service);
    void *data;
};

/* Monotonic ns of the last start's steps; 0: not reached. */
struct ds_service_times {
    uint64_t requested; /* start was asked for */
    uint64_t released;  /* its dependencies were there */
    uint64_t spawned;   /* process or container runs */
    uint64_t ready;
    uint64_t ended;
};

struct ds_service_status {
    enum ds_state state;
    struct ds_reason reason;
    pid_t
        pid; /* of the process; of the container's first process when the engine is local; else 0 */
    const char *container; /* id, or NULL */
    unsigned starts;       /* in this run */
    unsigned restarts;     /* starts nobody asked for */
    bool has_exit;         /* the last end: */
    int exit_status;       /* as wait(2) gives it; a container's code as (code << 8) */
    struct ds_service_times times;
    const char *address;    /* "127.0.0.1" or "[::1]": the one that answered */
    bool owner_unknown;     /* its listener belongs to a process we may not look into */
    const char *last_probe; /* "HTTP 503 after 12 ms", masked; or NULL */
    unsigned failed_starts; /* in a row that never became ready */
    uint64_t next_start;    /* monotonic ns of the next try while `restarting`; else 0 */
};

struct ds_service *ds_service_create(const struct ds_service_host *host,
                                     const struct ds_service_spec *spec);
/* Kills what is left and frees; `on_closed` fires when all handles are closed. */
void ds_service_close(struct ds_service *service, void (*on_closed)(void *data), void *data);

const struct ds_service_spec *ds_service_spec(const struct ds_service *service);
const struct ds_service_status *ds_service_status(const struct ds_service *service);

/* Wishes. Asking for what is wished already is fine. start() of a failed or completed one begins
 * anew (counters reset). */
void ds_service_start(struct ds_service *service);
/* Ends it: its stop signal, after its grace period SIGKILL to all that is left. Ends in `stopped`
 * (a completed task stays completed). */
void ds_service_stop(struct ds_service *service);
/* SIGKILL at once, also in the middle of a polite stop. */
void ds_service_kill(struct ds_service *service);
void ds_service_restart(struct ds_service *service);

/* What the stack knows of the dependencies of one that is waiting. `ready` releases it; else the
 * reason (copied) is shown; a DEPENDENCY_FAILED reason keeps it waiting with that reason: it starts
 * when the dependency comes back. */
void ds_service_dependencies(struct ds_service *service, bool ready,
                             const struct ds_reason *reason);

#endif
