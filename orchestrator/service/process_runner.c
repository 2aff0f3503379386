/*
 * Runs a process (or task) under its supervisor.
 *
 * It has ended when the first process has exited, nothing is left of its tree, and both outputs
 * have come to their end (or a short grace has passed: somebody outside the tree may hold one).
 * What the first process leaves behind is stopped like the process itself would have been.
 */
#include "runner.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "devstack/base/memory.h"
#include "devstack/loop/listeners.h"
#include "exit_reason.h"
#include "output.h"
#include "spawning.h"

#define QUIET_MS     75  /* an unterminated line becomes visible after it */
#define END_GRACE_MS 500 /* between the last process and the end of its outputs */

struct process_runner {
    struct ds_runner base;
    struct ds_output outputs[2];
    struct ds_log_stream *logs[2];
    int output_count; /* 1 with a terminal */
    uv_timer_t quiet; /* until waiting output is shown */
    uv_timer_t grace; /* until force is used; then until outputs are given up */
    int open;         /* handles */
    bool stop_asked, kill_asked;
    bool exited, empty, told;
    int wait_status;
    struct ds_reason reason; /* of a failed spawn, a loss, a daemon */
    bool refused;
};

static void tell_end(struct process_runner *runner)
{
    if (runner->told || runner->base.closing)
        return;
    runner->told = true;
    struct ds_runner_end end = {
        .has_exit = runner->exited, .exit_status = runner->wait_status, .refused = runner->refused};
    end.well = runner->exited && !runner->wait_status && !runner->reason.code;
    if (!runner->reason.code && runner->exited)
        ds_exit_reason(&runner->reason, runner->wait_status);
    ds_reason_copy(&end.reason, &runner->reason);
    runner->base.events.ended(runner->base.events.data, &end);
    ds_reason_clear(&end.reason);
}

static void on_grace(uv_timer_t *timer);

/* The tree is gone: what is missing is the end of the outputs. */
static void check_end(struct process_runner *runner)
{
    if (!runner->empty || runner->base.closing)
        return;
    bool reading = false;
    for (int i = 0; i < runner->output_count; i++)
        reading |= runner->outputs[i].open;
    if (reading) {
        uv_timer_start(&runner->grace, on_grace, END_GRACE_MS, 0);
        return;
    }
    uv_timer_stop(&runner->grace);
    tell_end(runner);
}

static void on_grace(uv_timer_t *timer)
{
    struct process_runner *runner = timer->data;
    if (runner->empty)
        tell_end(runner);
    else if (runner->base.process)
        ds_child_kill(runner->base.process);
}

static void arm_grace(struct process_runner *runner)
{
    uint64_t grace = runner->base.run.spec->stop_grace;
    uv_timer_start(&runner->grace, on_grace, (grace + DS_NS_PER_MS - 1) / DS_NS_PER_MS, 0);
}

static void signal_politely(struct process_runner *runner)
{
    int wanted = runner->base.run.spec->stop_signal;
    if (runner->base.process)
        ds_child_signal(runner->base.process, wanted ? wanted : SIGTERM);
}

/* Output. */

static void on_quiet(uv_timer_t *timer)
{
    struct process_runner *runner = timer->data;
    for (int i = 0; i < 2; i++)
        if (runner->logs[i])
            ds_log_stream_flush(runner->logs[i]);
}

static void take_bytes(struct process_runner *runner, int index, const char *bytes, size_t length)
{
    ds_log_stream_write(runner->logs[index], bytes, length);
    if (bytes[length - 1] != '\n')
        uv_timer_start(&runner->quiet, on_quiet, QUIET_MS, 0);
}

static void on_stdout(void *data, const char *bytes, size_t length)
{
    take_bytes(data, 0, bytes, length);
}

static void on_stderr(void *data, const char *bytes, size_t length)
{
    take_bytes(data, 1, bytes, length);
}

static void on_output_end(void *data)
{
    check_end(data);
}

/* The child's life. */

