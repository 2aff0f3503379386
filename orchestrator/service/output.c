/* Reading what processes write. Not libuv's UV_CREATE_PIPE: that makes a socket pair, and opening
 * /dev/stdout fails on one. */
#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "devstack/base/memory.h"

#define BUFFER_SIZE 65536

int ds_output_pipe(int *ret_read_fd, int *ret_write_fd)
{
    int fds[2];
    if (pipe2(fds, O_CLOEXEC) < 0)
        return -errno;
    *ret_read_fd = fds[0];
    *ret_write_fd = fds[1];
    return 0;
}

int ds_output_terminal(int *ret_master_fd, int *ret_slave_fd)
{
    ds_auto_fd int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (master < 0 || grantpt(master) < 0 || unlockpt(master) < 0)
        return -errno;
    char name[64];
    int rc = ptsname_r(master, name, sizeof(name));
    if (rc)
        return -rc;
    int slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (slave < 0)
        return -errno;
    *ret_slave_fd = slave;
    *ret_master_fd = ds_steal_fd(&master);
    return 0;
}

static void on_alloc(uv_handle_t *handle, size_t size, uv_buf_t *buffer)
{
    (void)handle;
    (void)size;
    *buffer = uv_buf_init(ds_realloc_array(NULL, BUFFER_SIZE, 1), BUFFER_SIZE);
}

static void end(struct ds_output *output)
{
    uv_read_stop((uv_stream_t *)&output->pipe);
    output->open = false;
    output->on_end(output->data);
}

static void on_read(uv_stream_t *stream, ssize_t got, const uv_buf_t *buffer)
{
    struct ds_output *output = stream->data;
    ds_auto_free char *bytes = buffer->base;
    if (got > 0)
        output->on_bytes(output->data, bytes, (size_t)got);
    else if (got < 0) /* UV_EOF; UV_EIO when the last holder of a terminal has gone */
        end(output);
}

void ds_output_open(struct ds_output *output, uv_loop_t *loop, int fd)
{
    uv_pipe_init(loop, &output->pipe, 0);
    output->pipe.data = output;
    int rc = uv_pipe_open(&output->pipe, fd);
    if (rc < 0)
        close(fd);
    else
        rc = uv_read_start((uv_stream_t *)&output->pipe, on_alloc, on_read);
    output->open = rc == 0;
}

static void on_handle_closed(uv_handle_t *handle)
{
    struct ds_output *output = handle->data;
    output->on_closed(output, output->data);
}

void ds_output_close(struct ds_output *output)
{
    output->open = false;
    uv_close((uv_handle_t *)&output->pipe, on_handle_closed);
}
