/*
 * The whole: wishes, dependency order, commands, and telling subscribers.
 *
 * Services report changes; each change has their neighbours looked at again. Starting releases a
 * waiting service when what it depends on is there; stopping asks a service to end when nothing
 * that depends on it is left.
 */
#include <stdlib.h>
#include <string.h>

#include "devstack/base/memory.h"
#include "devstack/stack/start.h"
#include "order.h"
#include "stack_run.h"
#include "watches.h"

static const struct ds_service_status *status_of(const struct member *member)
{
    return ds_service_status(member->service);
}

static struct member *find_member(struct ds_stack *stack, const char *name)
{
    int index = order_index(stack->context->manifest, name);
    return index >= 0 && stack->members[index].service ? &stack->members[index] : NULL;
}

/* Looks at the dependencies of one that waits: released, or told what it waits for. */
static void look_at_dependencies(struct ds_stack *stack, struct member *member)
{
    const struct ds_service_spec *spec = member->spec;
    struct ds_reason reason = {0};
    for (size_t i = 0; i < spec->depends_on_count; i++) {
        const struct ds_dependency *edge = &spec->depends_on[i];
        const struct member *target = find_member(stack, edge->service);
        bool left_out = stack->context->request->no_dependencies && target && !target->wanted;
        if (!target || left_out)
            continue;
        enum dependency_view view =
            order_dependency(edge->condition, target->spec, status_of(target));
        if (view == DEPENDENCY_MET)
            continue;
        /* A failed one is the better reason: the others may still come. */
        if (view == DEPENDENCY_FAILED || reason.code == DS_REASON_NONE) {
            ds_reason_clear(&reason);
            reason.code =
                view == DEPENDENCY_FAILED ? DS_REASON_DEPENDENCY_FAILED : DS_REASON_DEPENDENCY;
            reason.subject = ds_strdup(edge->service);
            reason.text = view == DEPENDENCY_FAILED ? ds_printf("%s failed", edge->service)
                                                    : ds_printf("waiting for %s", edge->service);
        }
        if (view == DEPENDENCY_FAILED)
            break;
    }
    bool ready = reason.code == DS_REASON_NONE;
    for (size_t i = 0; ready && i < spec->depends_on_count; i++) {
        const struct member *target = find_member(stack, spec->depends_on[i].service);
        member->seen_starts[i] = target ? status_of(target)->starts : 0;
    }
    ds_service_dependencies(member->service, ready, ready ? NULL : &reason);
    ds_reason_clear(&reason);
}

/* `restart: true`: a dependency that was started again since, and is there again, takes this one
 * with it. */
static void follow_restarts(struct ds_stack *stack, struct member *member)
{
    if (!ds_state_is_ready(status_of(member)->state) &&
        status_of(member)->state != DS_STATE_UNHEALTHY)
        return;
    for (size_t i = 0; i < member->spec->depends_on_count; i++) {
        const struct ds_dependency *edge = &member->spec->depends_on[i];
        const struct member *target = edge->restart ? find_member(stack, edge->service) : NULL;
        if (!target || status_of(target)->starts == member->seen_starts[i] ||
            order_dependency(edge->condition, target->spec, status_of(target)) != DEPENDENCY_MET)
            continue;
        member->seen_starts[i] = status_of(target)->starts;
        ds_log_store_say(stack->logs, member->spec->name, "restarting, because %s was restarted",
                         edge->service);
        ds_service_restart(member->service);
        return;
    }
}

static bool step_stop(struct ds_stack *stack)
{
    ds_auto_free bool *over = ds_alloc(stack->member_count);
    bool all_over = true;
    for (size_t i = 0; i < stack->member_count; i++) {
        const struct member *member = &stack->members[i];
        over[i] = !member->service || ds_state_is_over(status_of(member)->state);
        all_over = all_over && over[i];
    }
    for (size_t i = 0; i < stack->member_count; i++) {
        struct member *member = &stack->members[i];
        if (over[i] || member->stop_asked || order_is_needed(stack->context->manifest, i, over))
            continue;
        member->stop_asked = true;
        ds_service_stop(member->service);
    }
    return all_over;
}

static enum ds_stack_phase running_phase(const struct ds_stack *stack)
{
    bool pending = false;
    for (size_t i = 0; i < stack->member_count; i++) {
        const struct member *member = &stack->members[i];
        if (!member->service || !member->wanted)
            continue;
        enum ds_state state = status_of(member)->state;
        if (order_has_failed(status_of(member)) || state == DS_STATE_UNHEALTHY)
            return DS_STACK_DEGRADED;
        pending = pending || !(ds_state_is_ready(state) || state == DS_STATE_COMPLETED);
    }
    if (!pending)
        return DS_STACK_READY;
    return stack->ready_after ? DS_STACK_DEGRADED : DS_STACK_STARTING;
}

