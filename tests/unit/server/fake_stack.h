/* A stack that tests move by hand: devstack/stack.h and the part of the log store that a server
 * uses, without services behind them. */
#ifndef TESTS_FAKE_STACK_H
#define TESTS_FAKE_STACK_H

#include "devstack/base/memory.h"
#include "devstack/stack.h"

struct fake_log {
    char *service;
    char *text;
    size_t length;
};

struct ds_log_store {
    DS_VEC(struct fake_log) entries;
    void (*on_entry)(void *data, const struct ds_log_entry *entry);
    void *data;
};

struct ds_stack {
    uint64_t version;
    enum ds_stack_phase phase;
    struct ds_log_store logs;
    void (*on_change)(void *data, struct ds_snapshot *snapshot);
    void *data;
    struct ds_strings commands; /* "start api", "stop", … */
    bool refuse;
};

/* Services api and db. */
void fake_stack_init(struct ds_stack *stack);
void fake_stack_finish(struct ds_stack *stack);
/* A new version reaches the subscriber. */
void fake_stack_change(struct ds_stack *stack, enum ds_stack_phase phase);
void fake_stack_log(struct ds_stack *stack, const char *service, const char *text, size_t length);

#endif
