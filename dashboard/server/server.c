/*
 * libmicrohttpd on the uv loop: its epoll descriptor in a uv_poll, its next time-out in a timer,
 * and MHD_run() from those two places alone.
 */
#include "private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "devstack/base/memory.h"
#include "socket.h"

enum {
    CONNECTION_LIMIT = 256,
    IDLE_SECONDS = 30,
    BODY_LIMIT = 64 * 1024,
    KEEPALIVE_MS = 15000,
    CLOSE_MS = 1000,
};

static void finish_closing(struct ds_server *server);

static void on_timer(uv_timer_t *timer);

static void run_daemon(struct ds_server *server)
{
    if (server->stopped)
        return;
    MHD_run(server->daemon);
    MHD_UNSIGNED_LONG_LONG wait;
    if (MHD_get_timeout(server->daemon, &wait) == MHD_YES)
        uv_timer_start(&server->timer, on_timer, wait, 0);
    else
        uv_timer_stop(&server->timer);
    if (server->closing && server->requests == 0)
        finish_closing(server);
}

static void on_timer(uv_timer_t *timer)
{
    run_daemon(timer->data);
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
    (void)status;
    (void)events;
    run_daemon(poll->data);
}

void server_kick(struct ds_server *server)
{
    if (!server->stopped)
        uv_timer_start(&server->timer, on_timer, 0, 0);
}

const char *server_stack_json(struct ds_server *server, const struct ds_snapshot *snapshot)
{
    if (!server->stack_json || server->stack_version != snapshot->version) {
        free(server->stack_json);
        server->stack_json = ds_snapshot_to_json(snapshot);
        server->stack_version = snapshot->version;
    }
    return server->stack_json;
}

static struct request *begin_request(struct ds_server *server, struct MHD_Connection *connection)
{
    struct request *request = DS_NEW(struct request);
    request->server = server;
    request->connection = connection;
    server->requests++;
    return request;
}

static bool peer_is_ours(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    return info && socket_peer_allowed(info->connect_fd, geteuid());
}

static enum MHD_Result on_request(void *data, struct MHD_Connection *connection, const char *path,
                                  const char *method, const char *version, const char *body,
                                  size_t *body_length, void **state)
{
    (void)version;
    (void)body;
    struct request *request = *state;
    if (!request) {
        request = *state = begin_request(data, connection);
        if (!peer_is_ours(connection))
            return reply_problem(request, MHD_HTTP_FORBIDDEN, "not_yours",
                                 "This stack belongs to another user.");
        return MHD_YES;
    }
    if (*body_length) {
        request->body += *body_length;
        request->too_large = request->body > BODY_LIMIT;
        *body_length = 0;
        return MHD_YES;
    }
    return routes_answer(request, method, path);
}

static void on_completed(void *data, struct MHD_Connection *connection, void **state,
                         enum MHD_RequestTerminationCode code)
{
    (void)connection;
    (void)code;
    struct ds_server *server = data;
    struct request *request = ds_steal(*state);
    if (!request)
        return;
    free(request->subject);
    free(request);
    server->requests--;
}

static void on_snapshot(void *data, struct ds_snapshot *snapshot)
{
    streams_on_snapshot(data, snapshot);
}

static void on_log(void *data, const struct ds_log_entry *entry)
{
    streams_on_log(data, entry);
}

static void on_keepalive(uv_timer_t *timer)
{
    streams_keep_alive(timer->data);
}

static bool start_daemon(struct ds_server *server, int fd, struct ds_error *err)
{
    server->daemon = MHD_start_daemon(
        MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, on_request, server,
        MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_NOTIFY_COMPLETED, on_completed, server,
        MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTION_LIMIT, MHD_OPTION_CONNECTION_TIMEOUT,
        (unsigned)IDLE_SECONDS, MHD_OPTION_END);
    if (!server->daemon)
        return ds_error_set(err, DS_ERROR_FAILED, "cannot start the HTTP server");
    return true;
}

static void open_handles(struct ds_server *server)
{
    const union MHD_DaemonInfo *info =
        MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    uv_poll_init(server->loop, &server->poll, info->epoll_fd);
    uv_timer_init(server->loop, &server->timer);
    uv_timer_init(server->loop, &server->keepalive);
    uv_timer_init(server->loop, &server->deadline);
    server->poll.data = server->timer.data = server->keepalive.data = server->deadline.data =
        server;
    server->open_handles = 4;
    uv_poll_start(&server->poll, UV_READABLE, on_readable);
    uv_timer_start(&server->keepalive, on_keepalive, KEEPALIVE_MS, KEEPALIVE_MS);
}

struct ds_server *ds_server_open(uv_loop_t *loop, struct ds_stack *stack, const char *socket_path,
                                 struct ds_error *err)
{
    ds_auto_fd int fd = socket_listen(socket_path, err);
    if (fd < 0)
        return NULL;
    struct ds_server *server = DS_NEW(struct ds_server);
    server->loop = loop;
    server->stack = stack;
    server->path = ds_strdup(socket_path);
    if (!start_daemon(server, fd, err)) {
        unlink(socket_path);
        free(server->path);
        free(server);
        return NULL;
    }
    ds_steal_fd(&fd);
    open_handles(server);
    server->on_stack = ds_stack_subscribe(stack, on_snapshot, server);
    server->on_logs = ds_log_store_subscribe(ds_stack_logs(stack), on_log, server);
    return server;
}

static void on_handle_closed(uv_handle_t *handle)
{
    struct ds_server *server = handle->data;
    if (--server->open_handles)
        return;
    void (*on_closed)(void *data) = server->on_closed;
    void *data = server->closed_data;
    free(server->stack_json);
    free(server->path);
    free(server);
    if (on_closed)
        on_closed(data);
}

static void finish_closing(struct ds_server *server)
{
    server->stopped = true;
    streams_resume(server);
    uv_close((uv_handle_t *)&server->poll, on_handle_closed);
    uv_close((uv_handle_t *)&server->timer, on_handle_closed);
    uv_close((uv_handle_t *)&server->keepalive, on_handle_closed);
    uv_close((uv_handle_t *)&server->deadline, on_handle_closed);
    MHD_stop_daemon(ds_steal(server->daemon));
}

static void on_deadline(uv_timer_t *timer)
{
    struct ds_server *server = timer->data;
    if (!server->stopped)
        finish_closing(server);
}

void ds_server_close(struct ds_server *server, void (*on_closed)(void *data), void *data)
{
    server->on_closed = on_closed;
    server->closed_data = data;
    server->closing = true;
    ds_stack_unsubscribe(ds_steal(server->on_stack));
    ds_log_store_unsubscribe(ds_steal(server->on_logs));
    /* Newcomers find nobody, rather than a server that is about to end. */
    unlink(server->path);
    MHD_socket listener = MHD_quiesce_daemon(server->daemon);
    if (listener != MHD_INVALID_SOCKET)
        close(listener);
    struct ds_snapshot *last = ds_stack_snapshot(server->stack);
    streams_end(server, last);
    ds_snapshot_unref(last);
    uv_timer_start(&server->deadline, on_deadline, CLOSE_MS, 0);
    server_kick(server);
}