static void on_spawned(void *data, struct ds_child *child, pid_t pid, uint64_t ns)
{
    struct process_runner *runner = data;
    (void)ns;
    runner->base.pid = pid;
    if (runner->kill_asked)
        ds_child_kill(child);
    else if (runner->stop_asked)
        signal_politely(runner);
    runner->base.events.spawned(runner->base.events.data);
}

static void on_failed(void *data, struct ds_child *child, enum ds_spawn_stage stage,
                      int errno_value)
{
    struct process_runner *runner = data;
    const struct ds_launch *launch = runner->base.run.launch;
    const char *executable = launch->executable ? launch->executable : launch->argv.items[0];
    runner->refused = ds_spawn_failure(launch, executable, stage, errno_value, &runner->reason);
    runner->base.process = NULL;
    ds_child_release(child);
    runner->empty = true;
    check_end(runner);
}

/* Did it leave somebody behind who listens on the service's port? Then it went to the background.
 */
static void look_for_daemon(struct process_runner *runner)
{
    const struct ds_launch *launch = runner->base.run.launch;
    pid_t *pids = NULL;
    size_t count = ds_child_tree(runner->base.process, &pids);
    ds_auto_listeners struct ds_listeners listeners = {0};
    if (!count || !ds_listeners_dump(&listeners, NULL))
        count = 0;
    for (size_t i = 0; count && i < launch->port_count; i++) {
        size_t index = 0;
        const struct ds_listener *one;
        while ((one = ds_listeners_next(&listeners, launch->ports[i].host, &index))) {
            if (!ds_listener_owned_by(one->inode, pids, count, NULL))
                continue;
            runner->refused = true;
            ds_reason_set(&runner->reason, DS_REASON_DAEMONIZED,
                          "its first process exited and left a background process on port %u",
                          (unsigned)launch->ports[i].host);
            runner->reason.hint = ds_strdup("run it in the foreground");
            free(pids);
            return;
        }
    }
    free(pids);
}

static void on_exited(void *data, struct ds_child *child, int wait_status, uint64_t ns)
{
    struct process_runner *runner = data;
    (void)child;
    (void)ns;
    runner->exited = true;
    runner->base.pid = 0;
    runner->wait_status = wait_status;
    if (runner->kill_asked)
        return;
    if (!runner->stop_asked) {
        if (wait_status == 0 && runner->base.run.spec->kind == DS_KIND_PROCESS)
            look_for_daemon(runner);
        arm_grace(runner);
    }
    signal_politely(runner); /* to all that is left */
}

static void on_emptied(void *data, struct ds_child *child)
{
    struct process_runner *runner = data;
    runner->base.process = NULL;
    ds_child_release(child);
    runner->empty = true;
    check_end(runner);
}

static void on_lost(void *data, struct ds_child *child)
{
    struct process_runner *runner = data;
    ds_reason_set(&runner->reason, DS_REASON_LOST,
                  "its supervisor was killed, and everything below it was ended");
    runner->base.pid = 0;
    on_emptied(runner, child);
}

/* Wishes. */

static void stop(struct ds_runner *base)
{
    struct process_runner *runner = (struct process_runner *)base;
    if (runner->stop_asked || runner->empty)
        return;
    runner->stop_asked = true;
    if (!runner->exited)
        arm_grace(runner);
    if (base->pid)
        signal_politely(runner);
}

static void force(struct ds_runner *base)
{
    struct process_runner *runner = (struct process_runner *)base;
    runner->stop_asked = runner->kill_asked = true;
    if (base->process)
        ds_child_kill(base->process);
}

static void free_when_closed(struct process_runner *runner)
{
    if (--runner->open)
        return;
    void (*on_closed)(void *data) = runner->base.on_closed;
    void *data = runner->base.closed_data;
    ds_reason_clear(&runner->reason);
    free(runner);
    on_closed(data);
}

static void on_handle_closed(uv_handle_t *handle)
{
    free_when_closed(handle->data);
}

