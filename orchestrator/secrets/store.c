/* The life of a call, the same for every kind of store. */
#include "internal.h"

#include <ctype.h>
#include <stdlib.h>

#include "devstack/base/memory.h"

const char *ds_secret_store_name(const struct ds_secret_store *store)
{
    return store->ops->name;
}

void secret_answer(struct ds_secret_call *call, enum ds_secret_outcome outcome, const char *hint,
                   const char *format, ...)
{
    va_list args;
    va_start(args, format);
    ds_auto_free char *message = ds_vprintf(format, args);
    va_end(args);
    call->outcome = outcome;
    ds_error_set(&call->error, DS_ERROR_SECRET, "%s", message);
    if (hint)
        ds_error_hint(&call->error, "%s", hint);
}

static void free_call(struct ds_secret_call *call)
{
    struct ds_secret_store *store = call->store;
    struct ds_secret_call **at = &store->calls;
    while (*at != call)
        at = &(*at)->next;
    *at = call->next;
    if (store->ops->end)
        store->ops->end(call);
    free(call->stack);
    free(call->name);
    ds_secret_unref(call->value);
    ds_secret_unref(call->found);
    ds_error_clear(&call->error);
    free(call);
    if (store->destroyed && !store->calls)
        store->ops->destroy(store);
}

static void on_work(uv_work_t *work)
{
    struct ds_secret_call *call = work->data;
    if (call->store->ops->on_pool)
        call->store->ops->work(call);
}

static void on_worked(uv_work_t *work, int status)
{
    (void)status;
    struct ds_secret_call *call = work->data;
    if (!call->cancelled) {
        if (!call->store->ops->on_pool)
            call->store->ops->work(call);
        bool failed = call->outcome != DS_SECRET_FOUND && call->outcome != DS_SECRET_ABSENT;
        struct ds_secret_result result = {
            .outcome = call->outcome,
            .value = call->found,
            .stored_at = call->stored_at,
            .error = failed ? &call->error : NULL,
        };
        call->done(call->data, &result);
    }
    free_call(call);
}

static struct ds_secret_call *make_call(struct ds_secret_store *store, enum secret_verb verb,
                                        const struct ds_secret_key *key, struct ds_secret *value,
                                        ds_secret_done_fn done, void *data)
{
    struct ds_secret_call *call = DS_NEW(struct ds_secret_call);
    call->work.data = call;
    call->store = store;
    call->verb = verb;
    call->stack = key ? ds_strdup(key->stack) : NULL;
    call->name = key ? ds_strdup(key->name) : NULL;
    call->value = value ? ds_secret_ref(value) : NULL;
    call->done = done;
    call->data = data;
    call->outcome = DS_SECRET_ABSENT;
    call->next = store->calls;
    store->calls = call;
    if (store->ops->begin)
        store->ops->begin(call);
    /* Only a missing callback makes this fail. */
    if (uv_queue_work(store->loop, &call->work, on_work, on_worked) < 0)
        abort();
    return call;
}

struct ds_secret_call *ds_secret_store_check(struct ds_secret_store *store, ds_secret_done_fn done,
                                             void *data)
{
    return make_call(store, SECRET_CHECK, NULL, NULL, done, data);
}

struct ds_secret_call *ds_secret_store_lookup(struct ds_secret_store *store,
                                              const struct ds_secret_key *key,
                                              ds_secret_done_fn done, void *data)
{
    return make_call(store, SECRET_LOOKUP, key, NULL, done, data);
}

struct ds_secret_call *ds_secret_store_save(struct ds_secret_store *store,
                                            const struct ds_secret_key *key,
                                            struct ds_secret *value, ds_secret_done_fn done,
                                            void *data)
{
    return make_call(store, SECRET_SAVE, key, value, done, data);
}

struct ds_secret_call *ds_secret_store_remove(struct ds_secret_store *store,
                                              const struct ds_secret_key *key,
                                              ds_secret_done_fn done, void *data)
{
    return make_call(store, SECRET_REMOVE, key, NULL, done, data);
}

void ds_secret_call_cancel(struct ds_secret_call *call)
{
    if (!call || call->cancelled)
        return;
    call->cancelled = true;
    /* Still queued: the pool drops it. Already running: the store ends it. */
    if (uv_cancel((uv_req_t *)&call->work) < 0 && call->store->ops->interrupt)
        call->store->ops->interrupt(call);
}

void ds_secret_store_destroy(struct ds_secret_store *store)
{
    if (!store)
        return;
    store->destroyed = true;
    for (struct ds_secret_call *call = store->calls; call; call = call->next)
        ds_secret_call_cancel(call);
    if (!store->calls)
        store->ops->destroy(store);
}

char *ds_secret_variable_name(const char *name)
{
    char *variable = ds_printf("DEVSTACK_SECRET_%s", name);
    for (char *at = variable; *at; at++)
        *at = isalnum((unsigned char)*at) ? (char)toupper((unsigned char)*at) : '_';
    return variable;
}
