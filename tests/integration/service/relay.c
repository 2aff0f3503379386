/* The relay: each connection is two pipes that are read into one another. */
#include "relay.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "devstack/base/memory.h"

struct side {
    uv_pipe_t pipe;
    struct link *link;
    struct side *other;
    char bytes[65536];
};

struct link {
    struct relay *relay;
    struct link *next;
    struct side client, engine;
    uv_connect_t connect;
    bool events; /* it has asked for events */
    int open;
    bool closing;
};

struct relay {
    uv_loop_t *loop;
    uv_pipe_t *listener;
    char *path, *engine;
    struct link *links;
    bool without_events;
    int listeners; /* handles that are not closed yet */
    bool closing;
};

struct passage { /* one write */
    uv_write_t write;
    char *bytes;
};

static void free_when_empty(struct relay *relay)
{
    if (!relay->closing || relay->links || relay->listeners)
        return;
    free(relay->path);
    free(relay->engine);
    free(relay);
}

static void on_side_closed(uv_handle_t *handle)
{
    struct link *link = ((struct side *)handle->data)->link;
    struct relay *relay = link->relay;
    if (--link->open)
        return;
    struct link **at = &relay->links;
    while (*at != link)
        at = &(*at)->next;
    *at = link->next;
    free(link);
    free_when_empty(relay);
}

static void break_off(struct link *link)
{
    if (link->closing)
        return;
    link->closing = true;
    uv_close((uv_handle_t *)&link->client.pipe, on_side_closed);
    uv_close((uv_handle_t *)&link->engine.pipe, on_side_closed);
}

static void on_written(uv_write_t *write, int status)
{
    struct passage *passage = (struct passage *)write;
    (void)status;
    free(passage->bytes);
    free(passage);
}

static void on_alloc(uv_handle_t *handle, size_t size, uv_buf_t *buffer)
{
    struct side *side = handle->data;
    (void)size;
    *buffer = uv_buf_init(side->bytes, sizeof(side->bytes));
}

static bool holds(const char *bytes, size_t length, const char *wanted)
{
    return memmem(bytes, length, wanted, strlen(wanted)) != NULL;
}

static void on_read(uv_stream_t *stream, ssize_t got, const uv_buf_t *buffer)
{
    struct side *side = stream->data;
    if (got < 0) {
        break_off(side->link);
        return;
    }
    if (side == &side->link->client && holds(buffer->base, (size_t)got, "/events?"))
        side->link->events = true;
    if (side->link->events && side->link->relay->without_events) {
        break_off(side->link);
    } else if (got > 0) {
        struct passage *passage = DS_NEW(struct passage);
        passage->bytes = ds_memdup(buffer->base, (size_t)got);
        uv_buf_t bytes = uv_buf_init(passage->bytes, (unsigned)got);
        uv_write(&passage->write, (uv_stream_t *)&side->other->pipe, &bytes, 1, on_written);
    }
}

static void on_connected(uv_connect_t *connect, int status)
{
    struct link *link = connect->data;
    if (link->closing)
        return;
    if (status < 0) {
        break_off(link);
        return;
    }
    uv_read_start((uv_stream_t *)&link->client.pipe, on_alloc, on_read);
    uv_read_start((uv_stream_t *)&link->engine.pipe, on_alloc, on_read);
}

static void on_peer(uv_stream_t *listener, int status)
{
    struct relay *relay = listener->data;
    if (status < 0)
        return;
    struct link *link = DS_NEW(struct link);
    link->relay = relay;
    link->next = relay->links;
    relay->links = link;
    link->open = 2;
    link->client.other = &link->engine;
    link->engine.other = &link->client;
    link->client.link = link->engine.link = link;
    uv_pipe_init(relay->loop, &link->client.pipe, 0);
    uv_pipe_init(relay->loop, &link->engine.pipe, 0);
    link->client.pipe.data = &link->client;
    link->engine.pipe.data = &link->engine;
    link->connect.data = link;
    uv_accept(listener, (uv_stream_t *)&link->client.pipe);
    uv_pipe_connect(&link->connect, &link->engine.pipe, relay->engine, on_connected);
}

void relay_restore(struct relay *relay)
{
    relay->listener = DS_NEW(uv_pipe_t);
    uv_pipe_init(relay->loop, relay->listener, 0);
    relay->listener->data = relay;
    relay->listeners++;
    unlink(relay->path);
    if (uv_pipe_bind(relay->listener, relay->path) < 0 ||
        uv_listen((uv_stream_t *)relay->listener, 64, on_peer) < 0)
        abort();
}

struct relay *relay_open(uv_loop_t *loop, const char *path, const char *engine)
{
    struct relay *relay = DS_NEW(struct relay);
    relay->loop = loop;
    relay->path = ds_strdup(path);
    relay->engine = ds_strdup(engine);
    relay_restore(relay);
    return relay;
}

static void on_listener_closed(uv_handle_t *handle)
{
    struct relay *relay = handle->data;
    free(handle);
    relay->listeners--;
    free_when_empty(relay);
}

void relay_cut(struct relay *relay)
{
    for (struct link *link = relay->links; link; link = link->next)
        break_off(link);
    if (relay->listener)
        uv_close((uv_handle_t *)ds_steal(relay->listener), on_listener_closed);
    unlink(relay->path);
}

void relay_cut_events(struct relay *relay)
{
    relay->without_events = true;
    for (struct link *link = relay->links; link; link = link->next)
        if (link->events)
            break_off(link);
}

void relay_restore_events(struct relay *relay)
{
    relay->without_events = false;
}

void relay_close(struct relay *relay)
{
    relay_cut(relay);
    relay->closing = true;
    free_when_empty(relay);
}
