/*
 * A stack at run time: its services, what is wished of each, and the picture that others see
 * (include/devstack/stack.h).
 */
#ifndef STACK_STACK_RUN_H
#define STACK_STACK_RUN_H

#include "context.h"
#include "devstack/base/memory.h"
#include "devstack/stack.h"

/* One service of the manifest. Disabled ones have no `service`. */
struct member {
    const struct ds_service_spec *spec;
    struct ds_service *service;
    bool wanted;
    bool stop_asked;
    unsigned *seen_starts; /* of each dependency, when this one was released: for `restart: true` */
};

struct ds_stack_subscription {
    struct ds_stack *stack;
    void (*on_change)(void *data, struct ds_snapshot *snapshot);
    void *data;
};

struct ds_stack {
    uv_loop_t *loop;
    const struct ds_clock *clock;
    struct context *context; /* borrowed */
    struct ds_log_store *logs;
    const char *version;
    struct member *members; /* as many as the manifest has services */
    size_t member_count;
    uint64_t requested_at; /* monotonic */
    int64_t started_at;    /* wall, and the same moment: */
    uint64_t created_at;   /* monotonic */
    uint64_t ready_after;
    enum ds_stack_phase phase;
    bool stopping;
    void (*on_over)(void *data); /* everything has ended after a stop */
    void *data;
    uv_timer_t publish;           /* zero delay: at most one picture a turn of the loop */
    struct ds_snapshot *snapshot; /* the newest, or NULL when it is out of date */
    uint64_t snapshot_version;
    DS_VEC(struct ds_stack_subscription *) subscriptions;
    struct watches *watches; /* NULL until the start */
    size_t open_services;
    void (*on_closed)(void *data);
    void *closed_data;
};

struct stack_parts { /* borrowed for the stack's life */
    struct context *context;
    const struct ds_service_host *host; /* launch, changed and data are filled in by the stack */
    const char *version;
    void (*on_over)(void *data);
    void *data;
};

struct ds_stack *stack_create(const struct stack_parts *parts);
/* Wishes for what the request names (and what that needs), or all that start by themselves. */
bool stack_start(struct ds_stack *stack, struct ds_error *err);
/* Ends everything, in reverse order; `kill`: at once. `on_over` tells when nothing is left. */
void stack_end(struct ds_stack *stack, bool kill);
void stack_close(struct ds_stack *stack, void (*on_closed)(void *data), void *data);

#endif
