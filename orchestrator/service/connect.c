/* A connection that is made in order to be dropped: to one address of the host after the other,
 * until one accepts. It owns itself: the memory goes when the look-up is over and both handles are
 * closed. */
#include "connect.h"

#include <stdlib.h>
#include <string.h>

#include "devstack/base/memory.h"
#include "devstack/base/text.h"

#define STAYS_OPEN_MS 50

struct ds_connect {
    uv_getaddrinfo_t look_up;
    uv_tcp_t socket;
    uv_timer_t timer;
    uv_connect_t request;
    struct addrinfo *found, *next; /* what the look-up gave; the address to be tried after this */
    int status;                    /* of the attempts so far: the first failure, or a refusal */
    int parts;                     /* open handles, and a look-up under way */
    bool over;
    char byte;
    void (*done)(void *data, enum ds_connect_result result, const char *message);
    void *data;
};

static void drop_part(struct ds_connect *connect)
{
    if (--connect->parts)
        return;
    uv_freeaddrinfo(connect->found);
    free(connect);
}

static void on_handle_closed(uv_handle_t *handle)
{
    drop_part(handle->data);
}

void ds_connect_cancel(struct ds_connect *connect)
{
    if (connect->over)
        return;
    connect->over = true;
    uv_cancel((uv_req_t *)&connect->look_up);
    if (!uv_is_closing((uv_handle_t *)&connect->socket)) /* else an attempt's end is under way */
        uv_close((uv_handle_t *)&connect->socket, on_handle_closed);
    uv_close((uv_handle_t *)&connect->timer, on_handle_closed);
}

static void finish(struct ds_connect *connect, enum ds_connect_result result, const char *message)
{
    if (connect->over)
        return;
    ds_connect_cancel(connect);
    connect->done(connect->data, result, message);
}

static void fail(struct ds_connect *connect, int status)
{
    if (status == UV_ECONNREFUSED)
        finish(connect, DS_CONNECT_REFUSED, "connection refused");
    else if (status == UV_ECONNRESET)
        finish(connect, DS_CONNECT_CLOSED, "connection reset");
    else
        finish(connect, DS_CONNECT_FAILED, uv_strerror(status));
}

static void on_alloc(uv_handle_t *handle, size_t size, uv_buf_t *buffer)
{
    (void)size;
    struct ds_connect *connect = handle->data;
    *buffer = uv_buf_init(&connect->byte, 1);
}

static void on_read(uv_stream_t *stream, ssize_t got, const uv_buf_t *buffer)
{
    (void)buffer;
    if (got > 0)
        finish(stream->data, DS_CONNECT_OPEN, NULL);
    else if (got < 0)
        finish(stream->data, DS_CONNECT_CLOSED, NULL);
}

static void on_quiet(uv_timer_t *timer)
{
    finish(timer->data, DS_CONNECT_OPEN, NULL);
}

static void on_bad_name(uv_timer_t *timer)
{
    finish(timer->data, DS_CONNECT_FAILED, "the host's name cannot be looked up");
}

static void try_next(struct ds_connect *connect);

static void on_attempt_closed(uv_handle_t *handle)
{
    struct ds_connect *connect = handle->data;
    if (connect->over) {
        drop_part(connect);
        return;
    }
    uv_tcp_init(handle->loop, &connect->socket);
    connect->socket.data = connect;
    try_next(connect);
}

/* This address does not do; another socket tries the next. That somebody refused says more than
 * that a family of addresses is not to be had here. */
static void attempt_failed(struct ds_connect *connect, int status)
{
    if (!connect->status || status == UV_ECONNREFUSED)
        connect->status = status;
    if (connect->next)
        uv_close((uv_handle_t *)&connect->socket, on_attempt_closed);
    else
        fail(connect, connect->status);
}

static void on_connected(uv_connect_t *request, int status)
{
    struct ds_connect *connect = request->data;
    if (connect->over)
        return;
    if (status < 0) {
        attempt_failed(connect, status);
        return;
    }
    int rc = uv_read_start((uv_stream_t *)&connect->socket, on_alloc, on_read);
    if (rc < 0)
        fail(connect, rc);
    else
        uv_timer_start(&connect->timer, on_quiet, STAYS_OPEN_MS, 0);
}

static void try_next(struct ds_connect *connect)
{
    const struct addrinfo *address = connect->next;
    connect->next = address->ai_next;
    int rc = uv_tcp_connect(&connect->request, &connect->socket, address->ai_addr, on_connected);
    if (rc < 0)
        attempt_failed(connect, rc);
}

static void on_looked_up(uv_getaddrinfo_t *look_up, int status, struct addrinfo *found)
{
    struct ds_connect *connect = look_up->data;
    connect->found = connect->next = found;
    if (!connect->over && status < 0)
        fail(connect, status);
    else if (!connect->over)
        try_next(connect);
    drop_part(connect);
}

struct ds_connect *ds_connect_start(uv_loop_t *loop, const char *host, uint16_t port,
                                    void (*done)(void *data, enum ds_connect_result result,
                                                 const char *message),
                                    void *data)
{
    struct ds_connect *connect = DS_NEW(struct ds_connect);
    connect->done = done;
    connect->data = data;
    uv_tcp_init(loop, &connect->socket);
    uv_timer_init(loop, &connect->timer);
    connect->socket.data = connect->timer.data = connect;
    connect->request.data = connect->look_up.data = connect;
    connect->parts = 3;
    ds_auto_free char *service = ds_printf("%u", (unsigned)port);
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
    int rc = uv_getaddrinfo(loop, &connect->look_up, on_looked_up, host, service, &hints);
    if (rc < 0) { /* a name that is no name: told from the loop like everything else */
        connect->parts--;
        uv_timer_start(&connect->timer, on_bad_name, 0, 0);
    }
    return connect;
}

static uint16_t scheme_port(const char *url)
{
    static const struct {
        const char *scheme;
        uint16_t port;
    } known[] = {{"http:", 80},         {"https:", 443},  {"postgres:", 5432},
                 {"postgresql:", 5432}, {"redis:", 6379}, {"rediss:", 6379}};
    for (size_t i = 0; i < DS_COUNT(known); i++)
        if (ds_string_starts(url, known[i].scheme))
            return known[i].port;
    return 0;
}

bool ds_url_authority(const char *url, char **ret_host, uint16_t *ret_port)
{
    const char *start = url ? strstr(url, "://") : NULL;
    if (!start)
        return false;
    start += 3;
    const char *end = start + strcspn(start, "/?#");
    for (const char *p = start; p < end; p++)
        if (*p == '@')
            start = p + 1;
    bool bracketed = *start == '[';
    const char *stop = bracketed ? memchr(start, ']', (size_t)(end - start)) : NULL;
    if (bracketed && !stop)
        return false;
    const char *after = bracketed ? stop + 1 : start;
    const char *colon = memchr(after, ':', (size_t)(end - after));
    if (!bracketed)
        stop = colon ? colon : end;
    unsigned long port = colon ? strtoul(colon + 1, NULL, 10) : scheme_port(url);
    if (port == 0 || port > UINT16_MAX || stop == start)
        return false;
    *ret_host = ds_strndup(start + bracketed, (size_t)(stop - start) - bracketed);
    *ret_port = (uint16_t)port;
    return true;
}
