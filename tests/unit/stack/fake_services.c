/* Services moved by hand. */
#include "fake_services.h"

#include <stdlib.h>

#include "devstack/base/memory.h"

static struct stack_bench *bench_of(struct ds_service *service)
{
    return service->host.clock->data;
}

struct ds_service *ds_service_create(const struct ds_service_host *host,
                                     const struct ds_service_spec *spec)
{
    struct ds_service *service = DS_NEW(struct ds_service);
    *service = (struct ds_service){.spec = spec, .host = *host};
    return service;
}

void ds_service_close(struct ds_service *service, void (*on_closed)(void *data), void *data)
{
    ds_reason_clear(&service->status.reason);
    free(service);
    on_closed(data);
}

const struct ds_service_spec *ds_service_spec(const struct ds_service *service)
{
    return service->spec;
}

const struct ds_service_status *ds_service_status(const struct ds_service *service)
{
    return &service->status;
}

void ds_service_start(struct ds_service *service)
{
    service->start_calls++;
    service->status.state = DS_STATE_WAITING;
    service->status.times.requested = bench_of(service)->now;
}

void ds_service_stop(struct ds_service *service)
{
    service->stop_calls++;
    service->stopped_as = ++bench_of(service)->stops;
    service->status.state = DS_STATE_STOPPING;
}

void ds_service_kill(struct ds_service *service)
{
    ds_reason_clear(&service->status.reason);
    service->status.state = DS_STATE_STOPPED;
}

void ds_service_restart(struct ds_service *service)
{
    service->restart_calls++;
}

void ds_service_dependencies(struct ds_service *service, bool ready, const struct ds_reason *reason)
{
    service->released = ready;
    service->blocked_by = reason ? reason->code : DS_REASON_NONE;
    ds_reason_clear(&service->status.reason);
    if (reason)
        ds_reason_copy(&service->status.reason, reason);
    if (!ready)
        return;
    service->status.state = DS_STATE_STARTING;
    service->status.starts++;
    service->status.times.released = service->status.times.spawned = bench_of(service)->now;
}

struct ds_service *stack_bench_service(struct stack_bench *bench, const char *name)
{
    for (size_t i = 0; i < bench->stack->member_count; i++)
        if (ds_string_equal(bench->stack->members[i].spec->name, name))
            return bench->stack->members[i].service;
    fail_msg("no service %s", name);
    return NULL;
}

void stack_bench_fail(struct stack_bench *bench, const char *name, enum ds_state state,
                      enum ds_reason_code reason)
{
    struct ds_service *service = stack_bench_service(bench, name);
    service->status.state = state;
    ds_reason_clear(&service->status.reason);
    service->status.reason.code = reason;
    service->host.changed(service->host.data, service);
}

void stack_bench_move(struct stack_bench *bench, const char *name, enum ds_state state)
{
    stack_bench_fail(bench, name, state, DS_REASON_NONE);
}

void stack_bench_start_again(struct stack_bench *bench, const char *name)
{
    stack_bench_service(bench, name)->status.starts++;
    stack_bench_move(bench, name, DS_STATE_RUNNING);
}

enum ds_stack_phase stack_bench_phase(struct stack_bench *bench)
{
    struct ds_snapshot *snapshot = ds_stack_snapshot(bench->stack);
    enum ds_stack_phase phase = snapshot->phase;
    ds_snapshot_unref(snapshot);
    return phase;
}

static uint64_t monotonic(void *data)
{
    return ((struct stack_bench *)data)->now;
}

static int64_t wall(void *data)
{
    return (int64_t)((struct stack_bench *)data)->now;
}

static void on_over(void *data)
{
    ((struct stack_bench *)data)->over++;
}

static void on_closed(void *data)
{
    ((struct stack_bench *)data)->closed = true;
}

int stack_bench_setup(void **state)
{
    struct stack_bench *bench = DS_NEW(struct stack_bench);
    void *base = NULL;
    if (loop_fixture_setup(&base) != 0)
        return -1;
    bench->base = base;
    bench->now = 1000;
    bench->clock = (struct ds_clock){monotonic, wall, bench};
    run_fixture_open(&bench->run);
    *state = bench;
    return 0;
}

void stack_bench_load(struct stack_bench *bench, const char *services)
{
    run_fixture_load(&bench->run, services);
    bench->host = (struct ds_service_host){.loop = &bench->base->loop, .clock = &bench->clock};
    bench->host.logs = ds_log_store_open(bench->run.root, bench->run.context.run,
                                         &(struct ds_log_options){0}, &bench->clock, NULL);
    assert_non_null(bench->host.logs);
    const struct stack_parts parts = {.context = &bench->run.context,
                                      .host = &bench->host,
                                      .version = "1.2.3",
                                      .on_over = on_over,
                                      .data = bench};
    bench->run.request.requested_at = bench->now;
    bench->stack = stack_create(&parts);
}

int stack_bench_teardown(void **state)
{
    struct stack_bench *bench = *state;
    stack_close(bench->stack, on_closed, bench);
    bool closed = loop_run_until(bench->base, &bench->closed);
    void *base = bench->base;
    int result = loop_fixture_teardown(&base);
    ds_log_store_close(bench->host.logs);
    run_fixture_close(&bench->run);
    free(bench);
    return closed ? result : -1;
}
