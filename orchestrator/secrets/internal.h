/*
 * What the stores share: the shape of a store and of one call on it.
 *
 * A call is made on the loop's thread, does its work there or on the pool (as the store says), and
 * is finished on the loop's thread. `verb`, `stack`, `name` and `value` do not change once the call
 * is made; the answer is the worker's alone until the work is over.
 */
#ifndef SECRETS_INTERNAL_H
#define SECRETS_INTERNAL_H

#include "devstack/secrets/store.h"

enum secret_verb { SECRET_CHECK, SECRET_LOOKUP, SECRET_SAVE, SECRET_REMOVE };

struct ds_secret_call {
    uv_work_t work;
    struct ds_secret_store *store;
    struct ds_secret_call *next;
    enum secret_verb verb;
    char *stack, *name;      /* NULL for SECRET_CHECK */
    struct ds_secret *value; /* SECRET_SAVE: what to save */
    ds_secret_done_fn done;
    void *data;
    bool cancelled;
    void *scratch; /* what begin() made */

    enum ds_secret_outcome outcome;
    struct ds_secret *found;
    int64_t stored_at;
    struct ds_error error;
};

struct secret_store_ops {
    const char *name;
    bool on_pool;                               /* work() may block: run it on the thread pool */
    void (*begin)(struct ds_secret_call *call); /* loop's thread, before the work; or NULL */
    void (*work)(struct ds_secret_call *call);  /* sets the answer */
    void (*interrupt)(struct ds_secret_call *call); /* loop's thread, ends work() soon; or NULL */
    void (*end)(struct ds_secret_call *call);       /* loop's thread, frees scratch; or NULL */
    void (*destroy)(struct ds_secret_store *store); /* frees the memory of the whole store */
};

/* First member of each kind of store. */
struct ds_secret_store {
    const struct secret_store_ops *ops;
    uv_loop_t *loop;
    struct ds_secret_call *calls;
    bool destroyed; /* goes with its last call */
};

/* Sets the outcome together with an error: "return secret_answer(call, …)". */
void secret_answer(struct ds_secret_call *call, enum ds_secret_outcome outcome, const char *hint,
                   const char *format, ...) __attribute__((format(printf, 4, 5)));

#endif
