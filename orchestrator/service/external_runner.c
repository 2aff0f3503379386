/* An external service: nothing is started, only watched. Stopping means to stop watching. */
#include <stdlib.h>

#include "devstack/base/memory.h"
#include "runner.h"

struct external_runner {
    struct ds_runner base;
    uv_timer_t closer;
    bool ended;
};

static void end(struct ds_runner *base)
{
    struct external_runner *runner = (struct external_runner *)base;
    if (runner->ended)
        return;
    runner->ended = true;
    base->events.ended(base->events.data, &(struct ds_runner_end){.well = true});
}

static void on_closed(uv_handle_t *handle)
{
    struct external_runner *runner = handle->data;
    void (*told)(void *data) = runner->base.on_closed;
    void *data = runner->base.closed_data;
    free(runner);
    told(data);
}

static void close_runner(struct ds_runner *base)
{
    struct external_runner *runner = (struct external_runner *)base;
    uv_close((uv_handle_t *)&runner->closer, on_closed);
}

static const struct ds_runner_ops ops = {.stop = end, .kill = end, .close = close_runner};

struct ds_runner *ds_external_runner_start(const struct ds_run *run,
                                           const struct ds_runner_events *events)
{
    struct external_runner *runner = DS_NEW(struct external_runner);
    runner->base.ops = &ops;
    runner->base.run = *run;
    runner->base.events = *events;
    uv_timer_init(run->host->loop, &runner->closer);
    runner->closer.data = runner;
    events->spawned(events->data);
    return &runner->base;
}
