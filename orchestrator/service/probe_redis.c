/* A PING that is answered with PONG, after AUTH where there is a password (Redis serialization
 * protocol, RESP2). */
#include "probe.h"

#include <stdlib.h>
#include <string.h>

#include "devstack/base/memory.h"
#include "locate.h"

struct talk;

struct redis_probe {
    struct ds_probe base;
    struct ds_location location;
    const char *address;
    struct talk *talk; /* the one under way */
    int open;          /* talks whose socket is not closed yet */
    bool closing;
};

struct talk {
    struct redis_probe *probe;
    uv_tcp_t socket;
    uv_connect_t connect;
    uv_write_t write;
    struct ds_text question; /* wiped: it may hold the password */
    struct ds_text answer;
    int lines; /* of the answer that are expected */
    char buffer[512];
};

static void close_when_free(struct redis_probe *probe)
{
    if (probe->closing && !probe->open)
        ds_probe_close_soon(&probe->base);
}

static void on_talk_closed(uv_handle_t *handle)
{
    struct talk *talk = handle->data;
    struct redis_probe *probe = talk->probe;
    if (talk->question.data)
        ds_wipe(talk->question.data, talk->question.capacity);
    ds_text_finish(&talk->question);
    ds_text_finish(&talk->answer);
    free(talk);
    probe->open--;
    close_when_free(probe);
}

static void drop(struct redis_probe *probe)
{
    struct talk *talk = ds_steal(probe->talk);
    if (talk)
        uv_close((uv_handle_t *)&talk->socket, on_talk_closed);
}

static void fail(struct redis_probe *probe, const char *text)
{
    drop(probe);
    ds_probe_fail(&probe->base, "%s", text);
}

/* The last of the expected lines decides; an error line before it does too. */
static void judge(struct talk *talk)
{
    struct redis_probe *probe = talk->probe;
    const char *line = ds_text_string(&talk->answer);
    for (int i = 1;; i++) {
        const char *end = strstr(line, "\r\n");
        if (!end)
            return;
        if (*line == '-') {
            ds_auto_free char *text = ds_strndup(line + 1, (size_t)(end - line) - 1);
            fail(probe, text);
            return;
        }
        if (i == talk->lines) {
            bool pong = !strncmp(line, "+PONG", 5);
            drop(probe);
            if (pong)
                ds_probe_pass(&probe->base, "PONG", probe->address,
                              probe->location.found == DS_LOCATED_UNKNOWN);
            else
                ds_probe_fail(&probe->base, "an answer that is not Redis'");
            return;
        }
        line = end + 2;
    }
}

static void on_alloc(uv_handle_t *handle, size_t size, uv_buf_t *buffer)
{
    struct talk *talk = handle->data;
    (void)size;
    *buffer = uv_buf_init(talk->buffer, sizeof(talk->buffer));
}

static void on_read(uv_stream_t *stream, ssize_t got, const uv_buf_t *buffer)
{
    struct talk *talk = stream->data;
    if (talk->probe->talk != talk || got == 0)
        return;
    if (got < 0) {
        fail(talk->probe, "the connection was closed without an answer");
        return;
    }
    ds_text_append_bytes(&talk->answer, buffer->base, (size_t)got);
    if (talk->answer.length > sizeof(talk->buffer))
        fail(talk->probe, "an answer that is not Redis'");
    else
        judge(talk);
}

static void on_written(uv_write_t *write, int status)
{
    (void)write; /* a failure shows when reading */
    (void)status;
}

static void ask(struct talk *talk, const struct ds_launch *launch)
{
    if (launch->password) {
        const char *user = launch->user && *launch->user ? launch->user : "default";
        ds_text_appendf(&talk->question, "*3\r\n$4\r\nAUTH\r\n$%zu\r\n%s\r\n$%zu\r\n", strlen(user),
                        user, ds_secret_length(launch->password));
        ds_text_append(&talk->question, ds_secret_bytes(launch->password));
        ds_text_append(&talk->question, "\r\n");
        talk->lines++;
    }
    ds_text_append(&talk->question, "*1\r\n$4\r\nPING\r\n");
    talk->lines++;
    uv_buf_t bytes = uv_buf_init(talk->question.data, (unsigned)talk->question.length);
    uv_read_start((uv_stream_t *)&talk->socket, on_alloc, on_read);
    uv_write(&talk->write, (uv_stream_t *)&talk->socket, &bytes, 1, on_written);
}

static void on_connected(uv_connect_t *connect, int status)
{
    struct talk *talk = connect->data;
    struct redis_probe *probe = talk->probe;
    if (probe->talk != talk)
        return;
    if (status < 0)
        fail(probe, uv_strerror(status));
    else
        ask(talk, probe->base.runner->run.launch);
}

static void look(struct ds_probe *base, uint64_t timeout)
{
    struct redis_probe *probe = (struct redis_probe *)base;
    (void)timeout;
    if (!ds_probe_find_listener(base, &probe->location, &probe->address))
        return;
    struct sockaddr_storage address = {0};
    if (probe->address[0] == '[')
        uv_ip6_addr("::1", base->port, (struct sockaddr_in6 *)&address);
    else
        uv_ip4_addr(probe->address, base->port, (struct sockaddr_in *)&address);
    struct talk *talk = DS_NEW(struct talk);
    talk->probe = probe;
    uv_tcp_init(base->loop, &talk->socket);
    talk->socket.data = talk->connect.data = talk;
    probe->talk = talk;
    probe->open++;
    int rc =
        uv_tcp_connect(&talk->connect, &talk->socket, (struct sockaddr *)&address, on_connected);
    if (rc < 0)
        fail(probe, uv_strerror(rc));
}

static void cancel(struct ds_probe *base)
{
    drop((struct redis_probe *)base);
}

static void close_probe(struct ds_probe *base)
{
    struct redis_probe *probe = (struct redis_probe *)base;
    drop(probe);
    ds_location_finish(&probe->location);
    probe->closing = true;
    close_when_free(probe);
}

static const struct ds_probe_ops ops = {.look = look, .cancel = cancel, .close = close_probe};

struct ds_probe *ds_probe_redis_create(struct ds_runner *runner)
{
    (void)runner;
    struct redis_probe *probe = DS_NEW(struct redis_probe);
    probe->base.ops = &ops;
    return &probe->base;
}
