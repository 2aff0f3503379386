/*
 * How a client asks for a stack, and how the orchestrator runs it.
 *
 * The client opens a socket pair and starts `devstack orchestrator` with one end as descriptor 3,
 * writes a start request to it and reads one reply. Secrets travel here and nowhere else. The
 * socket then is the lease of a foreground `up`: while it is open the stack runs; when it closes,
 * however that came, the stack stops in order. Messages are a 4-byte big-endian length and that
 * many bytes of JSON.
 */
#ifndef DEVSTACK_STACK_START_H
#define DEVSTACK_STACK_START_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "devstack/base/error.h"
#include "devstack/base/secret.h"
#include "devstack/base/text.h"
#include "devstack/manifest/manifest.h"
#include "devstack/stack/identity.h"

struct ds_start_secret {
    char *name;
    struct ds_secret *value;
};

struct ds_start_request {
    char *file;                 /* absolute path of services.yaml */
    char *environment;          /* NULL: local */
    char *instance;             /* NULL: none */
    struct ds_strings services; /* empty: all that start by themselves */
    bool foreground;            /* the socket is a lease */
    bool auto_ports;
    bool no_dependencies;
    uint64_t
        requested_at; /* CLOCK_MONOTONIC ns when the user asked, for the times in the summary */
    struct ds_start_secret *secrets;
    size_t secret_count;
};
void ds_start_request_finish(struct ds_start_request *request);

struct ds_start_reply {
    bool accepted;
    char *socket;          /* accepted: the stack's unix socket, ready to answer */
    struct ds_error error; /* refused */
};
void ds_start_reply_finish(struct ds_start_reply *reply);

/* Marks in `wanted` (one flag for each service of the manifest, all false) what a start is for:
 * `services` and, unless `no_dependencies`, what they depend on; with no names all that start by
 * themselves. Names that are not there or disabled mark nothing. */
void ds_start_choose(const struct ds_manifest *manifest, const struct ds_strings *services,
                     bool no_dependencies, bool *wanted);

/* Blocking, on the socket pair. */
bool ds_start_request_send(int fd, const struct ds_start_request *request, struct ds_error *err);
bool ds_start_request_receive(int fd, struct ds_start_request *ret_request, struct ds_error *err);
bool ds_start_reply_send(int fd, const struct ds_start_reply *reply, struct ds_error *err);
bool ds_start_reply_receive(int fd, struct ds_start_reply *ret_reply, struct ds_error *err);

/* The HTTP server on the stack's socket, handed in by the command line, which alone knows concrete
 * parts. */
struct ds_stack;
struct ds_stack_server {
    /* Listens on the unix socket `path` on `loop` (a uv_loop_t). NULL with `err` when it cannot. */
    void *(*open)(void *loop, struct ds_stack *stack, const char *path, struct ds_error *err);
    /* Ends all streams (their last event is the last snapshot) and closes; `on_closed` fires once.
     */
    void (*close)(void *server, void (*on_closed)(void *data), void *data);
};

/* The whole life of an orchestrator: receives the request on `fd`, runs the stack to its end,
 * leaves nothing. Returns the exit code. */
int ds_orchestrator_run(int fd, const struct ds_stack_server *server, const char *version);

/* Removes what a dead run left: containers, networks, ephemeral volumes, its run-time folder. What
 * the guardian starts as `devstack sweep <runtime folder> <run>`, and what the next start does
 * first. */
int ds_sweep_run(const char *runtime_folder, const char *run);
/* Removes what dead runs of a stack left: files, locks and, with `containers`, what is in the
 * engine. For whoever holds its lease. */
bool ds_sweep_stack(const struct ds_identity *identity, bool containers, struct ds_error *err);

#endif
