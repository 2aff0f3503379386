/* A stack that tests move by hand. */
#include "fake_stack.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[] = {"api", "db"};

void fake_stack_init(struct ds_stack *stack)
{
    *stack = (struct ds_stack){.version = 1, .phase = DS_STACK_STARTING};
}

void fake_stack_finish(struct ds_stack *stack)
{
    for (size_t i = 0; i < stack->logs.entries.count; i++) {
        free(stack->logs.entries.items[i].service);
        free(stack->logs.entries.items[i].text);
    }
    free(stack->logs.entries.items);
    ds_strings_finish(&stack->commands);
}

struct ds_snapshot *ds_stack_snapshot(struct ds_stack *stack)
{
    struct ds_snapshot *snapshot = DS_NEW(struct ds_snapshot);
    snapshot->version = stack->version;
    snapshot->phase = stack->phase;
    snapshot->references = 1;
    snapshot->service_count = DS_COUNT(names);
    snapshot->services = ds_alloc(sizeof(*snapshot->services) * DS_COUNT(names));
    for (size_t i = 0; i < DS_COUNT(names); i++)
        snapshot->services[i].name = ds_strdup(names[i]);
    return snapshot;
}

struct ds_snapshot *ds_snapshot_ref(struct ds_snapshot *snapshot)
{
    snapshot->references++;
    return snapshot;
}

void ds_snapshot_unref(struct ds_snapshot *snapshot)
{
    if (--snapshot->references)
        return;
    for (size_t i = 0; i < snapshot->service_count; i++)
        free(snapshot->services[i].name);
    free(snapshot->services);
    free(snapshot);
}

const struct ds_snapshot_service *ds_snapshot_service(const struct ds_snapshot *snapshot,
                                                      const char *name)
{
    for (size_t i = 0; i < snapshot->service_count; i++)
        if (strcmp(snapshot->services[i].name, name) == 0)
            return &snapshot->services[i];
    return NULL;
}

const char *ds_stack_phase_name(enum ds_stack_phase phase)
{
    static const char *const words[] = {"starting", "ready", "degraded", "stopping", "stopped"};
    return words[phase];
}

char *ds_snapshot_to_json(const struct ds_snapshot *snapshot)
{
    return ds_printf("{\"version\":%" PRIu64 ",\"phase\":\"%s\"}", snapshot->version,
                     ds_stack_phase_name(snapshot->phase));
}

char *ds_snapshot_service_to_json(const struct ds_snapshot_service *service)
{
    return ds_printf("{\"name\":\"%s\"}", service->name);
}

struct ds_stack_subscription *
ds_stack_subscribe(struct ds_stack *stack,
                   void (*on_change)(void *data, struct ds_snapshot *snapshot), void *data)
{
    stack->on_change = on_change;
    stack->data = data;
    return (struct ds_stack_subscription *)stack;
}

void ds_stack_unsubscribe(struct ds_stack_subscription *subscription)
{
    ((struct ds_stack *)subscription)->on_change = NULL;
}

bool ds_stack_command(struct ds_stack *stack, enum ds_stack_command command, const char *service,
                      struct ds_error *err)
{
    static const char *const words[] = {"start", "stop", "restart", "stop", "kill"};
    if (stack->refuse)
        return ds_error_set(err, DS_ERROR_FAILED, "the stack is ending");
    ds_strings_addf(&stack->commands, "%s%s%s", words[command], service ? " " : "",
                    service ? service : "");
    return true;
}

struct ds_log_store *ds_stack_logs(struct ds_stack *stack)
{
    return &stack->logs;
}

struct ds_log_subscription *
ds_log_store_subscribe(struct ds_log_store *store,
                       void (*on_entry)(void *data, const struct ds_log_entry *entry), void *data)
{
    store->on_entry = on_entry;
    store->data = data;
    return (struct ds_log_subscription *)store;
}

void ds_log_store_unsubscribe(struct ds_log_subscription *subscription)
{
    ((struct ds_log_store *)subscription)->on_entry = NULL;
}

static struct ds_log_entry entry_at(const struct ds_log_store *store, size_t index)
{
    const struct fake_log *log = &store->entries.items[index];
    return (struct ds_log_entry){
        .sequence = index + 1,
        .service = log->service,
        .source = DS_LOG_STDOUT,
        .text = log->text,
        .length = log->length,
    };
}

void ds_log_store_recent(const struct ds_log_store *store, const char *service, uint64_t after,
                         bool (*on_entry)(void *data, const struct ds_log_entry *entry), void *data)
{
    for (size_t i = 0; i < store->entries.count; i++) {
        struct ds_log_entry entry = entry_at(store, i);
        if (entry.sequence <= after || (service && strcmp(service, entry.service) != 0))
            continue;
        if (!on_entry(data, &entry))
            return;
    }
}

void fake_stack_change(struct ds_stack *stack, enum ds_stack_phase phase)
{
    stack->version++;
    stack->phase = phase;
    if (!stack->on_change)
        return;
    struct ds_snapshot *snapshot = ds_stack_snapshot(stack);
    stack->on_change(stack->data, snapshot);
    ds_snapshot_unref(snapshot);
}

void fake_stack_log(struct ds_stack *stack, const char *service, const char *text, size_t length)
{
    struct ds_log_store *store = &stack->logs;
    *DS_VEC_PUSH(&store->entries) = (struct fake_log){
        .service = ds_strdup(service),
        .text = ds_memdup(text, length),
        .length = length,
    };
    if (!store->on_entry)
        return;
    struct ds_log_entry entry = entry_at(store, store->entries.count - 1);
    store->on_entry(store->data, &entry);
}
