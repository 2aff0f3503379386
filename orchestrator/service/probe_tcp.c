/*
 * "Its port accepts", without being fooled.
 *
 * A process: the listener's owner is looked up, nothing connects. A container: Docker's proxy
 * listens before the server does, so the listeners inside the container's own network namespace
 * count; where they cannot be read (a remote engine, another user's process), and for external
 * services, a connection must be accepted and not closed again at once.
 */
#include "probe.h"

#include <stdlib.h>
#include <string.h>

#include "connect.h"
#include "devstack/base/memory.h"
#include "locate.h"
#include "proc_net.h"

struct tcp_probe {
    struct ds_probe base;
    struct ds_location location;
    struct ds_connect *connect; /* the look under way */
    const char *address;        /* of that look */
};

static void look_at_process(struct tcp_probe *probe)
{
    const char *address = NULL;
    if (!ds_probe_find_listener(&probe->base, &probe->location, &address))
        return;
    ds_auto_free char *text = ds_printf("listens on port %u", (unsigned)probe->base.port);
    ds_probe_pass(&probe->base, text, address, probe->location.found == DS_LOCATED_UNKNOWN);
}

static uint16_t inner_port(const struct tcp_probe *probe)
{
    const struct ds_launch *launch = probe->base.runner->run.launch;
    for (size_t i = 0; i < launch->port_count; i++)
        if (launch->ports[i].host == probe->base.port && launch->ports[i].container)
            return launch->ports[i].container;
    return probe->base.port;
}

static void connect_next(struct tcp_probe *probe);

static void on_connect(void *data, enum ds_connect_result result, const char *message)
{
    struct tcp_probe *probe = data;
    probe->connect = NULL;
    switch (result) {
    case DS_CONNECT_OPEN:
        ds_probe_pass(&probe->base, "accepts connections", probe->address, false);
        return;
    case DS_CONNECT_CLOSED:
        ds_probe_fail(&probe->base, "the connection was accepted and closed at once");
        return;
    case DS_CONNECT_REFUSED:
        if (probe->address && !strcmp(probe->address, "127.0.0.1")) {
            connect_next(probe);
            return;
        }
        ds_probe_fail(&probe->base, "connection refused");
        return;
    case DS_CONNECT_FAILED:
        ds_probe_fail(&probe->base, "%s", message);
        return;
    }
}

/* 127.0.0.1, then [::1]. */
static void connect_next(struct tcp_probe *probe)
{
    uv_loop_t *loop = probe->base.runner->run.host->loop;
    bool second = probe->address != NULL;
    probe->address = second ? "[::1]" : "127.0.0.1";
    probe->connect =
        ds_connect_start(loop, second ? "::1" : "127.0.0.1", probe->base.port, on_connect, probe);
}

static void look_at_container(struct tcp_probe *probe)
{
    const struct ds_runner *runner = probe->base.runner;
    uint16_t port = inner_port(probe);
    if (runner->pid > 0) {
        switch (ds_proc_net_listens(runner->pid, port)) {
        case DS_PROC_NET_LISTENS: {
            ds_auto_free char *text = ds_printf("listens on port %u in the container", port);
            ds_probe_pass(&probe->base, text, "127.0.0.1", false);
            return;
        }
        case DS_PROC_NET_LOOPBACK:
            ds_probe_fail(&probe->base,
                          "port %u listens on the container's own loopback only, out of reach",
                          port);
            return;
        case DS_PROC_NET_NOTHING:
            ds_probe_fail(&probe->base, "nothing listens on port %u in the container", port);
            return;
        case DS_PROC_NET_UNREADABLE:
            break;
        }
    }
    probe->address = NULL;
    connect_next(probe);
}

static void look_outside(struct tcp_probe *probe)
{
    const struct ds_runner *runner = probe->base.runner;
    ds_auto_free char *host = NULL;
    uint16_t port = 0;
    if (!ds_url_authority(runner->run.launch->url, &host, &port)) {
        ds_probe_fail(&probe->base, "its URL names no host and port to connect to");
        return;
    }
    if (probe->base.port)
        port = probe->base.port;
    probe->address = NULL;
    probe->connect = ds_connect_start(runner->run.host->loop, host, port, on_connect, probe);
}

static void look(struct ds_probe *base, uint64_t timeout)
{
    (void)timeout;
    struct tcp_probe *probe = (struct tcp_probe *)base;
    switch (base->runner->run.spec->kind) {
    case DS_KIND_PROCESS:
    case DS_KIND_TASK:
        look_at_process(probe);
        return;
    case DS_KIND_CONTAINER:
        look_at_container(probe);
        return;
    case DS_KIND_EXTERNAL:
        look_outside(probe);
        return;
    }
}

static void cancel(struct ds_probe *base)
{
    struct tcp_probe *probe = (struct tcp_probe *)base;
    if (probe->connect)
        ds_connect_cancel(ds_steal(probe->connect));
}

static void close_probe(struct ds_probe *base)
{
    struct tcp_probe *probe = (struct tcp_probe *)base;
    cancel(base);
    ds_location_finish(&probe->location);
    ds_probe_close_soon(base);
}

static const struct ds_probe_ops ops = {.look = look, .cancel = cancel, .close = close_probe};

struct ds_probe *ds_probe_tcp_create(struct ds_runner *runner)
{
    (void)runner;
    struct tcp_probe *probe = DS_NEW(struct tcp_probe);
    probe->base.ops = &ops;
    return &probe->base;
}
