/*
 * Runs a container.
 *
 * It has ended when the engine says so, its output has been read to the end, and it is removed. An
 * engine that goes away in the middle is asked again until it answers; then the container is
 * looked at anew: it runs still, or it ended meanwhile.
 */
#include "container.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "devstack/docker/labels.h"
#include "exit_reason.h"

#define QUIET_MS     75   /* an unterminated line becomes visible after it */
#define OUTPUT_MS    1000 /* without a word of what was written before the end */
#define ASK_AGAIN_MS 250  /* an engine that is away */
#define AUTOPSY_MS   100  /* the engine may learn of an exit before it learns of its cause */
#define CLOSE_MS     5000 /* for the removal when everything is being closed */

static void on_timer(uv_timer_t *timer);
static void look_again(struct container_runner *runner);

static void arm(struct container_runner *runner, uint64_t ms)
{
    uv_timer_start(&runner->timer, on_timer, ms, 0);
}

static void arm_grace(struct container_runner *runner)
{
    arm(runner, runner->base.run.spec->stop_grace / DS_NS_PER_MS);
}

static void cancel(struct ds_engine_call **call)
{
    if (*call)
        ds_engine_cancel(ds_steal(*call));
}

static void drop_calls(struct container_runner *runner)
{
    cancel(&runner->events);
    cancel(&runner->wait);
    cancel(&runner->follow);
}

/* The last steps. */

static void free_when_closed(uv_handle_t *handle)
{
    struct container_runner *runner = handle->data;
    if (--runner->open)
        return;
    void (*on_closed)(void *data) = runner->base.on_closed;
    void *data = runner->base.closed_data;
    ds_reason_clear(&runner->reason);
    free(runner->stop_signal);
    free(runner->base.container);
    free(runner->base.docker_health);
    free(runner);
    on_closed(data);
}

static void close_handles(struct container_runner *runner)
{
    cancel(&runner->call);
    drop_calls(runner);
    for (int i = 0; i < 2; i++)
        if (runner->logs[i])
            ds_log_stream_close(ds_steal(runner->logs[i]));
    if (!uv_is_closing((uv_handle_t *)&runner->timer)) {
        uv_close((uv_handle_t *)&runner->timer, free_when_closed);
        uv_close((uv_handle_t *)&runner->quiet, free_when_closed);
    }
}

/* Nothing is left of it. */
static void finish(struct container_runner *runner)
{
    uv_timer_stop(&runner->timer);
    container_files_remove(runner);
    if (runner->base.closing) {
        close_handles(runner);
        return;
    }
    if (runner->told)
        return;
    runner->told = true;
    if (!runner->reason.code && runner->exited)
        ds_exit_reason(&runner->reason, runner->exit_code << 8);
    struct ds_runner_end end = {.well = runner->exited && runner->exit_code == 0 &&
                                        runner->reason.code == DS_REASON_EXITED,
                                .refused = runner->refused,
                                .has_exit = runner->exited,
                                .exit_status = runner->exit_code << 8};
    ds_reason_copy(&end.reason, &runner->reason);
    runner->base.events.ended(runner->base.events.data, &end);
    ds_reason_clear(&end.reason);
}

/* Its container stays: the log says so, and when the end was asked for, the reason too. */
static void tell_left(struct container_runner *runner, const char *why)
{
    const struct ds_run *run = &runner->base.run;
    ds_auto_free char *text =
        ds_printf("its container %s could not be removed: %s", run->launch->container_name, why);
    if (run->host->logs)
        ds_log_store_say(run->host->logs, run->spec->name, "%s", text);
    if (!runner->stop_asked)
        return;
    ds_reason_set(&runner->reason, DS_REASON_LEFT_BEHIND, "%s", text);
    runner->reason.hint = ds_strdup("the next `devstack up` removes it");
}

static void on_removed(void *data, const struct ds_error *error)
{
    struct container_runner *runner = data;
    runner->call = NULL;
    if (error)
        tell_left(runner, error->message);
    finish(runner);
}