static void on_publish(uv_timer_t *timer)
{
    struct ds_stack *stack = timer->data;
    struct ds_snapshot *snapshot = ds_stack_snapshot(stack);
    /* Backwards: a subscriber may unsubscribe itself from inside. */
    for (size_t i = stack->subscriptions.count; i-- > 0;)
        stack->subscriptions.items[i]->on_change(stack->subscriptions.items[i]->data, snapshot);
    ds_snapshot_unref(snapshot);
}

static void mark_changed(struct ds_stack *stack)
{
    ds_snapshot_unref(stack->snapshot);
    stack->snapshot = NULL;
    if (!uv_is_closing((uv_handle_t *)&stack->publish))
        uv_timer_start(&stack->publish, on_publish, 0, 0);
}

static void advance(struct ds_stack *stack)
{
    if (stack->stopping) {
        bool over = step_stop(stack);
        if (over && stack->phase != DS_STACK_STOPPED) {
            stack->phase = DS_STACK_STOPPED;
            /* What is asked for from here on must be the last picture. */
            mark_changed(stack);
            stack->on_over(stack->data);
        }
        return;
    }
    for (size_t i = 0; i < stack->member_count; i++) {
        struct member *member = &stack->members[i];
        if (!member->service)
            continue;
        if (status_of(member)->state == DS_STATE_WAITING)
            look_at_dependencies(stack, member);
        else
            follow_restarts(stack, member);
    }
    stack->phase = running_phase(stack);
    if (stack->phase == DS_STACK_READY && !stack->ready_after) {
        uint64_t now = ds_clock_monotonic(stack->clock);
        stack->ready_after = now > stack->requested_at ? now - stack->requested_at : 1;
    }
}

static void on_service_changed(void *data, struct ds_service *service)
{
    struct ds_stack *stack = data;
    (void)service;
    advance(stack);
    mark_changed(stack);
}

static bool on_launch(void *data, const struct ds_service_spec *spec, struct ds_launch *ret_launch,
                      struct ds_error *err)
{
    struct ds_stack *stack = data;
    return launch_make(stack->context, spec, ret_launch, err);
}

static const char *answered_address(void *data, const char *service)
{
    const struct member *member = find_member(data, service);
    const char *address = member ? status_of(member)->address : NULL;
    return address ? address : "127.0.0.1";
}

struct ds_stack *stack_create(const struct stack_parts *parts)
{
    struct ds_stack *stack = DS_NEW(struct ds_stack);
    const struct ds_manifest *manifest = parts->context->manifest;
    stack->loop = parts->host->loop;
    stack->clock = parts->host->clock;
    stack->context = parts->context;
    stack->context->address = answered_address;
    stack->context->data = stack;
    stack->logs = parts->host->logs;
    stack->version = parts->version;
    stack->on_over = parts->on_over;
    stack->data = parts->data;
    stack->requested_at = parts->context->request->requested_at;
    stack->started_at = ds_clock_wall(stack->clock);
    stack->created_at = ds_clock_monotonic(stack->clock);
    uv_timer_init(stack->loop, &stack->publish);
    stack->publish.data = stack;
    struct ds_service_host host = *parts->host;
    host.launch = on_launch;
    host.changed = on_service_changed;
    host.data = stack;
    stack->member_count = manifest->service_count;
    stack->members = ds_alloc(stack->member_count * sizeof(*stack->members));
    for (size_t i = 0; i < manifest->service_count; i++) {
        struct member *member = &stack->members[i];
        member->spec = &manifest->services[i];
        member->seen_starts = ds_alloc(member->spec->depends_on_count * sizeof(unsigned));
        if (!member->spec->disabled)
            member->service = ds_service_create(&host, member->spec);
    }
    return stack;
}

/* The command line has checked the names, but another client may not have. */
static bool check_names(const struct ds_stack *stack, struct ds_error *err)
{
    const struct ds_manifest *manifest = stack->context->manifest;
    const struct ds_strings *names = &stack->context->request->services;
    for (size_t i = 0; i < names->count; i++) {
        int index = order_index(manifest, names->items[i]);
        if (index < 0 || manifest->services[index].disabled)
            return ds_error_set(err, DS_ERROR_USAGE, "there is no service '%s'", names->items[i]);
    }
    return true;
}

bool stack_start(struct ds_stack *stack, struct ds_error *err)
{
    const struct ds_start_request *request = stack->context->request;
    if (!check_names(stack, err))
        return false;
    ds_auto_free bool *wanted = ds_alloc(stack->member_count * sizeof(bool));
    ds_start_choose(stack->context->manifest, &request->services, request->no_dependencies, wanted);
    for (size_t i = 0; i < stack->member_count; i++) {
        if (!wanted[i] || !stack->members[i].service)
            continue;
        stack->members[i].wanted = true;
        ds_service_start(stack->members[i].service);
    }
    stack->watches = watches_open(stack);
    mark_changed(stack);
    return true;
}

