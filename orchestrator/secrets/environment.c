/* Secrets from DEVSTACK_SECRET_* variables: what a CI system and a headless machine have. */
#include <stdlib.h>
#include <string.h>

#include "internal.h"

#include "devstack/base/memory.h"

struct environment_store {
    struct ds_secret_store base;
    struct ds_variables variables;
};

static void work(struct ds_secret_call *call)
{
    struct environment_store *store = (struct environment_store *)call->store;
    switch (call->verb) {
    case SECRET_CHECK:
        call->outcome = DS_SECRET_FOUND;
        return;
    case SECRET_SAVE:
    case SECRET_REMOVE:
        secret_answer(call, DS_SECRET_FAILED, "set the variable where devstack is started",
                      "the environment can only be read");
        return;
    case SECRET_LOOKUP:
        break;
    }
    ds_auto_free char *variable = ds_secret_variable_name(call->name);
    const char *value = ds_variables_get(&store->variables, variable);
    /* An empty variable is how CI systems pass on a secret that nobody configured. */
    if (!value || !*value)
        return;
    call->found = ds_secret_create(value, strlen(value));
    call->outcome = DS_SECRET_FOUND;
}

static void destroy(struct ds_secret_store *base)
{
    struct environment_store *store = (struct environment_store *)base;
    ds_variables_finish(&store->variables);
    free(store);
}

static const struct secret_store_ops environment_ops = {
    .name = "environment",
    .work = work,
    .destroy = destroy,
};

struct ds_secret_store *ds_secret_store_environment(uv_loop_t *loop,
                                                    const struct ds_variables *environment)
{
    struct environment_store *store = DS_NEW(struct environment_store);
    store->base.ops = &environment_ops;
    store->base.loop = loop;
    for (size_t i = 0; environment && i < environment->count; i++) {
        const struct ds_variable *variable = &environment->items[i];
        if (ds_string_starts(variable->name, "DEVSTACK_SECRET_"))
            ds_variables_set(&store->variables, variable->name, variable->value);
    }
    return &store->base;
}
