/*
 * The HTTP client on the loop: libcurl's multi handle, with one uv_poll a socket and one uv_timer
 * for its timeouts.
 *
 * libcurl may not be called from its own callbacks, but ours hand control to consumers who send
 * and cancel as they like. So while libcurl runs (`inside`), requests are only noted; settle()
 * carries them out as soon as it has returned. on_done is called from settle(), outside libcurl.
 */
#include "http_internal.h"

#include "devstack/base/memory.h"

/* Idle connections kept for reuse; each costs the engine a thread of attention and us a socket. */
#define POOLED_CONNECTIONS 4L

struct ds_http {
    uv_loop_t *loop;
    CURLM *multi;          /* NULL until the first request */
    uv_timer_t timer;      /* libcurl's timeout */
    uv_timer_t soon;       /* fires in the next turn of the loop, to resume paused calls */
    unsigned open_handles; /* including every socket's */
    struct ds_http_call *calls;
    bool inside;
    bool closing;
    void (*on_closed)(void *data);
    void *closed_data;
};

struct socket_watch {
    uv_poll_t poll;
    struct ds_http *http;
    curl_socket_t fd;
};

static void settle(struct ds_http *http);

static void link_call(struct ds_http *http, struct ds_http_call *call)
{
    call->next = http->calls;
    if (call->next)
        call->next->previous = call;
    http->calls = call;
}

static void unlink_call(struct ds_http_call *call)
{
    if (call->previous)
        call->previous->next = call->next;
    else
        call->http->calls = call->next;
    if (call->next)
        call->next->previous = call->previous;
}

/* Takes the call out of libcurl and forgets it. */
static void drop_call(struct ds_http_call *call)
{
    curl_multi_remove_handle(call->http->multi, call->easy); /* no-op when it was never added */
    unlink_call(call);
    http_call_free(call);
}

static void release_handle(struct ds_http *http)
{
    if (--http->open_handles > 0)
        return;
    void (*on_closed)(void *) = http->on_closed;
    void *data = http->closed_data;
    free(http);
    if (on_closed)
        on_closed(data);
}

static void on_timer_closed(uv_handle_t *handle)
{
    release_handle(handle->data);
}

static void on_watch_closed(uv_handle_t *handle)
{
    struct socket_watch *watch = handle->data;
    struct ds_http *http = watch->http;
    free(watch);
    release_handle(http);
}

static void act(struct ds_http *http, curl_socket_t fd, int flags)
{
    int running;
    http->inside = true;
    curl_multi_socket_action(http->multi, fd, flags, &running);
    http->inside = false;
    settle(http);
}

static void on_socket_ready(uv_poll_t *poll, int status, int events)
{
    struct socket_watch *watch = poll->data;
    int flags = status < 0 ? CURL_CSELECT_ERR : 0;
    if (events & UV_READABLE)
        flags |= CURL_CSELECT_IN;
    if (events & UV_WRITABLE)
        flags |= CURL_CSELECT_OUT;
    act(watch->http, watch->fd, flags);
}

static void on_timeout(uv_timer_t *timer)
{
    act(timer->data, CURL_SOCKET_TIMEOUT, 0);
}

static struct socket_watch *watch_socket(struct ds_http *http, curl_socket_t fd)
{
    struct socket_watch *watch = DS_NEW(struct socket_watch);
    watch->http = http;
    watch->fd = fd;
    if (uv_poll_init_socket(http->loop, &watch->poll, fd) != 0) {
        free(watch);
        return NULL;
    }
    watch->poll.data = watch;
    http->open_handles++;
    curl_multi_assign(http->multi, fd, watch);
    return watch;
}

static int on_curl_socket(CURL *easy, curl_socket_t fd, int what, void *data, void *socket_data)
{
    (void)easy;
    struct ds_http *http = data;
    struct socket_watch *watch = socket_data;
    if (what == CURL_POLL_REMOVE) {
        if (watch) {
            curl_multi_assign(http->multi, fd, NULL);
            uv_close((uv_handle_t *)&watch->poll, on_watch_closed);
        }
        return 0;
    }
    if (!watch)
        watch = watch_socket(http, fd);
    if (!watch)
        return -1;
    int events = 0;
    if (what & CURL_POLL_IN)
        events |= UV_READABLE;
    if (what & CURL_POLL_OUT)
        events |= UV_WRITABLE;
    return uv_poll_start(&watch->poll, events, on_socket_ready) == 0 ? 0 : -1;
}

static int on_curl_timer(CURLM *multi, long timeout_ms, void *data)
{
    (void)multi;
    struct ds_http *http = data;
    if (http->closing)
        return 0;
    if (timeout_ms < 0)
        uv_timer_stop(&http->timer);
    else
        uv_timer_start(&http->timer, on_timeout, (uint64_t)timeout_ms, 0);
    return 0;
}

