/* A server on a fake stack, and raw clients on its socket. */
#include "wire.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "devstack/base/clock.h"
#include "devstack/base/file.h"
#include "devstack/base/memory.h"

#define PATIENCE (UINT64_C(20) * DS_NS_PER_S)

static void on_closed(void *data)
{
    ((struct wire *)data)->closed = true;
}

int wire_setup(void **state)
{
    struct wire *wire = DS_NEW(struct wire);
    wire->folder = ds_strdup("/tmp/devstack-server-XXXXXX");
    if (!mkdtemp(wire->folder))
        return -1;
    wire->path = ds_path_join(wire->folder, "socket");
    uv_loop_init(&wire->loop);
    fake_stack_init(&wire->stack);
    wire->server = ds_server_open(&wire->loop, &wire->stack, wire->path, NULL);
    *state = wire;
    return wire->server ? 0 : -1;
}

void wire_close(struct wire *wire)
{
    ds_server_close(ds_steal(wire->server), on_closed, wire);
}

static uint64_t now(void)
{
    return ds_clock_monotonic(ds_clock_system());
}

bool wire_until_closed(struct wire *wire)
{
    uint64_t deadline = now() + PATIENCE;
    while (!wire->closed && now() < deadline)
        uv_run(&wire->loop, UV_RUN_ONCE);
    return wire->closed;
}

int wire_teardown(void **state)
{
    struct wire *wire = *state;
    if (wire->server)
        wire_close(wire);
    bool good = wire_until_closed(wire);
    uv_run(&wire->loop, UV_RUN_NOWAIT);
    good = uv_loop_close(&wire->loop) == 0 && good;
    good = !ds_file_exists(wire->path) && good;
    fake_stack_finish(&wire->stack);
    ds_tree_remove(wire->folder, NULL);
    free(wire->folder);
    free(wire->path);
    free(wire);
    return good ? 0 : -1;
}

int wire_connect(struct wire *wire)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strncpy(address.sun_path, wire->path, sizeof(address.sun_path) - 1);
    if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
        close(fd);
        return -1;
    }
    return fd;
}

void wire_send(int fd, const char *request)
{
    ds_auto_text struct ds_text text = {0};
    for (; *request; request++) {
        if (*request == '\n')
            ds_text_append_char(&text, '\r');
        ds_text_append_char(&text, *request);
    }
    ds_fd_write_all(fd, text.data, text.length);
}

/* One turn: false when the peer has closed. */
static bool step(struct wire *wire, int fd, struct ds_text *got)
{
    uv_run(&wire->loop, UV_RUN_NOWAIT);
    struct pollfd fds[] = {
        {.fd = fd, .events = POLLIN},
        {.fd = uv_backend_fd(&wire->loop), .events = POLLIN},
    };
    int timeout = uv_backend_timeout(&wire->loop);
    poll(fds, 2, timeout < 0 || timeout > 100 ? 100 : timeout);
    if (!fds[0].revents)
        return true;
    char buffer[65536];
    ssize_t length = recv(fd, buffer, sizeof(buffer), MSG_DONTWAIT);
    if (length > 0)
        ds_text_append_bytes(got, buffer, (size_t)length);
    return length > 0 || (length < 0 && errno == EAGAIN);
}

bool wire_until(struct wire *wire, int fd, struct ds_text *got, const char *needle)
{
    uint64_t deadline = now() + PATIENCE;
    while (!strstr(ds_text_string(got), needle))
        if (!step(wire, fd, got) || now() > deadline)
            return strstr(ds_text_string(got), needle) != NULL;
    return true;
}

bool wire_until_end(struct wire *wire, int fd, struct ds_text *got)
{
    uint64_t deadline = now() + PATIENCE;
    while (step(wire, fd, got))
        if (now() > deadline)
            return false;
    return true;
}

char *wire_exchange(struct wire *wire, const char *method, const char *path, const char *body)
{
    ds_auto_fd int fd = wire_connect(wire);
    ds_auto_free char *head =
        ds_printf("%s %s HTTP/1.1\nHost: devstack\nConnection: close\nContent-Length: %zu\n\n",
                  method, path, body ? strlen(body) : 0);
    wire_send(fd, head);
    struct ds_text got = {0};
    for (size_t sent = 0, length = body ? strlen(body) : 0; sent < length;) {
        ssize_t part = send(fd, body + sent, length - sent, MSG_DONTWAIT | MSG_NOSIGNAL);
        sent += part > 0 ? (size_t)part : 0;
        if (!step(wire, fd, &got))
            break;
    }
    wire_until_end(wire, fd, &got);
    return ds_text_take(&got);
}

void wire_turns(struct wire *wire, int turns)
{
    while (turns-- > 0)
        uv_run(&wire->loop, UV_RUN_NOWAIT);
}
