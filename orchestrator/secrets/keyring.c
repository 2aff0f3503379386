/*
 * The OS keyring: the Secret Service through libsecret, in short-lived sessions on the thread pool.
 *
 * Attributes service=devstack, username=<stack>/<name> and no schema name, as other tools that keep
 * passwords there do, so that theirs find ours (`secret-tool lookup service devstack …`).
 */
#include <stdlib.h>
#include <string.h>

#include "internal.h"
#include "session.h"

#include "devstack/base/clock.h"
#include "devstack/base/memory.h"

static const SecretSchema schema = {
    .name = "org.freedesktop.Secret.Generic",
    .flags = SECRET_SCHEMA_DONT_MATCH_NAME,
    .attributes = {{"service", SECRET_SCHEMA_ATTRIBUTE_STRING},
                   {"username", SECRET_SCHEMA_ATTRIBUTE_STRING}},
};

struct keyring_store {
    struct ds_secret_store base;
    struct ds_keyring_options options;
    char *address;
};

/* A call at work, on a pool thread. */
struct keyring_job {
    struct keyring_session session;
    const struct ds_keyring_options *options;
    struct ds_secret_call *call;
    GHashTable *attributes;
    SecretCollection *collection; /* the default one; NULL: there is none */
};

typedef GList ItemList;

static void free_items(ItemList *items)
{
    g_list_free_full(items, g_object_unref);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ItemList, free_items)

static bool refuse_locked(struct keyring_job *job, const char *message)
{
    return keyring_session_refuse(&job->session, DS_SECRET_LOCKED,
                                  "unlock the keyring (log in to the desktop, or use its "
                                  "passwords application)",
                                  message);
}

/* Lets the service show its dialog, when that is allowed. */
static bool unlock(struct keyring_job *job, GList *objects)
{
    struct keyring_session *session = &job->session;
    if (!job->options->may_prompt)
        return refuse_locked(job, "the keyring is locked");
    keyring_session_extend(session, job->options->prompt_timeout);
    secret_service_unlock(session->service, objects, session->steps, keyring_step_done,
                          keyring_step_begin(session));
    g_autoptr(GAsyncResult) result = keyring_step_await(session);
    if (!result)
        return refuse_locked(job, "the keyring is locked, and its dialog was not answered");
    g_autolist(GDBusProxy) unlocked = NULL;
    GError *error = NULL;
    int count = secret_service_unlock_finish(session->service, result, &unlocked, &error);
    if (error)
        return keyring_session_fail(session, error, "the keyring does not unlock");
    keyring_session_extend(session, job->options->timeout);
    if (count <= 0)
        return refuse_locked(job, "the keyring is locked, and its dialog was dismissed");
    return true;
}

static bool find_collection(struct keyring_job *job)
{
    struct keyring_session *session = &job->session;
    secret_collection_for_alias(session->service, SECRET_COLLECTION_DEFAULT, SECRET_COLLECTION_NONE,
                                session->steps, keyring_step_done, keyring_step_begin(session));
    g_autoptr(GAsyncResult) result = keyring_step_await(session);
    if (!result)
        return false;
    GError *error = NULL;
    g_clear_object(&job->collection);
    job->collection = secret_collection_for_alias_finish(result, &error);
    return !error || keyring_session_fail(session, error, "the keyring has no usable collection");
}

/* The default collection is there and open; without one, answers true and leaves it NULL. */
static bool open_collection(struct keyring_job *job)
{
    if (!find_collection(job))
        return false;
    if (!job->collection || !secret_collection_get_locked(job->collection))
        return true;
    GList objects = {.data = job->collection};
    return unlock(job, &objects);
}

static bool search(struct keyring_job *job, SecretSearchFlags flags, GList **ret_items)
{
    struct keyring_session *session = &job->session;
    secret_service_search(session->service, &schema, job->attributes, SECRET_SEARCH_ALL | flags,
                          session->steps, keyring_step_done, keyring_step_begin(session));
    g_autoptr(GAsyncResult) result = keyring_step_await(session);
    if (!result)
        return false;
    GError *error = NULL;
    *ret_items = secret_service_search_finish(session->service, result, &error);
    return !error || keyring_session_fail(session, error, "the keyring cannot be searched");
}

/* Finds all items, open. A locked keyring may hide what it holds (some services do), so "none" is
 * believed only of one that is open. */
static bool find_open_items(struct keyring_job *job, SecretSearchFlags flags, GList **ret_items)
{
    g_autoptr(ItemList) items = NULL;
    if (!search(job, flags, &items))
        return false;
    g_autoptr(GList) locked = NULL;
    for (GList *at = items; at; at = at->next) {
        if (secret_item_get_locked(at->data))
            locked = g_list_prepend(locked, at->data);
    }
    bool again = locked != NULL;
    if (locked && !unlock(job, locked))
        return false;
    if (!items) {
        if (!find_collection(job))
            return false;
        GList objects = {.data = job->collection};
        again = job->collection && secret_collection_get_locked(job->collection);
        if (again && !unlock(job, &objects))
            return false;
    }
    if (!again) {
        *ret_items = g_steal_pointer(&items);
        return true;
    }
    return search(job, flags, ret_items);
}

static bool check(struct keyring_job *job)
{
    if (!open_collection(job))
        return false;
    if (!job->collection && !job->options->may_prompt)
        return keyring_session_refuse(
            &job->session, DS_SECRET_UNAVAILABLE,
            "make a keyring: log in to the desktop once, or use its passwords application",
            "the keyring service has no keyring yet, and making one takes its dialog");
    job->call->outcome = DS_SECRET_FOUND;
    return true;
}