static void remove_container(struct container_runner *runner)
{
    if (runner->removing)
        return;
    runner->removing = true;
    runner->running = false;
    uv_timer_stop(&runner->timer);
    drop_calls(runner);
    cancel(&runner->call);
    if (runner->base.container)
        runner->call =
            ds_container_remove(runner->engine, runner->base.container, on_removed, runner);
    else
        finish(runner);
}

bool container_unwanted(struct container_runner *runner)
{
    if (!runner->stop_asked && !runner->base.closing)
        return false;
    ds_reason_clear(&runner->reason);
    remove_container(runner);
    return true;
}

void container_failed(struct container_runner *runner, bool refused, enum ds_reason_code code,
                      const struct ds_error *error)
{
    ds_reason_set(&runner->reason, code, "%s", error->message);
    runner->reason.hint = ds_strdup(error->hint);
    runner->refused = refused;
    remove_container(runner);
}

/* Output. */

static void on_quiet(uv_timer_t *timer)
{
    struct container_runner *runner = timer->data;
    for (int i = 0; i < 2; i++)
        if (runner->logs[i])
            ds_log_stream_flush(runner->logs[i]);
}

static void on_output(void *data, bool is_stderr, const char *bytes, size_t length)
{
    struct container_runner *runner = data;
    ds_log_stream_write(runner->logs[is_stderr], bytes, length);
    if (length && bytes[length - 1] != '\n')
        uv_timer_start(&runner->quiet, on_quiet, QUIET_MS, 0);
    if (runner->exited && !runner->base.closing)
        arm(runner, OUTPUT_MS);
}

static void on_output_end(void *data, const struct ds_error *error)
{
    struct container_runner *runner = data;
    (void)error; /* an engine that went away is noticed by the wait */
    runner->follow = NULL;
    if (runner->exited)
        remove_container(runner);
}

/* Its end. */

static void went_away(struct container_runner *runner, const struct ds_error *error)
{
    struct ds_reason reason = {0};
    bool news = !runner->away;
    runner->away = true;
    drop_calls(runner);
    ds_reason_set(&reason, DS_REASON_ENGINE, "the engine went away: %s", error->message);
    reason.hint = ds_strdup(error->hint);
    if (news)
        runner->base.events.interrupted(runner->base.events.data, &reason);
    if (runner->kill_asked || runner->grace_over) {
        /* It cannot be ended now; whoever starts next, or the sweep, removes it. */
        ds_reason_clear(&reason);
        tell_left(runner, error->message);
        finish(runner);
        return;
    }
    ds_reason_clear(&reason);
    if (!runner->stop_asked) /* else the grace period's timer runs */
        arm(runner, ASK_AGAIN_MS);
}

static void has_exited(struct container_runner *runner, int exit_code)
{
    runner->exited = true;
    runner->running = false;
    runner->base.pid = 0;
    runner->exit_code = exit_code;
    cancel(&runner->events);
    cancel(&runner->wait);
    /* An engine may end what it follows before the last, unterminated line of a container that
     * ends at once; what is there when it has ended is everything. */
    cancel(&runner->follow);
    runner->follow = ds_container_logs(runner->engine, runner->base.container, false,
                                       &runner->position, on_output, on_output_end, runner);
    arm(runner, OUTPUT_MS);
}

static void on_autopsy(void *data, const struct ds_container_state *state,
                       const struct ds_error *error)
{
    struct container_runner *runner = data;
    runner->call = NULL;
    bool out_of_memory = !error && state->oom_killed;
    if (!out_of_memory && !runner->autopsied) {
        runner->autopsied = true;
        arm(runner, AUTOPSY_MS);
        return;
    }
    if (out_of_memory && !runner->stop_asked)
        ds_reason_set(&runner->reason, DS_REASON_OUT_OF_MEMORY,
                      "killed because it used more memory than it may");
    has_exited(runner, runner->exit_code);
}

static void examine(struct container_runner *runner)
{
    cancel(&runner->call);
    runner->call = ds_container_inspect(runner->engine, runner->base.container, on_autopsy, runner);
}