static void start_curl(struct ds_http *http)
{
    if (http->multi)
        return;
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK || !(http->multi = curl_multi_init()))
        abort();
    curl_multi_setopt(http->multi, CURLMOPT_SOCKETFUNCTION, on_curl_socket);
    curl_multi_setopt(http->multi, CURLMOPT_SOCKETDATA, http);
    curl_multi_setopt(http->multi, CURLMOPT_TIMERFUNCTION, on_curl_timer);
    curl_multi_setopt(http->multi, CURLMOPT_TIMERDATA, http);
    curl_multi_setopt(http->multi, CURLMOPT_MAXCONNECTS, POOLED_CONNECTIONS);
}

static void stop_curl(struct ds_http *http)
{
    if (!http->multi)
        return;
    curl_multi_cleanup(http->multi);
    http->multi = NULL;
    curl_global_cleanup();
}

/* Outside libcurl only. */
static void tear_down(struct ds_http *http)
{
    struct ds_http_call *next;
    for (struct ds_http_call *call = http->calls; call; call = next) {
        next = call->next;
        if (call->state != HTTP_CALL_DONE) /* that one is freed by whoever called its on_done */
            drop_call(call);
    }
    stop_curl(http);
    uv_close((uv_handle_t *)&http->timer, on_timer_closed);
    uv_close((uv_handle_t *)&http->soon, on_timer_closed);
}

static void carry_out_notes(struct ds_http *http)
{
    struct ds_http_call *next;
    for (struct ds_http_call *call = http->calls; call; call = next) {
        next = call->next;
        if (call->state == HTTP_CALL_CANCELLED) {
            drop_call(call);
        } else if (call->state == HTTP_CALL_NEW) {
            call->state = HTTP_CALL_RUNNING;
            curl_multi_add_handle(http->multi, call->easy);
        }
    }
}

static void finish_call(struct ds_http_call *call, CURLcode result)
{
    curl_multi_remove_handle(call->http->multi, call->easy);
    call->state = HTTP_CALL_DONE;
    http_call_report(call, result);
    unlink_call(call);
    http_call_free(call);
}

static void settle(struct ds_http *http)
{
    if (http->closing) {
        tear_down(http);
        return;
    }
    carry_out_notes(http);
    int left;
    CURLMsg *message;
    while ((message = curl_multi_info_read(http->multi, &left))) {
        struct ds_http_call *call = NULL;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &call);
        finish_call(call, message->data.result);
        if (http->closing) /* by its on_done; the memory lives until the handles are closed */
            return;
    }
}

static void on_soon(uv_timer_t *timer)
{
    struct ds_http *http = timer->data;
    /* libcurl delivers what it held back right from here, hence the guard. */
    http->inside = true;
    for (struct ds_http_call *call = http->calls; call; call = call->next) {
        if (call->held && !call->paused && call->state == HTTP_CALL_RUNNING) {
            call->held = false;
            curl_easy_pause(call->easy, CURLPAUSE_CONT);
        }
    }
    http->inside = false;
    settle(http);
}

struct ds_http *ds_http_create(uv_loop_t *loop)
{
    struct ds_http *http = DS_NEW(struct ds_http);
    http->loop = loop;
    uv_timer_init(loop, &http->timer);
    uv_timer_init(loop, &http->soon);
    http->timer.data = http;
    http->soon.data = http;
    http->open_handles = 2;
    return http;
}

uv_loop_t *ds_http_loop(const struct ds_http *http)
{
    return http->loop;
}

void ds_http_close(struct ds_http *http, void (*on_closed)(void *data), void *data)
{
    if (!http || http->closing)
        return;
    http->closing = true;
    http->on_closed = on_closed;
    http->closed_data = data;
    if (!http->inside) {
        tear_down(http);
        return;
    }
    for (struct ds_http_call *call = http->calls; call; call = call->next)
        ds_http_cancel(call);
}

struct ds_http_call *ds_http_send(struct ds_http *http, const struct ds_http_request *request,
                                  const struct ds_http_events *events)
{
    start_curl(http);
    struct ds_http_call *call = http_call_create(http, request, events);
    link_call(http, call);
    if (!http->inside && !http->closing) {
        call->state = HTTP_CALL_RUNNING;
        curl_multi_add_handle(http->multi, call->easy);
    }
    return call;
}

void ds_http_cancel(struct ds_http_call *call)
{
    if (!call || call->state == HTTP_CALL_DONE)
        return;
    if (!call->http->inside) {
        drop_call(call);
        return;
    }
    call->state = HTTP_CALL_CANCELLED;
}

void ds_http_pause(struct ds_http_call *call, bool paused)
{
    call->paused = paused;
    if (!paused && call->held && !call->http->closing)
        uv_timer_start(&call->http->soon, on_soon, 0, 0);
}
