/* A command that exits 0: under the guardian for processes and externals, inside the container for
 * containers. The last line of its output is the answer's text. */
#include "probe.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "devstack/base/memory.h"
#include "exit_reason.h"
#include "output.h"
#include "spawning.h"

#define OUTPUT_LIMIT 4096

struct exec_probe {
    struct ds_probe base;
    struct ds_engine_call *call; /* in a container */
    struct look *look;           /* or a process; the one under way */
    int open;                    /* looks whose output is not closed yet */
    bool closing;
};

struct look {
    struct exec_probe *probe;
    struct ds_child *child;
    struct ds_output output;
    struct ds_text text;
    bool over;
    int wait_status;
};

/* The last line that says something, cut to what a person reads. */
static char *last_line(const char *text)
{
    size_t end = strlen(text);
    while (end && strchr(" \r\n\t", text[end - 1]))
        end--;
    size_t start = end;
    while (start && text[start - 1] != '\n' && end - start < 200)
        start--;
    return ds_strndup(text + start, end - start);
}

static void answer(struct exec_probe *probe, int wait_status, const char *output)
{
    struct ds_reason reason = {0};
    ds_exit_reason(&reason, wait_status);
    ds_auto_free char *line = last_line(output);
    if (wait_status == 0)
        ds_probe_pass(&probe->base, "the check exited with code 0", NULL, false);
    else
        ds_probe_fail(&probe->base, "the check %s%s%s", reason.text, *line ? ": " : "", line);
    ds_reason_clear(&reason);
}

static void close_when_free(struct exec_probe *probe)
{
    if (probe->closing && !probe->open)
        ds_probe_close_soon(&probe->base);
}

static void on_output_closed(struct ds_output *output, void *data)
{
    struct look *look = data;
    struct exec_probe *probe = look->probe;
    (void)output;
    ds_text_finish(&look->text);
    free(look);
    probe->open--;
    close_when_free(probe);
}

/* The look is over or dropped: nothing of it may answer any more. */
static void drop(struct look *look)
{
    look->probe->look = NULL;
    if (look->child) {
        ds_child_kill(look->child);
        ds_child_release(ds_steal(look->child));
    }
    ds_output_close(&look->output);
}

static void answer_when_over(struct look *look)
{
    if (!look->over || look->output.open)
        return;
    struct exec_probe *probe = look->probe;
    ds_auto_free char *text = ds_text_take(&look->text);
    int wait_status = look->wait_status;
    drop(look);
    answer(probe, wait_status, text);
}

static void on_bytes(void *data, const char *bytes, size_t length)
{
    struct look *look = data;
    ds_text_append_bytes(&look->text, bytes, length);
    if (look->text.length > OUTPUT_LIMIT)
        ds_text_drop_front(&look->text, look->text.length - OUTPUT_LIMIT);
}

static void on_output_end(void *data)
{
    answer_when_over(data);
}

static void on_exited(void *data, struct ds_child *child, int wait_status, uint64_t ns)
{
    struct look *look = data;
    (void)ns;
    look->wait_status = wait_status;
    ds_child_kill(child); /* a check leaves nothing running */
}

static void on_emptied(void *data, struct ds_child *child)
{
    struct look *look = data;
    ds_child_release(child);
    look->child = NULL;
    look->over = true;
    answer_when_over(look);
}

static void on_failed(void *data, struct ds_child *child, enum ds_spawn_stage stage,
                      int errno_value)
{
    struct look *look = data;
    struct exec_probe *probe = look->probe;
    const struct ds_launch *launch = probe->base.runner->run.launch;
    struct ds_reason reason = {0};
    ds_spawn_failure(launch, launch->health_exec.items[0], stage, errno_value, &reason);
    ds_child_release(child);
    look->child = NULL;
    drop(look);
    ds_probe_fail(&probe->base, "the check could not run: %s", reason.text);
    ds_reason_clear(&reason);
}

static void on_lost(void *data, struct ds_child *child)
{
    struct look *look = data;
    struct exec_probe *probe = look->probe;
    ds_child_release(child);
    look->child = NULL;
    drop(look);
    ds_probe_fail(&probe->base, "the check was killed");
}

static void look_with_process(struct exec_probe *probe)
{
    const struct ds_run *run = &probe->base.runner->run;
    struct look *look = DS_NEW(struct look);
    look->probe = probe;
    int ours = -1;
    ds_auto_fd int theirs = -1;
    int rc = ds_output_pipe(&ours, &theirs);
    if (rc < 0) {
        free(look);
        ds_probe_fail(&probe->base, "the check could not run: %s", uv_strerror(rc));
        return;
    }
    look->output.on_bytes = on_bytes;
    look->output.on_end = on_output_end;
    look->output.on_closed = on_output_closed;
    look->output.data = look;
    ds_output_open(&look->output, run->host->loop, ours);
    probe->open++;
    probe->look = look;
    struct ds_child_events events = {.failed = on_failed,
                                     .exited = on_exited,
                                     .emptied = on_emptied,
                                     .lost = on_lost,
                                     .data = look};
    ds_auto_error struct ds_error err = {0};
    int fds[3] = {-1, theirs, theirs};
    look->child = ds_spawn_launched(run->host, run->spec, run->launch, NULL,
                                    &run->launch->health_exec, fds, &events, &err);
    if (!look->child) {
        drop(look);
        ds_probe_fail(&probe->base, "the check could not run: %s", err.message);
    }
}

static void on_container_done(void *data, int exit_code, const char *output,
                              const struct ds_error *error)
{
    struct exec_probe *probe = data;
    probe->call = NULL;
    if (error)
        ds_probe_fail(&probe->base, "the check could not run: %s", error->message);
    else
        answer(probe, exit_code << 8, output ? output : "");
}

static void look_once(struct ds_probe *base, uint64_t timeout)
{
    struct exec_probe *probe = (struct exec_probe *)base;
    const struct ds_run *run = &base->runner->run;
    (void)timeout;
    if (run->launch->health_exec.count == 0)
        ds_probe_fail(base, "the check has no command");
    else if (run->spec->kind == DS_KIND_CONTAINER)
        probe->call = ds_container_exec(run->host->engine, base->runner->container,
                                        &run->launch->health_exec, on_container_done, probe);
    else
        look_with_process(probe);
}

static void cancel(struct ds_probe *base)
{
    struct exec_probe *probe = (struct exec_probe *)base;
    if (probe->call)
        ds_engine_cancel(ds_steal(probe->call));
    if (probe->look)
        drop(probe->look);
}

static void close_probe(struct ds_probe *base)
{
    struct exec_probe *probe = (struct exec_probe *)base;
    cancel(base);
    probe->closing = true;
    close_when_free(probe);
}

static const struct ds_probe_ops ops = {.look = look_once, .cancel = cancel, .close = close_probe};

struct ds_probe *ds_probe_exec_create(struct ds_runner *runner)
{
    (void)runner;
    struct exec_probe *probe = DS_NEW(struct exec_probe);
    probe->base.ops = &ops;
    return &probe->base;
}