static void on_waited(void *data, int exit_code, const struct ds_error *error)
{
    struct container_runner *runner = data;
    runner->wait = NULL;
    if (error) {
        went_away(runner, error);
        return;
    }
    if (exit_code != 128 + SIGKILL || runner->stop_asked) {
        has_exited(runner, exit_code);
        return;
    }
    runner->exit_code = exit_code;
    cancel(&runner->call);
    runner->call = ds_container_inspect(runner->engine, runner->base.container, on_autopsy, runner);
}

static void follow(struct container_runner *runner)
{
    runner->wait = ds_container_wait(runner->engine, runner->base.container, on_waited, runner);
    runner->follow = ds_container_logs(runner->engine, runner->base.container, true,
                                       &runner->position, on_output, on_output_end, runner);
}

/* Docker's HEALTHCHECK. */

static void take_health(struct container_runner *runner, const char *health)
{
    free(runner->base.docker_health);
    runner->base.docker_health = ds_strdup(health);
    if (runner->base.health_changed)
        runner->base.health_changed(runner->base.health_data);
}

static void on_health_look(void *data, const struct ds_container_state *state,
                           const struct ds_error *error)
{
    struct container_runner *runner = data;
    runner->call = NULL;
    if (!error && state->health)
        take_health(runner, state->health); /* an engine that went away is noticed by the wait */
}

/* A step that is under way instead ends it, or looks at its state itself. */
static void look_at_health(struct container_runner *runner)
{
    if (!runner->call && runner->running)
        runner->call =
            ds_container_inspect(runner->engine, runner->base.container, on_health_look, runner);
}

static void on_event(void *data, const struct ds_engine_event *event)
{
    static const char prefix[] = "health_status: ";
    struct container_runner *runner = data;
    if (!event) /* events may have been missed */
        look_at_health(runner);
    else if (ds_string_equal(event->container, runner->base.container) &&
             ds_string_starts(event->action, prefix))
        take_health(runner, event->action + sizeof(prefix) - 1);
}

static void listen_to_health(struct container_runner *runner)
{
    const char *run = ds_variables_get(&runner->base.run.launch->labels, DS_LABEL_RUN);
    ds_auto_free char *label = run ? ds_printf(DS_LABEL_RUN "=%s", run) : NULL;
    runner->events = ds_engine_events(runner->engine, label, on_event, runner);
}

/* Running. */

static void send_signal(struct container_runner *runner);

static void take_state(struct container_runner *runner, const struct ds_container_state *state)
{
    bool local = ds_engine_is_local(runner->engine);
    runner->base.pid = local ? state->pid : 0;
    runner->base.has_docker_health = state->has_health;
    if (state->has_health && state->health)
        take_health(runner, state->health);
    if (state->has_health && !runner->events)
        listen_to_health(runner);
    if (!runner->stop_signal && state->stop_signal && *state->stop_signal)
        runner->stop_signal = ds_strdup(state->stop_signal);
}

static void on_first_look(void *data, const struct ds_container_state *state,
                          const struct ds_error *error)
{
    struct container_runner *runner = data;
    runner->call = NULL;
    if (!error)
        take_state(runner, state);
    /* One that has ended already is told as started first; the wait brings its end. */
    runner->running = true;
    runner->base.events.spawned(runner->base.events.data);
    follow(runner);
    if (runner->stop_asked) {
        arm_grace(runner);
        send_signal(runner);
    }
}

void container_started(struct container_runner *runner)
{
    const struct ds_run *run = &runner->base.run;
    runner->logs[0] = ds_log_stream_open(run->host->logs, run->spec->name, DS_LOG_STDOUT);
    runner->logs[1] = ds_log_stream_open(run->host->logs, run->spec->name, DS_LOG_STDERR);
    ds_reason_clear(&runner->reason);
    runner->call =
        ds_container_inspect(runner->engine, runner->base.container, on_first_look, runner);
}

/* After an outage. */
static void on_second_look(void *data, const struct ds_container_state *state,
                           const struct ds_error *error)
{
    struct container_runner *runner = data;
    runner->call = NULL;
    if (error && (error->code != DS_ERROR_MISSING || error->unreachable)) {
        went_away(runner, error);
        return;
    }
    runner->away = false;
    if (error) {
        ds_reason_set(&runner->reason, DS_REASON_ENGINE,
                      "its container was removed while the engine was away");
        remove_container(runner);
    } else if (!state->running) {
        has_exited(runner, state->exit_code);
    } else {
        take_state(runner, state);
        runner->base.events.resumed(runner->base.events.data);
        follow(runner);
        if (runner->stop_asked)
            send_signal(runner);
    }
}

