/* Docker's own HEALTHCHECK: the container runner hears of it, this hands it on. */
#include "probe.h"

#include <stdlib.h>
#include <string.h>

#include "devstack/base/memory.h"

static void on_health(void *data)
{
    struct ds_probe *probe = data;
    const char *health = probe->runner->docker_health;
    if (!health)
        health = "starting";
    if (!strcmp(health, "healthy"))
        ds_probe_pass(probe, "Docker's health check passes", NULL, false);
    else if (!strcmp(health, "starting"))
        ds_probe_fail(probe, "Docker's health check has not passed yet");
    else
        ds_probe_fail(probe, "Docker's health check fails (%s)", health);
}

static void look(struct ds_probe *probe, uint64_t timeout)
{
    (void)timeout;
    probe->runner->health_changed = on_health;
    probe->runner->health_data = probe;
    on_health(probe);
}

static void cancel(struct ds_probe *probe)
{
    (void)probe; /* there is nothing under way */
}

static void close_probe(struct ds_probe *probe)
{
    probe->runner->health_changed = NULL;
    ds_probe_close_soon(probe);
}

static const struct ds_probe_ops ops = {
    .look = look, .passive = true, .cancel = cancel, .close = close_probe};

struct ds_probe *ds_probe_docker_create(struct ds_runner *runner)
{
    (void)runner;
    struct ds_probe *probe = DS_NEW(struct ds_probe);
    probe->ops = &ops;
    return probe;
}