void stack_end(struct ds_stack *stack, bool kill)
{
    stack->stopping = true;
    if (stack->phase != DS_STACK_STOPPED)
        stack->phase = DS_STACK_STOPPING;
    for (size_t i = 0; kill && i < stack->member_count; i++)
        if (stack->members[i].service)
            ds_service_kill(stack->members[i].service);
    advance(stack);
    mark_changed(stack);
}

static void want_with_dependencies(struct ds_stack *stack, const struct member *member)
{
    ds_auto_free bool *wanted = ds_alloc(stack->member_count * sizeof(bool));
    order_want(stack->context->manifest, (size_t)(member - stack->members), wanted);
    for (size_t i = 0; i < stack->member_count; i++) {
        struct member *needed = &stack->members[i];
        if (!wanted[i] || !needed->service)
            continue;
        bool task_done = status_of(needed)->state == DS_STATE_COMPLETED && needed != member;
        needed->wanted = true;
        if (ds_state_is_over(status_of(needed)->state) && !task_done)
            ds_service_start(needed->service);
    }
}

bool ds_stack_command(struct ds_stack *stack, enum ds_stack_command command, const char *service,
                      struct ds_error *err)
{
    if (command == DS_STACK_STOP || command == DS_STACK_KILL) {
        stack_end(stack, command == DS_STACK_KILL);
        return true;
    }
    struct member *member = find_member(stack, service);
    if (!member)
        return ds_error_set(err, DS_ERROR_USAGE, "there is no service '%s'", service);
    if (stack->stopping)
        return ds_error_set(err, DS_ERROR_NOT_RUNNING, "the stack is stopping");
    switch (command) {
    case DS_STACK_START_SERVICE:
        want_with_dependencies(stack, member);
        break;
    case DS_STACK_STOP_SERVICE:
        member->wanted = false;
        ds_service_stop(member->service);
        break;
    case DS_STACK_RESTART_SERVICE:
        member->wanted = true;
        ds_service_restart(member->service);
        break;
    case DS_STACK_STOP:
    case DS_STACK_KILL:
        break;
    }
    advance(stack);
    mark_changed(stack);
    return true;
}

struct ds_stack_subscription *
ds_stack_subscribe(struct ds_stack *stack,
                   void (*on_change)(void *data, struct ds_snapshot *snapshot), void *data)
{
    struct ds_stack_subscription *subscription = DS_NEW(struct ds_stack_subscription);
    *subscription = (struct ds_stack_subscription){stack, on_change, data};
    *DS_VEC_PUSH(&stack->subscriptions) = subscription;
    return subscription;
}

void ds_stack_unsubscribe(struct ds_stack_subscription *subscription)
{
    if (!subscription)
        return;
    struct ds_stack *stack = subscription->stack;
    size_t kept = 0;
    for (size_t i = 0; i < stack->subscriptions.count; i++)
        if (stack->subscriptions.items[i] != subscription)
            stack->subscriptions.items[kept++] = stack->subscriptions.items[i];
    stack->subscriptions.count = kept;
    free(subscription);
}

struct ds_log_store *ds_stack_logs(struct ds_stack *stack)
{
    return stack->logs;
}

static void maybe_closed(struct ds_stack *stack)
{
    if (stack->open_services > 0)
        return;
    void (*on_closed)(void *) = stack->on_closed;
    void *data = stack->closed_data;
    ds_snapshot_unref(stack->snapshot);
    for (size_t i = 0; i < stack->member_count; i++)
        free(stack->members[i].seen_starts);
    for (size_t i = 0; i < stack->subscriptions.count; i++)
        free(stack->subscriptions.items[i]);
    free(stack->subscriptions.items);
    free(stack->members);
    free(stack);
    if (on_closed)
        on_closed(data);
}

static void on_one_closed(void *data)
{
    struct ds_stack *stack = data;
    stack->open_services--;
    maybe_closed(stack);
}

static void on_timer_closed(uv_handle_t *handle)
{
    on_one_closed(handle->data);
}

void stack_close(struct ds_stack *stack, void (*on_closed)(void *data), void *data)
{
    stack->on_closed = on_closed;
    stack->closed_data = data;
    stack->open_services = 2;
    for (size_t i = 0; i < stack->member_count; i++)
        stack->open_services += stack->members[i].service != NULL;
    for (size_t i = 0; i < stack->member_count; i++)
        if (stack->members[i].service)
            ds_service_close(stack->members[i].service, on_one_closed, stack);
    watches_close(stack->watches, on_one_closed, stack);
    uv_close((uv_handle_t *)&stack->publish, on_timer_closed);
}
