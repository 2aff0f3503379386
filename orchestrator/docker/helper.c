/*
 * The helper process and the pipe from its stdout. The owner goes when the last handle has closed.
 *
 * Its stdin is a file in memory and no pipe: a helper that ends without reading would make our
 * write to a pipe a SIGPIPE.
 */
#include "helper.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>

#include "devstack/base/file.h"
#include "devstack/base/memory.h"
#include "devstack/base/secret.h"

#define DEADLINE_MS  30000
#define OUTPUT_LIMIT (64 * (size_t)1024)

struct helper {
    uv_process_t process;
    uv_pipe_t out;
    uv_timer_t deadline;
    char *program;
    struct ds_text output;
    char buffer[4096];
    unsigned open_handles;
    bool exited, drained, timed_out;
    int64_t exit_code;
    int signal;
    helper_done_fn done; /* NULL once told or cancelled */
    void *data;
};

static void on_closed(uv_handle_t *handle)
{
    struct helper *helper = handle->data;
    if (--helper->open_handles > 0)
        return;
    ds_wipe(helper->buffer, sizeof(helper->buffer));
    free(helper->program);
    free(helper);
}

static void close_handle(struct helper *helper, uv_handle_t *handle)
{
    if (!uv_is_closing(handle)) {
        handle->data = helper;
        uv_close(handle, on_closed);
    }
}

static void close_all(struct helper *helper)
{
    close_handle(helper, (uv_handle_t *)&helper->deadline);
    close_handle(helper, (uv_handle_t *)&helper->out);
    /* Until the process has been reaped its handle stays, or it would be left a zombie. */
    if (helper->exited)
        close_handle(helper, (uv_handle_t *)&helper->process);
    if (helper->output.data)
        ds_wipe(helper->output.data, helper->output.capacity);
    ds_text_finish(&helper->output);
}

static void tell(struct helper *helper)
{
    if (!helper->exited || !helper->drained || !helper->done)
        return;
    ds_auto_error struct ds_error error = {0};
    bool failed = helper->timed_out || helper->signal;
    if (helper->timed_out)
        ds_error_set(&error, DS_ERROR_TIMEOUT, "%s did not answer within %d s", helper->program,
                     DEADLINE_MS / 1000);
    else if (helper->signal)
        ds_error_set(&error, DS_ERROR_FAILED, "%s was ended by signal %d", helper->program,
                     helper->signal);
    helper_done_fn done = helper->done;
    helper->done = NULL;
    done(helper->data, (int)helper->exit_code, failed ? "" : ds_text_string(&helper->output),
         failed ? &error : NULL);
    close_all(helper);
}

static void on_exited(uv_process_t *process, int64_t exit_code, int signal)
{
    struct helper *helper = process->data;
    helper->exited = true;
    helper->exit_code = exit_code;
    helper->signal = signal;
    if (helper->done)
        tell(helper);
    else
        close_handle(helper, (uv_handle_t *)process);
}

static void on_deadline(uv_timer_t *timer)
{
    struct helper *helper = timer->data;
    helper->timed_out = true;
    if (!helper->exited)
        uv_process_kill(&helper->process, SIGKILL);
    /* Something below it may hold its stdout open. */
    helper->drained = true;
    tell(helper);
}

static void on_allocate(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
    (void)suggested;
    struct helper *helper = handle->data;
    *buffer = uv_buf_init(helper->buffer, sizeof(helper->buffer));
}

static void on_read(uv_stream_t *stream, ssize_t count, const uv_buf_t *buffer)
{
    struct helper *helper = stream->data;
    if (count < 0) {
        helper->drained = true;
        uv_read_stop(stream);
        tell(helper);
        return;
    }
    size_t room = OUTPUT_LIMIT - helper->output.length, got = (size_t)count;
    ds_text_append_bytes(&helper->output, buffer->base, got < room ? got : room);
}

/* A descriptor to read `input` from, or -1 with errno. */
static int open_input(const char *input)
{
    size_t length = strlen(input);
    int fd = memfd_create("devstack-helper-input", MFD_CLOEXEC);
    if (fd >= 0 && (!ds_fd_write_all(fd, input, length) || lseek(fd, 0, SEEK_SET) != 0))
        close(ds_steal_fd(&fd));
    return fd;
}

static int spawn(struct helper *helper, uv_loop_t *loop, const char *path, const char *argument,
                 const char *input, char **environment)
{
    uv_file out[2] = {-1, -1};
    ds_auto_fd int in = open_input(input);
    int result = in < 0 ? -errno : uv_pipe(out, UV_NONBLOCK_PIPE, 0);
    if (result != 0)
        return result;
    char *words[] = {(char *)path, (char *)argument, NULL};
    uv_stdio_container_t stdio[] = {
        {.flags = UV_INHERIT_FD, .data.fd = in},
        {.flags = UV_INHERIT_FD, .data.fd = out[1]},
        {.flags = UV_IGNORE},
    };
    uv_process_options_t options = {.exit_cb = on_exited,
                                    .file = path,
                                    .args = words,
                                    .env = environment,
                                    .stdio_count = 3,
                                    .stdio = stdio};
    helper->open_handles++; /* also when it fails */
    result = uv_spawn(loop, &helper->process, &options);
    close(out[1]);
    uv_pipe_open(&helper->out, out[0]);
    return result;
}

static struct helper *create(uv_loop_t *loop, const char *program)
{
    struct helper *helper = DS_NEW(struct helper);
    helper->program = ds_strdup(program);
    uv_pipe_init(loop, &helper->out, 0);
    uv_timer_init(loop, &helper->deadline);
    helper->process.data = helper->out.data = helper->deadline.data = helper;
    helper->open_handles = 2; /* and the process, once it was tried */
    return helper;
}

struct helper *helper_run(uv_loop_t *loop, const char *program, const char *argument,
                          const char *input, const struct ds_variables *environment,
                          helper_done_fn done, void *data, struct ds_error *err)
{
    const char *search = ds_variables_get(environment, "PATH");
    ds_auto_free char *path = ds_find_executable(program, search ? search : "", "/");
    if (!path) {
        ds_error_set(err, DS_ERROR_MISSING, "%s is not on PATH", program);
        return NULL;
    }
    ds_auto_strings struct ds_strings variables = {0};
    ds_variables_export(environment, &variables);
    struct helper *helper = create(loop, program);
    int result = spawn(helper, loop, path, argument, input, variables.items);
    if (result != 0) {
        ds_error_set_errno(err, DS_ERROR_FAILED, -result, "cannot run %s", path);
        helper->exited = helper->open_handles > 2;
        close_all(helper);
        return NULL;
    }
    helper->done = done;
    helper->data = data;
    uv_read_start((uv_stream_t *)&helper->out, on_allocate, on_read);
    uv_timer_start(&helper->deadline, on_deadline, DEADLINE_MS, 0);
    return helper;
}

void helper_cancel(struct helper *helper)
{
    if (!helper || !helper->done)
        return;
    helper->done = NULL;
    if (!helper->exited)
        uv_process_kill(&helper->process, SIGKILL);
    close_all(helper);
}
