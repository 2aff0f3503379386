/* Secrets that live as long as the store: ephemeral stacks and tests. */
#include <stdlib.h>

#include "internal.h"

#include "devstack/base/clock.h"
#include "devstack/base/memory.h"

struct entry {
    char *stack, *name;
    struct ds_secret *value;
    int64_t stored_at;
};

struct memory_store {
    struct ds_secret_store base;
    DS_VEC(struct entry) entries;
};

static struct entry *find(struct memory_store *store, const struct ds_secret_call *call)
{
    for (size_t i = 0; i < store->entries.count; i++) {
        struct entry *entry = &store->entries.items[i];
        if (ds_string_equal(entry->stack, call->stack) && ds_string_equal(entry->name, call->name))
            return entry;
    }
    return NULL;
}

static void clear(struct entry *entry)
{
    free(entry->stack);
    free(entry->name);
    ds_secret_unref(entry->value);
}

static void save(struct memory_store *store, const struct ds_secret_call *call)
{
    struct entry *entry = find(store, call);
    if (entry)
        clear(entry);
    else
        entry = DS_VEC_PUSH(&store->entries);
    *entry = (struct entry){
        .stack = ds_strdup(call->stack),
        .name = ds_strdup(call->name),
        .value = ds_secret_ref(call->value),
        .stored_at = ds_clock_wall(ds_clock_system()),
    };
}

static void work(struct ds_secret_call *call)
{
    struct memory_store *store = (struct memory_store *)call->store;
    struct entry *entry = call->verb == SECRET_CHECK ? NULL : find(store, call);
    switch (call->verb) {
    case SECRET_CHECK:
        break;
    case SECRET_LOOKUP:
        if (!entry)
            return;
        call->found = ds_secret_ref(entry->value);
        call->stored_at = entry->stored_at;
        break;
    case SECRET_SAVE:
        save(store, call);
        break;
    case SECRET_REMOVE:
        if (!entry)
            return;
        clear(entry);
        *entry = store->entries.items[--store->entries.count];
        break;
    }
    call->outcome = DS_SECRET_FOUND;
}

static void destroy(struct ds_secret_store *base)
{
    struct memory_store *store = (struct memory_store *)base;
    for (size_t i = 0; i < store->entries.count; i++)
        clear(&store->entries.items[i]);
    free(store->entries.items);
    free(store);
}

static const struct secret_store_ops memory_ops = {
    .name = "memory",
    .work = work,
    .destroy = destroy,
};

struct ds_secret_store *ds_secret_store_memory(uv_loop_t *loop)
{
    struct memory_store *store = DS_NEW(struct memory_store);
    store->base.ops = &memory_ops;
    store->base.loop = loop;
    return &store->base;
}
