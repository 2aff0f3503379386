/* The picture of a stack: built from the services' statuses, shared by reference count. */
#include <stdlib.h>
#include <string.h>

#include "devstack/base/memory.h"
#include "order.h"
#include "stack_run.h"

const char *ds_stack_phase_name(enum ds_stack_phase phase)
{
    switch (phase) {
    case DS_STACK_STARTING:
        return "starting";
    case DS_STACK_READY:
        return "ready";
    case DS_STACK_DEGRADED:
        return "degraded";
    case DS_STACK_STOPPING:
        return "stopping";
    case DS_STACK_STOPPED:
        return "stopped";
    }
    return "?";
}

static uint64_t span(uint64_t from, uint64_t to)
{
    return from && to > from ? to - from : 0;
}

static void copy_times(const struct ds_stack *stack, const struct ds_service_status *status,
                       struct ds_snapshot_service *to)
{
    const struct ds_service_times *times = &status->times;
    uint64_t now = ds_clock_monotonic(stack->clock);
    to->waited = span(times->requested, times->released);
    to->prepared = span(times->released, times->spawned);
    to->probed = span(times->spawned, times->ready ? times->ready : now);
    if (times->spawned)
        to->started_at = stack->started_at + (int64_t)(times->spawned - stack->created_at);
}

static void copy_neighbours(const struct ds_manifest *manifest, const struct ds_service_spec *spec,
                            struct ds_snapshot_service *to)
{
    for (size_t i = 0; i < spec->depends_on_count; i++)
        ds_strings_add(&to->depends_on, spec->depends_on[i].service);
    for (size_t i = 0; i < manifest->service_count; i++)
        if (!manifest->services[i].disabled && order_depends(&manifest->services[i], spec->name))
            ds_strings_add(&to->needed_by, manifest->services[i].name);
}

static char *masked(const struct ds_stack *stack, const char *text)
{
    return text ? ds_log_store_masked(stack->logs, text) : NULL;
}

static void copy_service(struct ds_stack *stack, const struct member *member,
                         struct ds_snapshot_service *to)
{
    const struct ds_service_status *status = ds_service_status(member->service);
    const struct ds_service_spec *spec = member->spec;
    *to = (struct ds_snapshot_service){
        .name = ds_strdup(spec->name),
        .kind = ds_strdup(spec->kind_word),
        .state = status->state,
        .url = context_public_url(stack->context, spec),
        .pid = status->pid,
        .container = ds_strdup(status->container),
        .starts = status->starts,
        .restarts = status->restarts,
        .has_exit = status->has_exit,
        .exit_status = status->exit_status,
        .last_probe = masked(stack, status->last_probe),
        .owner_unknown = status->owner_unknown,
        .is_task = spec->kind == DS_KIND_TASK,
        .was_ready = status->times.ready != 0,
        .watched = spec->watch.paths.count > 0,
    };
    ds_reason_copy(&to->reason, &status->reason);
    free(to->reason.text);
    free(to->reason.subject);
    free(to->reason.hint);
    to->reason.text = masked(stack, status->reason.text);
    to->reason.subject = masked(stack, status->reason.subject);
    to->reason.hint = masked(stack, status->reason.hint);
    to->ports = ds_realloc_array(NULL, spec->port_count, sizeof(*to->ports));
    for (size_t i = 0; i < spec->port_count; i++)
        to->ports[to->port_count++] = (struct ds_snapshot_port){
            .name = ds_strdup(spec->ports[i].name),
            .number = ports_find(stack->context->ports, spec->name, spec->ports[i].name)};
    copy_times(stack, status, to);
    copy_neighbours(stack->context->manifest, spec, to);
}

static struct ds_snapshot *build(struct ds_stack *stack)
{
    const struct context *context = stack->context;
    struct ds_snapshot *snapshot = DS_NEW(struct ds_snapshot);
    const char *problem = ds_log_store_problem(stack->logs);
    *snapshot = (struct ds_snapshot){
        .version = ++stack->snapshot_version,
        .id = ds_strdup(context->identity->id),
        .name = ds_strdup(context->identity->name),
        .environment = ds_strdup(context->identity->environment),
        .folder = ds_strdup(context->identity->folder),
        .file = ds_strdup(context->request->file),
        .devstack_version = ds_strdup(stack->version),
        .log_folder = ds_strdup(ds_log_store_folder(stack->logs)),
        .problem = problem ? ds_printf("logs are not kept: %s", problem) : NULL,
        .pid = getpid(),
        .started_at = stack->started_at,
        .ready_after = stack->ready_after,
        .phase = stack->phase,
        .references = 1,
    };
    snapshot->services = ds_alloc(stack->member_count * sizeof(*snapshot->services));
    for (size_t i = 0; i < stack->member_count; i++)
        if (stack->members[i].service)
            copy_service(stack, &stack->members[i], &snapshot->services[snapshot->service_count++]);
    return snapshot;
}

struct ds_snapshot *ds_stack_snapshot(struct ds_stack *stack)
{
    if (!stack->snapshot)
        stack->snapshot = build(stack);
    return ds_snapshot_ref(stack->snapshot);
}

struct ds_snapshot *ds_snapshot_ref(struct ds_snapshot *snapshot)
{
    snapshot->references++;
    return snapshot;
}

static void free_service(struct ds_snapshot_service *service)
{
    free(service->name);
    free(service->kind);
    ds_reason_clear(&service->reason);
    free(service->url);
    for (size_t i = 0; i < service->port_count; i++)
        free(service->ports[i].name);
    free(service->ports);
    free(service->container);
    free(service->last_probe);
    ds_strings_finish(&service->depends_on);
    ds_strings_finish(&service->needed_by);
}

void ds_snapshot_unref(struct ds_snapshot *snapshot)
{
    if (!snapshot || --snapshot->references > 0)
        return;
    for (size_t i = 0; i < snapshot->service_count; i++)
        free_service(&snapshot->services[i]);
    free(snapshot->services);
    free(snapshot->id);
    free(snapshot->name);
    free(snapshot->environment);
    free(snapshot->folder);
    free(snapshot->file);
    free(snapshot->devstack_version);
    free(snapshot->log_folder);
    free(snapshot->problem);
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
