/* The life of a call: begin, send a request, be cancelled or end, and be released when nobody is
 * inside any more. */
#include "internal.h"

#include <string.h>

#include "devstack/base/secret.h"

/* Outlives its call by the time a handle takes to close. */
struct engine_delay {
    uv_timer_t timer;
    struct ds_engine_call *call;
    void (*resume)(struct ds_engine_call *call);
};

static void on_delay_closed(uv_handle_t *handle)
{
    free(handle->data);
}

static void drop_delay(struct ds_engine_call *call)
{
    if (!call->delay)
        return;
    uv_close((uv_handle_t *)&call->delay->timer, on_delay_closed);
    call->delay = NULL;
}

static void on_delay_over(uv_timer_t *timer)
{
    struct engine_delay *delay = timer->data;
    struct ds_engine_call *call = delay->call;
    void (*resume)(struct ds_engine_call *) = delay->resume;
    drop_delay(call);
    engine_call_enter(call);
    resume(call);
    engine_call_leave(call);
}

void engine_call_after(struct ds_engine_call *call, uint64_t ms,
                       void (*resume)(struct ds_engine_call *call))
{
    struct engine_delay *delay = DS_NEW(struct engine_delay);
    delay->call = call;
    delay->resume = resume;
    uv_timer_init(ds_http_loop(call->engine->http), &delay->timer);
    delay->timer.data = delay;
    uv_timer_start(&delay->timer, on_delay_over, ms, 0);
    call->delay = delay;
}

void engine_call_begin(struct ds_engine_call *call, struct ds_engine *engine,
                       void (*release)(struct ds_engine_call *call))
{
    call->engine = engine;
    call->release = release;
    call->next = engine->calls;
    if (call->next)
        call->next->previous = call;
    engine->calls = call;
}

void engine_call_enter(struct ds_engine_call *call)
{
    call->busy++;
}

void engine_call_leave(struct ds_engine_call *call)
{
    if (--call->busy == 0 && call->ended)
        call->release(call);
}

void engine_call_end(struct ds_engine_call *call)
{
    if (call->ended)
        return;
    call->ended = true;
    if (call->previous)
        call->previous->next = call->next;
    else
        call->engine->calls = call->next;
    if (call->next)
        call->next->previous = call->previous;
    ds_http_cancel(call->http);
    call->http = NULL;
    drop_delay(call);
}

void ds_engine_cancel(struct ds_engine_call *call)
{
    if (!call || call->ended)
        return;
    engine_call_enter(call);
    engine_call_end(call);
    engine_call_leave(call);
}

static void on_done(void *data, const struct ds_http_answer *answer)
{
    struct ds_engine_call *call = data;
    call->http = NULL;
    engine_call_enter(call);
    call->on_answer(call, answer);
    engine_call_leave(call);
}

static void on_status(void *data, int status)
{
    struct ds_engine_call *call = data;
    engine_call_enter(call);
    call->on_status(call, status);
    engine_call_leave(call);
}

static void on_data(void *data, const char *bytes, size_t length)
{
    struct ds_engine_call *call = data;
    engine_call_enter(call);
    call->on_data(call, bytes, length);
    engine_call_leave(call);
}

static void send_body(struct ds_engine_call *call, const struct engine_request *request,
                      const void *body, size_t length)
{
    const struct ds_engine *engine = call->engine;
    const struct engine_address *address = &engine->address;
    ds_auto_free char *url =
        request->unversioned || !engine->api_version
            ? ds_printf("%s%s", address->base_url, request->path)
            : ds_printf("%s/v%s%s", address->base_url, engine->api_version, request->path);
    struct ds_http_tls tls = {.ca_file = address->ca_file,
                              .certificate_file = address->certificate_file,
                              .key_file = address->key_file,
                              .insecure = address->insecure};
    uint64_t timeout = request->timeout ? request->timeout : ENGINE_TIMEOUT_NS;
    struct ds_http_request http = {.method = request->method,
                                   .url = url,
                                   .unix_socket = address->unix_socket,
                                   .headers = request->headers,
                                   .body = body,
                                   .body_length = length,
                                   .content_type = request->content_type,
                                   .timeout = request->endless ? 0 : timeout,
                                   .tls = address->tls ? &tls : NULL};
    struct ds_http_events events = {.on_done = on_done,
                                    .on_status = request->on_status ? on_status : NULL,
                                    .on_data = request->on_data ? on_data : NULL,
                                    .data = call};
    call->on_answer = request->on_answer;
    call->on_status = request->on_status;
    call->on_data = request->on_data;
    call->http = ds_http_send(engine->http, &http, &events);
}

void engine_call_send(struct ds_engine_call *call, const struct engine_request *request)
{
    if (!request->json) {
        send_body(call, request, request->body, request->body_length);
        return;
    }
    char *text = json_dumps(request->json, JSON_COMPACT);
    json_decref(request->json);
    if (!text)
        abort();
    size_t length = strlen(text);
    send_body(call, request, text, length);
    ds_wipe(text, length); /* a container's environment may hold secrets */
    free(text);
}
