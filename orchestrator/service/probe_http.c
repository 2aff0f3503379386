/*
 * An HTTP answer. For a process its listener is looked up first: as long as nobody listens nothing
 * connects, and what a stranger answers does not count.
 */
#include "probe.h"

#include <string.h>

#include "devstack/base/memory.h"
#include "locate.h"

struct http_probe {
    struct ds_probe base;
    struct ds_location location;
    struct ds_http_call *call;
    const char *address; /* of the look under way; NULL: the URL's own */
    uint64_t timeout;
};

static void ask(struct http_probe *probe);

/* 127.0.0.1 refused; is it the only address to try? */
static bool has_other_address(const struct http_probe *probe)
{
    return probe->base.runner->run.spec->kind == DS_KIND_CONTAINER && probe->address &&
           !strcmp(probe->address, "127.0.0.1");
}

static void on_done(void *data, const struct ds_http_answer *answer)
{
    struct http_probe *probe = data;
    probe->call = NULL;
    if (answer->outcome == DS_HTTP_REFUSED && has_other_address(probe)) {
        probe->address = "[::1]";
        ask(probe);
        return;
    }
    if (answer->outcome == DS_HTTP_CLOSED) {
        ds_probe_fail(&probe->base, "the connection was closed without an answer");
        return;
    }
    if (answer->outcome != DS_HTTP_ANSWERED) {
        ds_probe_fail(&probe->base, "%s", answer->message ? answer->message : "no answer");
        return;
    }
    unsigned wanted = probe->base.runner->run.spec->health.status;
    int status = answer->status;
    if (wanted ? status != (int)wanted : status < 200 || status > 399) {
        ds_probe_fail(&probe->base, "HTTP %d", status);
        return;
    }
    ds_auto_free char *text = ds_printf("HTTP %d", status);
    ds_probe_pass(&probe->base, text, probe->address, probe->location.found == DS_LOCATED_UNKNOWN);
}

static char *make_url(const struct http_probe *probe)
{
    const struct ds_run *run = &probe->base.runner->run;
    const char *path = run->spec->health.http_path;
    if (probe->address)
        return ds_printf("http://%s:%u%s", probe->address, (unsigned)probe->base.port,
                         path ? path : "/");
    const char *url = run->launch->url ? run->launch->url : "";
    size_t length = strlen(url);
    if (path && length && url[length - 1] == '/')
        length--;
    return ds_printf("%.*s%s", (int)length, url, path ? path : "");
}

static void ask(struct http_probe *probe)
{
    const struct ds_run *run = &probe->base.runner->run;
    ds_auto_free char *url = make_url(probe);
    struct ds_strings headers = {0};
    const struct ds_variables *wanted = &run->launch->health_headers;
    for (size_t i = 0; i < wanted->count; i++)
        ds_strings_addf(&headers, "%s: %s", wanted->items[i].name, wanted->items[i].value);
    struct ds_http_request request = {.url = url,
                                      .headers = &headers,
                                      .connect_timeout = probe->timeout,
                                      .timeout = probe->timeout,
                                      .fresh_connection = true};
    struct ds_http_events events = {.on_done = on_done, .data = probe};
    probe->call = ds_http_send(run->host->http, &request, &events);
    for (size_t i = 0; i < headers.count; i++) /* they may carry a secret */
        ds_wipe(headers.items[i], strlen(headers.items[i]));
    ds_strings_finish(&headers);
}

static void look(struct ds_probe *base, uint64_t timeout)
{
    struct http_probe *probe = (struct http_probe *)base;
    probe->timeout = timeout;
    probe->address = NULL;
    if (base->runner->run.spec->kind == DS_KIND_EXTERNAL ||
        ds_probe_find_listener(base, &probe->location, &probe->address))
        ask(probe);
}

static void cancel(struct ds_probe *base)
{
    struct http_probe *probe = (struct http_probe *)base;
    if (probe->call)
        ds_http_cancel(ds_steal(probe->call));
}

static void close_probe(struct ds_probe *base)
{
    cancel(base);
    ds_location_finish(&((struct http_probe *)base)->location);
    ds_probe_close_soon(base);
}

static const struct ds_probe_ops ops = {.look = look, .cancel = cancel, .close = close_probe};

struct ds_probe *ds_probe_http_create(struct ds_runner *runner)
{
    (void)runner;
    struct http_probe *probe = DS_NEW(struct http_probe);
    probe->base.ops = &ops;
    return &probe->base;
}