static void look_again(struct container_runner *runner)
{
    if (!runner->call)
        runner->call =
            ds_container_inspect(runner->engine, runner->base.container, on_second_look, runner);
}

static void on_timer(uv_timer_t *timer)
{
    struct container_runner *runner = timer->data;
    if (runner->base.closing) {
        finish(runner); /* the engine does not answer in time */
    } else if (runner->exited) {
        remove_container(runner);
    } else if (runner->autopsied) {
        examine(runner);
    } else if (runner->stop_asked) {
        runner->grace_over = true;
        send_signal(runner);
    } else if (runner->away) {
        look_again(runner);
    }
}

/* Wishes. */

static void on_signalled(void *data, const struct ds_error *error)
{
    struct container_runner *runner = data;
    runner->call = NULL;
    /* A polite signal that did not arrive is followed by the grace period's end. */
    if (error && error->code != DS_ERROR_NOT_RUNNING && runner->grace_over && !runner->exited)
        went_away(runner, error);
}

static void send_signal(struct container_runner *runner)
{
    if (!runner->wait) { /* the engine is away, or about to tell how it ended */
        look_again(runner);
        return;
    }
    bool force = runner->kill_asked || runner->grace_over;
    int wanted = runner->base.run.spec->stop_signal;
    ds_auto_free char *name = force || wanted ? ds_signal_name(force ? SIGKILL : wanted) : NULL;
    const char *images = runner->stop_signal ? runner->stop_signal : "SIGTERM";
    cancel(&runner->call);
    runner->call = ds_container_signal(runner->engine, runner->base.container, name ? name : images,
                                       on_signalled, runner);
}

static void end(struct container_runner *runner)
{
    if (runner->exited || runner->removing || runner->told)
        return;
    if (runner->pulling) {
        runner->pulling = false;
        cancel(&runner->call);
        container_unwanted(runner);
    } else if (runner->running) {
        send_signal(runner);
    } /* else the step under way finds it unwanted */
}

static void stop(struct ds_runner *base)
{
    struct container_runner *runner = (struct container_runner *)base;
    if (runner->stop_asked)
        return;
    runner->stop_asked = true;
    if (runner->running)
        arm_grace(runner);
    end(runner);
}

static void force(struct ds_runner *base)
{
    struct container_runner *runner = (struct container_runner *)base;
    runner->stop_asked = runner->kill_asked = runner->grace_over = true;
    end(runner);
}

static void close_runner(struct ds_runner *base)
{
    struct container_runner *runner = (struct container_runner *)base;
    if (runner->told) {
        close_handles(runner);
        return;
    }
    bool creating = !base->container && runner->call && !runner->pulling;
    arm(runner, CLOSE_MS);
    if (runner->removing || creating)
        return; /* what is under way leads to the end */
    remove_container(runner);
    if (!uv_is_closing((uv_handle_t *)&runner->timer))
        arm(runner, CLOSE_MS);
}

static const struct ds_runner_ops ops = {.stop = stop, .kill = force, .close = close_runner};

struct ds_runner *ds_container_runner_start(const struct ds_run *run,
                                            const struct ds_runner_events *events)
{
    struct container_runner *runner = DS_NEW(struct container_runner);
    runner->base.ops = &ops;
    runner->base.run = *run;
    runner->base.events = *events;
    runner->engine = run->host->engine;
    uv_timer_init(run->host->loop, &runner->quiet);
    uv_timer_init(run->host->loop, &runner->timer);
    runner->quiet.data = runner->timer.data = runner;
    runner->open = 2;
    if (runner->engine) {
        container_prepare(runner);
    } else {
        ds_auto_error struct ds_error error = {0};
        ds_error_set(&error, DS_ERROR_MISSING, "there is no engine to run its container");
        container_failed(runner, true, DS_REASON_ENGINE, &error);
    }
    return &runner->base;
}