static bool lookup(struct keyring_job *job)
{
    g_autoptr(ItemList) items = NULL;
    if (!find_open_items(job, SECRET_SEARCH_LOAD_SECRETS, &items))
        return false;
    /* Another tool's item with more attributes may stand beside ours: the newest counts. */
    SecretItem *newest = NULL;
    for (GList *at = items; at; at = at->next) {
        if (!newest || secret_item_get_modified(at->data) > secret_item_get_modified(newest))
            newest = at->data;
    }
    if (!newest)
        return true;
    SecretValue *value = secret_item_get_secret(newest);
    if (!value)
        return keyring_session_refuse(&job->session, DS_SECRET_FAILED,
                                      "look at the entry in the passwords application",
                                      "the keyring has the entry but does not give its value");
    gsize length;
    const char *bytes = secret_value_get(value, &length);
    job->call->found = ds_secret_create(bytes, length);
    job->call->stored_at = (int64_t)(secret_item_get_modified(newest) * DS_NS_PER_S);
    job->call->outcome = DS_SECRET_FOUND;
    secret_value_unref(value);
    return true;
}

static bool save(struct keyring_job *job)
{
    struct keyring_session *session = &job->session;
    struct ds_secret_call *call = job->call;
    /* Storing would show dialogs by itself; whether it may is decided here. */
    if (!check(job))
        return false;
    call->outcome = DS_SECRET_ABSENT;
    if (!job->collection)
        keyring_session_extend(session, job->options->prompt_timeout);
    g_autofree char *label = g_strdup_printf("devstack %s: %s", call->stack, call->name);
    SecretValue *value = secret_value_new(ds_secret_bytes(call->value),
                                          (gssize)ds_secret_length(call->value), "text/plain");
    secret_service_store(session->service, &schema, job->attributes, SECRET_COLLECTION_DEFAULT,
                         label, value, session->steps, keyring_step_done,
                         keyring_step_begin(session));
    secret_value_unref(value);
    g_autoptr(GAsyncResult) result = keyring_step_await(session);
    if (!result)
        return false;
    GError *error = NULL;
    if (secret_service_store_finish(session->service, result, &error)) {
        call->outcome = DS_SECRET_FOUND;
        return true;
    }
    /* libsecret reports a dismissed dialog as a cancelled operation. */
    if (!error || g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED)) {
        g_clear_error(&error);
        return refuse_locked(job, "the keyring's dialog was dismissed");
    }
    return keyring_session_fail(session, error, "the keyring does not save");
}

static bool take_away(struct keyring_job *job)
{
    struct keyring_session *session = &job->session;
    g_autoptr(ItemList) items = NULL;
    if (!find_open_items(job, SECRET_SEARCH_NONE, &items))
        return false;
    for (GList *at = items; at; at = at->next) {
        secret_item_delete(at->data, session->steps, keyring_step_done,
                           keyring_step_begin(session));
        g_autoptr(GAsyncResult) result = keyring_step_await(session);
        if (!result)
            return false;
        GError *error = NULL;
        if (!secret_item_delete_finish(at->data, result, &error))
            return keyring_session_fail(session, error, "the keyring does not remove its entry");
        job->call->outcome = DS_SECRET_FOUND;
    }
    return true;
}

static bool act(struct keyring_job *job)
{
    switch (job->call->verb) {
    case SECRET_CHECK:
        return check(job);
    case SECRET_LOOKUP:
        return lookup(job);
    case SECRET_SAVE:
        return save(job);
    case SECRET_REMOVE:
        return take_away(job);
    }
    return false;
}

static void work(struct ds_secret_call *call)
{
    const struct keyring_store *store = (struct keyring_store *)call->store;
    struct keyring_job job = {.options = &store->options, .call = call};
    keyring_session_init(&job.session, call->scratch, store->options.timeout);
    job.attributes = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);
    if (call->name) {
        g_hash_table_insert(job.attributes, (gpointer) "service", g_strdup("devstack"));
        g_hash_table_insert(job.attributes, (gpointer) "username",
                            g_strdup_printf("%s/%s", call->stack, call->name));
    }
    if (!keyring_session_open(&job.session, store->address) || !act(&job)) {
        call->outcome = job.session.outcome;
        ds_error_move(&call->error, &job.session.error);
    }
    g_hash_table_unref(job.attributes);
    g_clear_object(&job.collection);
    keyring_session_finish(&job.session);
}

static void begin(struct ds_secret_call *call)
{
    call->scratch = g_cancellable_new();
}

static void interrupt(struct ds_secret_call *call)
{
    g_cancellable_cancel(call->scratch);
}

static void end(struct ds_secret_call *call)
{
    g_object_unref(call->scratch);
}

static void destroy(struct ds_secret_store *base)
{
    struct keyring_store *store = (struct keyring_store *)base;
    g_free(store->address);
    free(store);
}

static const struct secret_store_ops keyring_ops = {
    .name = "keyring",
    .on_pool = true,
    .begin = begin,
    .work = work,
    .interrupt = interrupt,
    .end = end,
    .destroy = destroy,
};

struct ds_secret_store *ds_secret_store_keyring(uv_loop_t *loop,
                                                const struct ds_keyring_options *options)
{
    struct keyring_store *store = DS_NEW(struct keyring_store);
    store->base.ops = &keyring_ops;
    store->base.loop = loop;
    store->options = *options;
    if (!store->options.timeout)
        store->options.timeout = 3 * DS_NS_PER_S;
    if (!store->options.prompt_timeout)
        store->options.prompt_timeout = 60 * DS_NS_PER_S;
    /* Read here, on the loop's thread: getenv() in a pool thread would race with setenv(). */
    store->address = keyring_bus_address();
    return &store->base;
}
