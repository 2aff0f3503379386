/*
 * The seam: snapshot, subscribe, command. The command line, the HTTP API and the page know a
 * running stack through this alone.
 *
 * A snapshot is an immutable picture, shared by reference count, with a version that only grows.
 * Its strings are masked: what is secret never gets into one. Times in it are wall-clock ns,
 * durations ns.
 */
#ifndef DEVSTACK_STACK_H
#define DEVSTACK_STACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "devstack/base/error.h"
#include "devstack/base/text.h"
#include "devstack/logs/store.h"
#include "devstack/service/state.h"

struct ds_stack;

struct ds_snapshot_port {
    char *name; /* "" for the default */
    uint16_t number;
};

struct ds_snapshot_service {
    char *name;
    char *kind; /* as in the file: "run", "task", "image", "postgres", "external" */
    enum ds_state state;
    struct ds_reason reason;
    char *url; /* without credentials; NULL when it has none */
    struct ds_snapshot_port *ports;
    size_t port_count;
    pid_t pid;       /* 0: none */
    char *container; /* id, or NULL */
    unsigned starts, restarts;
    bool has_exit;
    int exit_status;  /* as wait(2) gives it */
    char *last_probe; /* or NULL */
    bool owner_unknown;
    struct ds_strings depends_on, needed_by;
    int64_t started_at; /* spawned; 0: not */
    uint64_t waited;    /* ns from the request until its dependencies were there */
    uint64_t prepared;  /* ns from there to the spawn (pull, create) */
    uint64_t probed;    /* ns from the spawn until ready; while starting: so far */
    bool is_task;
    bool was_ready; /* at some time since it was started last */
    bool watched;   /* a changed file starts it again, also when it has ended */
};

enum ds_stack_phase {
    DS_STACK_STARTING, /* something wished for is not ready yet */
    DS_STACK_READY,    /* all that is wished for is ready */
    DS_STACK_DEGRADED, /* was ready, or something failed for good */
    DS_STACK_STOPPING,
    DS_STACK_STOPPED, /* the last snapshot */
};
const char *ds_stack_phase_name(enum ds_stack_phase phase);

struct ds_snapshot {
    uint64_t version;
    char *id, *name, *environment, *folder, *file;
    char *devstack_version;
    char *log_folder;
    char *problem; /* of the stack as a whole (disk full, engine gone), or NULL */
    pid_t pid;     /* the orchestrator's */
    int64_t started_at;
    uint64_t ready_after; /* ns from the request to the first READY; 0: not yet */
    enum ds_stack_phase phase;
    struct ds_snapshot_service *services; /* in the file's order; disabled ones are left out */
    size_t service_count;
    unsigned references;
};

/* The newest picture; the caller unrefs. */
struct ds_snapshot *ds_stack_snapshot(struct ds_stack *stack);
struct ds_snapshot *ds_snapshot_ref(struct ds_snapshot *snapshot);
void ds_snapshot_unref(struct ds_snapshot *snapshot);
const struct ds_snapshot_service *ds_snapshot_service(const struct ds_snapshot *snapshot,
                                                      const char *name);

/* One JSON document, as GET /api/v1/stack answers it; the caller frees. */
char *ds_snapshot_to_json(const struct ds_snapshot *snapshot);
/* One service of it, as GET /api/v1/services/{s} answers. */
char *ds_snapshot_service_to_json(const struct ds_snapshot_service *service);
/* The inverse, for the command line; NULL with `err` when it is not one. */
struct ds_snapshot *ds_snapshot_from_json(const char *json, size_t length, struct ds_error *err);

struct ds_stack_subscription;
/* Called at most once a turn of the loop when the picture changed; the snapshot is borrowed. */
struct ds_stack_subscription *
ds_stack_subscribe(struct ds_stack *stack,
                   void (*on_change)(void *data, struct ds_snapshot *snapshot), void *data);
void ds_stack_unsubscribe(struct ds_stack_subscription *subscription);

enum ds_stack_command {
    DS_STACK_START_SERVICE,
    DS_STACK_STOP_SERVICE,
    DS_STACK_RESTART_SERVICE,
    DS_STACK_STOP, /* everything, in reverse order; the orchestrator ends */
    DS_STACK_KILL, /* at once */
};
/* Accepts or refuses at once (unknown service); what comes of it shows in the snapshots. */
bool ds_stack_command(struct ds_stack *stack, enum ds_stack_command command, const char *service,
                      struct ds_error *err);

/* Every log line of this run. Borrowed. */
struct ds_log_store *ds_stack_logs(struct ds_stack *stack);

#endif