static void on_output_closed(struct ds_output *output, void *data)
{
    (void)output;
    free_when_closed(data);
}

static void close_runner(struct ds_runner *base)
{
    struct process_runner *runner = (struct process_runner *)base;
    if (base->process) {
        ds_child_kill(base->process);
        ds_child_release(ds_steal(base->process));
    }
    for (int i = 0; i < runner->output_count; i++)
        ds_output_close(&runner->outputs[i]);
    for (int i = 0; i < 2; i++)
        if (runner->logs[i])
            ds_log_stream_close(runner->logs[i]);
    uv_close((uv_handle_t *)&runner->quiet, on_handle_closed);
    uv_close((uv_handle_t *)&runner->grace, on_handle_closed);
}

static const struct ds_runner_ops ops = {.stop = stop, .kill = force, .close = close_runner};

static void open_output(struct process_runner *runner, int index, int fd)
{
    struct ds_output *output = &runner->outputs[index];
    const struct ds_run *run = &runner->base.run;
    output->on_bytes = index ? on_stderr : on_stdout;
    output->on_end = on_output_end;
    output->on_closed = on_output_closed;
    output->data = runner;
    runner->logs[index] =
        ds_log_stream_open(run->host->logs, run->spec->name, index ? DS_LOG_STDERR : DS_LOG_STDOUT);
    ds_output_open(output, run->host->loop, fd);
    runner->output_count++;
    runner->open++;
}

/* Opens the outputs; the child's ends come in `fds`. */
static int open_outputs(struct process_runner *runner, int fds[3])
{
    int ours = -1;
    if (runner->base.run.spec->tty) {
        int rc = ds_output_terminal(&ours, &fds[0]);
        if (rc < 0)
            return rc;
        open_output(runner, 0, ours);
        fds[1] = fds[2] = fds[0];
        return 0;
    }
    for (int i = 0; i < 2; i++) {
        int rc = ds_output_pipe(&ours, &fds[i + 1]);
        if (rc < 0)
            return rc;
        open_output(runner, i, ours);
    }
    return 0;
}

static void close_ends(const int fds[3])
{
    for (int i = 0; i < 3; i++)
        if (fds[i] >= 0 && (i == 0 || fds[i] != fds[i - 1]))
            close(fds[i]);
}

static void spawn(struct process_runner *runner)
{
    static const struct ds_child_events template = {.spawned = on_spawned,
                                                    .failed = on_failed,
                                                    .exited = on_exited,
                                                    .emptied = on_emptied,
                                                    .lost = on_lost};
    const struct ds_run *run = &runner->base.run;
    struct ds_child_events events = template;
    events.data = runner;
    int fds[3] = {-1, -1, -1};
    ds_auto_error struct ds_error err = {0};
    int rc = open_outputs(runner, fds);
    if (rc < 0)
        ds_error_set_errno(&err, DS_ERROR_FAILED, -rc, "its output could not be connected");
    else
        runner->base.process =
            ds_spawn_launched(run->host, run->spec, run->launch, run->launch->executable,
                              &run->launch->argv, fds, &events, &err);
    close_ends(fds);
    if (!runner->base.process) {
        ds_reason_set(&runner->reason, DS_REASON_SPAWN_FAILED, "%s", err.message);
        runner->refused = err.code == DS_ERROR_MISSING;
        runner->empty = true;
        tell_end(runner);
    }
}

struct ds_runner *ds_process_runner_start(const struct ds_run *run,
                                          const struct ds_runner_events *events)
{
    struct process_runner *runner = DS_NEW(struct process_runner);
    runner->base.ops = &ops;
    runner->base.run = *run;
    runner->base.events = *events;
    uv_timer_init(run->host->loop, &runner->quiet);
    uv_timer_init(run->host->loop, &runner->grace);
    runner->quiet.data = runner->grace.data = runner;
    runner->open = 2;
    spawn(runner);
    return &runner->base;
}
