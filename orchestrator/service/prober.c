/* The prober: one timer, which stands for the next look or for the timeout of the one under way. */
#include "prober.h"

#include <stdlib.h>

#include "devstack/base/memory.h"

struct ds_prober {
    struct ds_probe *probe;
    struct ds_schedule schedule;
    const struct ds_clock *clock;
    uint64_t timeout; /* ns of one look */
    uv_timer_t timer;
    bool looking;
    uint64_t look_began;
    ds_prober_fn on_answer;
    void *data;
    int open; /* the timer and the probe */
    void (*on_closed)(void *data);
    void *closed_data;
};

static void on_timer(uv_timer_t *timer);

static void arm(struct ds_prober *prober, uint64_t ns)
{
    uv_timer_start(&prober->timer, on_timer, (ns + DS_NS_PER_MS - 1) / DS_NS_PER_MS, 0);
}

static void tell(struct ds_prober *prober, const struct ds_probe_answer *answer)
{
    uint64_t now = ds_clock_monotonic(prober->clock);
    enum ds_verdict verdict = ds_schedule_answer(&prober->schedule, answer->passed);
    uint64_t took = prober->looking ? now - prober->look_began : 0;
    prober->looking = false;
    if (!prober->probe->ops->passive)
        arm(prober, ds_schedule_delay(&prober->schedule, now));
    prober->on_answer(prober->data, verdict, answer, took);
}

static void on_answer(void *data, const struct ds_probe_answer *answer)
{
    struct ds_prober *prober = data;
    if (prober->looking || prober->probe->ops->passive)
        tell(prober, answer);
}

static void on_timer(uv_timer_t *timer)
{
    struct ds_prober *prober = timer->data;
    if (prober->probe->ops->passive) {
        prober->probe->ops->look(prober->probe, prober->timeout);
        return;
    }
    if (prober->looking) {
        prober->probe->ops->cancel(prober->probe);
        ds_auto_free char *after = ds_duration_format(prober->timeout);
        ds_auto_free char *text = ds_printf("no answer within %s", after);
        tell(prober, &(struct ds_probe_answer){.text = text});
        return;
    }
    prober->looking = true;
    prober->look_began = ds_clock_monotonic(prober->clock);
    arm(prober, prober->timeout);
    prober->probe->ops->look(prober->probe, prober->timeout);
}

struct ds_prober *ds_prober_create(struct ds_runner *runner, ds_prober_fn answer_fn, void *data)
{
    struct ds_prober *prober = DS_NEW(struct ds_prober);
    prober->probe = ds_probe_create(runner, on_answer, prober);
    if (!prober->probe) {
        free(prober);
        return NULL;
    }
    const struct ds_service_host *host = runner->run.host;
    const struct ds_health *health = &runner->run.spec->health;
    prober->clock = host->clock;
    prober->timeout = health->timeout;
    prober->on_answer = answer_fn;
    prober->data = data;
    ds_schedule_init(&prober->schedule, ds_clock_monotonic(host->clock), health->interval,
                     prober->probe->ops->passive ? 1 : health->retries);
    uv_timer_init(host->loop, &prober->timer);
    prober->timer.data = prober;
    prober->open = 2;
    arm(prober, 0);
    return prober;
}

static void on_part_closed(void *data)
{
    struct ds_prober *prober = data;
    if (--prober->open)
        return;
    void (*on_closed)(void *data) = prober->on_closed;
    void *closed_data = prober->closed_data;
    free(prober);
    on_closed(closed_data);
}

static void on_timer_closed(uv_handle_t *handle)
{
    on_part_closed(handle->data);
}

void ds_prober_close(struct ds_prober *prober, void (*on_closed)(void *data), void *data)
{
    prober->on_closed = on_closed;
    prober->closed_data = data;
    uv_close((uv_handle_t *)&prober->timer, on_timer_closed);
    ds_probe_close(prober->probe, on_part_closed, prober);
}
