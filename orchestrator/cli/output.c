/*
 * Writing without blocking the loop. The descriptor is shared with the shell that started us, so it
 * is not made non-blocking: a thread of libuv's pool does the blocking write(2).
 */
#include "output.h"

static void write_some(struct output *output);

static void on_written(uv_fs_t *request)
{
    struct output *output = request->data;
    ssize_t result = request->result;
    uv_fs_req_cleanup(request);
    output->busy = false;
    if (result < 0 && result != UV_EINTR && result != UV_EAGAIN) {
        output->failed = true;
        ds_text_clear(&output->waiting);
        ds_text_clear(&output->writing);
        output->written = 0;
    } else if (result > 0) {
        output->written += (size_t)result;
    }
    if (output->written == output->writing.length) {
        ds_text_clear(&output->writing);
        output->written = 0;
    }
    write_some(output);
    if (!output->busy)
        output->on_idle(output->data);
}

static void write_some(struct output *output)
{
    if (output->busy)
        return;
    if (!output->writing.length) {
        struct ds_text empty = output->writing;
        output->writing = output->waiting;
        output->waiting = empty;
    }
    size_t left = output->writing.length - output->written;
    if (!left)
        return;
    uv_buf_t buffer = uv_buf_init(output->writing.data + output->written,
                                  (unsigned)(left > 65536 ? 65536 : left));
    output->request.data = output;
    output->busy = true;
    uv_fs_write(output->loop, &output->request, output->fd, &buffer, 1, -1, on_written);
}

void output_init(struct output *output, uv_loop_t *loop, int fd, void (*on_idle)(void *data),
                 void *data)
{
    *output = (struct output){.loop = loop, .fd = fd, .on_idle = on_idle, .data = data};
}

void output_finish(struct output *output)
{
    ds_text_finish(&output->waiting);
    ds_text_finish(&output->writing);
}

void output_take(struct output *output, struct ds_text *text)
{
    if (!output->failed)
        ds_text_append_bytes(&output->waiting, text->data, text->length);
    ds_text_clear(text);
    write_some(output);
}

size_t output_waiting(const struct output *output)
{
    return output->waiting.length + output->writing.length - output->written;
}
