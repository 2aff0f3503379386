/* The scripted HTTP server: accept, split requests, hand them to the test. */
#include "tests/support/scripted_server.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <netinet/in.h>

#include "devstack/base/memory.h"
#include "devstack/base/text.h"

struct scripted_server {
    union {
        uv_handle_t handle;
        uv_stream_t stream;
        uv_tcp_t tcp;
        uv_pipe_t pipe;
    } listener;
    bool is_unix;
    bool closing;
    unsigned open_handles;
    unsigned accepted, connected;
    struct scripted_peer *peers;
    scripted_request_fn on_request;
    void *data;
};

struct scripted_peer {
    union {
        uv_handle_t handle;
        uv_stream_t stream;
        uv_tcp_t tcp;
        uv_pipe_t pipe;
    } socket;
    struct scripted_server *server;
    struct scripted_peer *next;
    struct ds_text input;
    char buffer[4096];
};

struct pending_write {
    uv_write_t request;
    char *bytes;
};

static void release(struct scripted_server *server)
{
    if (--server->open_handles == 0)
        free(server);
}

static void on_listener_closed(uv_handle_t *handle)
{
    release(handle->data);
}

static void on_peer_closed(uv_handle_t *handle)
{
    struct scripted_peer *peer = handle->data;
    struct scripted_server *server = peer->server;
    struct scripted_peer **link = &server->peers;
    while (*link != peer)
        link = &(*link)->next;
    *link = peer->next;
    server->connected--;
    ds_text_finish(&peer->input);
    free(peer);
    release(server);
}

static void close_peer(struct scripted_peer *peer)
{
    if (!uv_is_closing(&peer->socket.handle))
        uv_close(&peer->socket.handle, on_peer_closed);
}

static size_t content_length(const char *head)
{
    const char *found = strcasestr(head, "\r\nContent-Length:");
    return found ? strtoul(found + strlen("\r\nContent-Length:"), NULL, 10) : 0;
}

/* Takes one whole request from the front of the input. */
static bool take_request(struct scripted_peer *peer)
{
    struct ds_text *input = &peer->input;
    const char *end = input->length ? strstr(input->data, "\r\n\r\n") : NULL;
    if (!end)
        return false;
    size_t head_length = (size_t)(end - input->data) + 4;
    ds_auto_free char *head = ds_strndup(input->data, head_length);
    size_t body_length = content_length(head);
    if (input->length < head_length + body_length)
        return false;
    ds_auto_free char *body = ds_alloc(body_length + 1);
    memcpy(body, input->data + head_length, body_length);
    ds_text_drop_front(input, head_length + body_length);
    ds_auto_free char *line = ds_strdup(head);
    char *save = NULL;
    struct scripted_request request = {
        .method = strtok_r(line, " ", &save),
        .target = strtok_r(NULL, " ", &save),
        .head = head,
        .body = body,
        .body_length = body_length,
    };
    peer->server->on_request(peer->server->data, peer, &request);
    return true;
}

static void on_allocate(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
    (void)suggested;
    struct scripted_peer *peer = handle->data;
    *buffer = uv_buf_init(peer->buffer, sizeof(peer->buffer));
}

static void on_read(uv_stream_t *stream, ssize_t count, const uv_buf_t *buffer)
{
    struct scripted_peer *peer = stream->data;
    if (count < 0) {
        close_peer(peer);
        return;
    }
    ds_text_append_bytes(&peer->input, buffer->base, (size_t)count);
    while (!uv_is_closing(&peer->socket.handle) && take_request(peer))
        ;
}

static void on_connection(uv_stream_t *listener, int status)
{
    struct scripted_server *server = listener->data;
    if (status != 0)
        abort();
    struct scripted_peer *peer = DS_NEW(struct scripted_peer);
    peer->server = server;
    peer->next = server->peers;
    server->peers = peer;
    server->accepted++;
    server->connected++;
    server->open_handles++;
    if (server->is_unix)
        uv_pipe_init(listener->loop, &peer->socket.pipe, 0);
    else
        uv_tcp_init(listener->loop, &peer->socket.tcp);
    peer->socket.handle.data = peer;
    if (uv_accept(listener, &peer->socket.stream) != 0)
        abort();
    uv_read_start(&peer->socket.stream, on_allocate, on_read);
    uv_unref(&peer->socket.handle);
}

struct scripted_server *scripted_server_open(uv_loop_t *loop, const char *path,
                                             scripted_request_fn on_request, void *data)
{
    struct scripted_server *server = DS_NEW(struct scripted_server);
    server->on_request = on_request;
    server->data = data;
    server->is_unix = path != NULL;
    server->open_handles = 1;
    int result;
    if (path) {
        uv_pipe_init(loop, &server->listener.pipe, 0);
        result = uv_pipe_bind(&server->listener.pipe, path);
    } else {
        struct sockaddr_in address;
        uv_ip4_addr("127.0.0.1", 0, &address);
        uv_tcp_init(loop, &server->listener.tcp);
        result = uv_tcp_bind(&server->listener.tcp, (struct sockaddr *)&address, 0);
    }
    server->listener.handle.data = server;
    if (result != 0 || uv_listen(&server->listener.stream, 16, on_connection) != 0)
        abort();
    /* A test waits for what its client does, never for its server. */
    uv_unref(&server->listener.handle);
    return server;
}

int scripted_server_port(const struct scripted_server *server)
{
    struct sockaddr_storage address;
    int length = sizeof(address);
    if (uv_tcp_getsockname(&server->listener.tcp, (struct sockaddr *)&address, &length) != 0)
        abort();
    return ntohs(((const struct sockaddr_in *)&address)->sin_port);
}

unsigned scripted_server_connections(const struct scripted_server *server)
{
    return server->accepted;
}

unsigned scripted_server_connected(const struct scripted_server *server)
{
    return server->connected;
}

void scripted_server_close(struct scripted_server *server)
{
    for (struct scripted_peer *peer = server->peers; peer; peer = peer->next)
        close_peer(peer);
    uv_close(&server->listener.handle, on_listener_closed);
}

static void on_written(uv_write_t *request, int status)
{
    (void)status;
    struct pending_write *pending = (struct pending_write *)request;
    free(pending->bytes);
    free(pending);
}

void scripted_peer_write(struct scripted_peer *peer, const void *bytes, size_t length)
{
    struct pending_write *pending = DS_NEW(struct pending_write);
    pending->bytes = ds_memdup(bytes, length);
    uv_buf_t buffer = uv_buf_init(pending->bytes, (unsigned)length);
    if (uv_write(&pending->request, &peer->socket.stream, &buffer, 1, on_written) != 0)
        on_written(&pending->request, 0);
}

void scripted_peer_answer(struct scripted_peer *peer, int status, const char *headers,
                          const char *body)
{
    ds_auto_text struct ds_text answer = {0};
    ds_text_appendf(&answer, "HTTP/1.1 %d Scripted\r\n%sContent-Length: %zu\r\n\r\n%s", status,
                    headers, strlen(body), body);
    scripted_peer_write(peer, answer.data, answer.length);
}

static void on_shutdown(uv_shutdown_t *request, int status)
{
    (void)status;
    close_peer(request->data);
    free(request);
}

void scripted_peer_close(struct scripted_peer *peer)
{
    uv_shutdown_t *request = DS_NEW(uv_shutdown_t);
    request->data = peer;
    if (uv_shutdown(request, &peer->socket.stream, on_shutdown) != 0) {
        free(request);
        close_peer(peer);
    }
}
