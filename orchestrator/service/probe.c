/* Which probe a service gets, and what all probes share. */
#include "probe.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "devstack/base/memory.h"

/* The host's port that the check is about. */
static uint16_t health_port(const struct ds_run *run)
{
    const struct ds_health *health = &run->spec->health;
    const struct ds_launch *launch = run->launch;
    if (health->port) {
        for (size_t i = 0; i < launch->port_count; i++)
            if (launch->ports[i].container && launch->ports[i].container == health->port)
                return launch->ports[i].host;
        return health->port;
    }
    for (size_t i = 0; health->port_name && i < launch->port_count; i++)
        if (!strcmp(launch->ports[i].name, health->port_name))
            return launch->ports[i].host;
    return launch->port_count ? launch->ports[0].host : 0;
}

static struct ds_probe *create_default(struct ds_runner *runner, uint16_t port)
{
    switch (runner->run.spec->kind) {
    case DS_KIND_TASK:
        return NULL;
    case DS_KIND_PROCESS:
        return port ? ds_probe_tcp_create(runner) : NULL;
    case DS_KIND_CONTAINER:
        if (runner->has_docker_health)
            return ds_probe_docker_create(runner);
        return port ? ds_probe_tcp_create(runner) : NULL;
    case DS_KIND_EXTERNAL:
        return ds_string_starts(runner->run.launch->url, "http") ? ds_probe_http_create(runner)
                                                                 : ds_probe_tcp_create(runner);
    }
    return NULL;
}

static struct ds_probe *create(struct ds_runner *runner, uint16_t port)
{
    bool elsewhere = runner->run.spec->kind == DS_KIND_EXTERNAL;
    switch (runner->run.spec->health.kind) {
    case DS_HEALTH_DEFAULT:
        return create_default(runner, port);
    case DS_HEALTH_NONE:
        return NULL;
    case DS_HEALTH_HTTP:
        return ds_probe_http_create(runner);
    case DS_HEALTH_TCP:
        return ds_probe_tcp_create(runner);
    case DS_HEALTH_EXEC:
        return ds_probe_exec_create(runner);
    case DS_HEALTH_LOG:
        return ds_probe_log_create(runner);
    case DS_HEALTH_POSTGRES:
        return elsewhere ? ds_probe_tcp_create(runner) : ds_probe_postgres_create(runner);
    case DS_HEALTH_REDIS:
        return elsewhere ? ds_probe_tcp_create(runner) : ds_probe_redis_create(runner);
    }
    return NULL;
}

struct ds_probe *ds_probe_create(struct ds_runner *runner,
                                 void (*answered)(void *data, const struct ds_probe_answer *answer),
                                 void *data)
{
    uint16_t port = health_port(&runner->run);
    struct ds_probe *probe = create(runner, port);
    if (!probe)
        return NULL;
    probe->loop = runner->run.host->loop;
    probe->runner = runner;
    probe->port = port;
    probe->answered = answered;
    probe->data = data;
    return probe;
}

void ds_probe_close(struct ds_probe *probe, void (*on_closed)(void *data), void *data)
{
    probe->answered = NULL;
    probe->on_closed = on_closed;
    probe->closed_data = data;
    probe->ops->close(probe);
}

void ds_probe_closed(struct ds_probe *probe)
{
    void (*on_closed)(void *data) = probe->on_closed;
    void *data = probe->closed_data;
    free(probe);
    on_closed(data);
}

static void on_closer_closed(uv_handle_t *handle)
{
    ds_probe_closed(handle->data);
}

void ds_probe_close_soon(struct ds_probe *probe)
{
    uv_timer_init(probe->loop, &probe->closer);
    probe->closer.data = probe;
    uv_close((uv_handle_t *)&probe->closer, on_closer_closed);
}

void ds_probe_answer(struct ds_probe *probe, const struct ds_probe_answer *answer)
{
    if (probe->answered)
        probe->answered(probe->data, answer);
}

void ds_probe_pass(struct ds_probe *probe, const char *text, const char *address,
                   bool owner_unknown)
{
    ds_probe_answer(probe, &(struct ds_probe_answer){.passed = true,
                                                     .text = text,
                                                     .address = address,
                                                     .owner_unknown = owner_unknown});
}

void ds_probe_fail(struct ds_probe *probe, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    ds_auto_free char *text = ds_vprintf(format, args);
    va_end(args);
    ds_probe_answer(probe, &(struct ds_probe_answer){.text = text});
}

void ds_probe_stranger(struct ds_probe *probe, const char *holder)
{
    ds_auto_free char *text = ds_printf("port %u belongs to %s", (unsigned)probe->port, holder);
    ds_probe_answer(probe,
                    &(struct ds_probe_answer){.code = DS_REASON_PORT_STRANGER,
                                              .text = text,
                                              .subject = holder,
                                              .hint = "stop it, or give the service another port"});
}
