/*
 * Following a running stack: one event stream in, a view out, signals and the times in between.
 *
 * The end comes in two steps: finish() decides the exit code and lets the output drain (a terminal
 * may be held up); when that is done all handles close and the loop drains.
 */
#include "follow.h"

#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "devstack/base/clock.h"
#include "devstack/base/memory.h"
#include "devstack/loop/http.h"
#include "devstack/stack/lease.h"
#include "incoming.h"
#include "launch.h"
#include "output.h"
#include "sse.h"
#include "words.h"

enum { TICK_MS = 100, RETRY_MS = 20, EXIT_WAIT_MS = 2000 };
#define OUTPUT_LIMIT ((size_t)256 * 1024)
#define CONNECT_WAIT (UINT64_C(10) * DS_NS_PER_S)
#define SWEEP_WAIT   (UINT64_C(2) * DS_NS_PER_S)
#define RELEASE_WAIT (UINT64_C(10) * DS_NS_PER_S)
#define BEHIND_WAIT  (UINT64_C(3) * DS_NS_PER_S)
#define NO_CODE      (-1)

static const int watched_signals[] = {SIGINT, SIGTERM, SIGHUP, SIGWINCH, SIGCONT};

struct follow {
    const struct follow_options *options;
    uv_loop_t loop;
    struct ds_http *http;
    struct ds_http_call *stream;
    struct sse sse;
    struct view *view;
    struct output output;
    uv_signal_t signals[DS_COUNT(watched_signals)];
    uv_timer_t tick, retry, timeout;
    struct ds_snapshot *snapshot;
    uint64_t began, resumed_at;
    int stop_requests;
    int stop_code; /* what to exit with when the stop is over; NO_CODE: nobody here asked */
    int code;      /* the exit code, once finishing */
    bool paused, finishing, closed;
    bool live;  /* what had been before has been told; now comes what happens */
    bool ended; /* the stack said so */
};

static uint64_t now(void)
{
    return ds_clock_monotonic(ds_clock_system());
}

/* ---- output ---- */

static void finish(struct follow *follow, int code);
static void close_all(struct follow *follow);

static void hold_up(struct follow *follow, bool paused)
{
    if (follow->paused == paused || !follow->stream)
        return;
    follow->paused = paused;
    follow->resumed_at = paused ? 0 : now();
    ds_http_pause(follow->stream, paused);
}

static void put_out(struct follow *follow)
{
    struct ds_text *text = view_out(follow->view);
    if (text->length)
        output_take(&follow->output, text);
    hold_up(follow, output_waiting(&follow->output) > OUTPUT_LIMIT);
}

static void request_stop(struct follow *follow, int code);

static void on_output_idle(void *data)
{
    struct follow *follow = data;
    hold_up(follow, false);
    if (follow->finishing)
        close_all(follow);
    else if (follow->output.failed && follow->options->view.role == VIEW_FOREGROUND)
        request_stop(follow, DS_ERROR_FAILED);
    else if (follow->output.failed)
        finish(follow, DS_ERROR_FAILED);
}

/* ---- the end ---- */

static void close_all(struct follow *follow)
{
    if (follow->closed || follow->output.busy)
        return;
    follow->closed = true;
    for (size_t i = 0; i < DS_COUNT(watched_signals); i++)
        uv_close((uv_handle_t *)&follow->signals[i], NULL);
    uv_close((uv_handle_t *)&follow->tick, NULL);
    uv_close((uv_handle_t *)&follow->retry, NULL);
    uv_close((uv_handle_t *)&follow->timeout, NULL);
    ds_http_close(follow->http, NULL, NULL);
}

static void finish(struct follow *follow, int code)
{
    if (follow->finishing)
        return;
    follow->finishing = true;
    follow->code = code;
    if (follow->stream)
        ds_http_cancel(ds_steal(follow->stream));
    view_end(follow->view);
    uv_timer_stop(&follow->tick);
    uv_timer_stop(&follow->retry);
    uv_timer_stop(&follow->timeout);
    put_out(follow);
    close_all(follow);
}

/* ---- asking for the end ---- */

static void ignore_answer(void *data, const struct ds_http_answer *answer)
{
    (void)data;
    (void)answer;
}

static void post(struct follow *follow, const char *path)
{
    ds_auto_free char *url = ds_printf("http://devstack%s", path);
    struct ds_http_request request = {
        .method = "POST",
        .url = url,
        .unix_socket = follow->options->identity->socket,
    };
    struct ds_http_events events = {.on_done = ignore_answer};
    ds_http_send(follow->http, &request, &events);
}

/* The first asks politely, the second at once; after that there is nothing left to ask for. */
static void request_stop(struct follow *follow, int code)
{
    if (follow->stop_code == NO_CODE)
        follow->stop_code = code;
    if (follow->stop_requests++ == 0) {
        post(follow, "/api/v1/stack/stop");
        view_stopping(follow->view, now());
    } else if (follow->stop_requests == 2) {
        post(follow, "/api/v1/stack/stop?kill=1");
        view_say(follow->view, "Killing what is left.");
    } else {
        _exit(follow->stop_code);
    }
    put_out(follow);
}

static void detach(struct follow *follow, int code)
{
    view_say(follow->view, "Detached.  %s runs on; stop it with: devstack down",
             follow->options->identity->id);
    finish(follow, code);
}

static void on_end_signal(struct follow *follow, int number)
{
    int code = 128 + number;
    if (follow->finishing)
        _exit(follow->code);
    switch (follow->options->view.role) {
    case VIEW_FOREGROUND:
    case VIEW_DETACHED:
        request_stop(follow, code);
        break;
    case VIEW_ATTACHED:
        detach(follow, number == SIGINT ? DS_OK : code);
        break;
    case VIEW_DOWN:
        view_say(follow->view, "%s goes on stopping.", follow->options->identity->id);
        finish(follow, code);
        break;
    }
}

static void on_signal(uv_signal_t *handle, int number)
{
    struct follow *follow = handle->data;
    if (number == SIGWINCH || number == SIGCONT) {
        struct ds_terminal terminal;
        ds_terminal_inspect(follow->output.fd, &terminal);
        view_resize(follow->view, terminal.columns, terminal.rows);
        if (number == SIGCONT && !follow->finishing)
            view_redraw(follow->view, now());
        put_out(follow);
        return;
    }
    on_end_signal(follow, number);
}

/* ---- what the stack says ---- */

static int failure_code(const struct ds_snapshot *snapshot)
{
    return snapshot_has_failed(snapshot) ? DS_ERROR_SERVICE : DS_OK;
}

static void decide(struct follow *follow)
{
    const struct ds_snapshot *snapshot = follow->snapshot;
    if (follow->stop_requests || follow->finishing)
        return;
    bool settled = snapshot_is_settled(snapshot);
    if (settled)
        uv_timer_stop(&follow->timeout);
    switch (follow->options->view.role) {
    case VIEW_DETACHED:
        if (settled || snapshot_has_failed(snapshot)) {
            view_give_up(follow->view);
            finish(follow, failure_code(snapshot));
        }
        break;
    case VIEW_FOREGROUND:
        if (snapshot_is_over(snapshot)) {
            view_say(follow->view, "Nothing is left to run.");
            request_stop(follow, failure_code(snapshot));
        }
        break;
    case VIEW_ATTACHED:
    case VIEW_DOWN:
        break;
    }
}

static void show_snapshot(struct follow *follow)
{
    if (!follow->options->json)
        view_snapshot(follow->view, follow->snapshot, now());
    decide(follow);
}

static void take_snapshot(struct follow *follow, const char *json, size_t length)
{
    struct ds_snapshot *snapshot = ds_snapshot_from_json(json, length, NULL);
    if (!snapshot)
        return;
    if (follow->snapshot)
        ds_snapshot_unref(follow->snapshot);
    follow->snapshot = snapshot;
    /* A detached start ends at the first failure: it needs the lines before it to show them. */
    if (follow->live || follow->options->view.role != VIEW_DETACHED)
        show_snapshot(follow);
}

static void become_live(struct follow *follow)
{
    follow->live = true;
    if (follow->snapshot && follow->options->view.role == VIEW_DETACHED)
        show_snapshot(follow);
}

static bool wants_json_event(const struct follow *follow, const char *name)
{
    switch (follow->options->view.role) {
    case VIEW_FOREGROUND:
    case VIEW_ATTACHED:
        return !follow->options->view.quiet || strcmp(name, "log") != 0;
    case VIEW_DETACHED:
    case VIEW_DOWN:
        break;
    }
    return false;
}

static void on_event(void *data, const char *name, const char *payload, size_t length)
{
    struct follow *follow = data;
    if (follow->finishing)
        return;
    if (follow->options->json && wants_json_event(follow, name))
        ds_text_appendf(view_out(follow->view), "{\"event\":\"%s\",\"data\":%s}\n", name, payload);
    if (strcmp(name, "stack") == 0)
        take_snapshot(follow, payload, length);
    else if (strcmp(name, "live") == 0)
        become_live(follow);
    else if (strcmp(name, "end") == 0)
        follow->ended = true;
    else if (follow->options->json)
        return;
    else if (strcmp(name, "log") == 0)
        incoming_log(follow->view, payload, length);
    else if (strcmp(name, "gap") == 0)
        incoming_gap(follow->view, payload, length);
}

/* ---- the stream ---- */

static void on_data(void *data, const char *bytes, size_t length)
{
    struct follow *follow = data;
    sse_feed(&follow->sse, bytes, length);
    if (!follow->finishing)
        put_out(follow);
}

static void await_exit(const struct follow *follow)
{
    if (follow->snapshot)
        launch_await_exit(follow->snapshot->pid, EXIT_WAIT_MS);
}

/* A view that fell far behind is cut off when the stack ends: its stream has no end. */
static bool had_fallen_behind(const struct follow *follow)
{
    return follow->paused || (follow->resumed_at && now() - follow->resumed_at < BEHIND_WAIT);
}

static void all_is_over(struct follow *follow)
{
    bool asked_here = follow->stop_code != NO_CODE;
    bool gone = ds_lease_await_release(follow->options->identity, RELEASE_WAIT);
    await_exit(follow);
    if (!follow->options->json)
        view_end(follow->view);
    ds_auto_free char *left = follow->snapshot ? words_left_behind(follow->snapshot) : NULL;
    if (left) {
        if (!follow->options->json)
            view_say(follow->view, "%s", left);
        finish(follow, follow->stop_code > DS_OK ? follow->stop_code : DS_ERROR_MISSING);
        return;
    }
    if (!follow->options->json) {
        view_say(follow->view, "%s",
                 !gone        ? "Stopped, but the orchestrator is still there."
                 : asked_here ? "Everything has stopped."
                              : "The stack was stopped.");
    }
    finish(follow, asked_here ? follow->stop_code : DS_OK);
}

/* The stream has ended without a word. Either the orchestrator was killed, and its guardian now
 * removes what is left, or we were too slow to hear its last words. */
static void lost(struct follow *follow)
{
    const struct ds_identity *identity = follow->options->identity;
    await_exit(follow);
    if (had_fallen_behind(follow) && follow->snapshot->log_folder && !follow->options->json)
        view_say(follow->view, "The last lines were not waited for; all are kept in %s",
                 follow->snapshot->log_folder);
    if (launch_ended_by_itself(follow->options->orchestrator) ||
        (!follow->options->orchestrator && had_fallen_behind(follow))) {
        all_is_over(follow);
        return;
    }
    view_end(follow->view);
    view_say(follow->view,
             "The orchestrator ended unexpectedly; what it started is being removed.");
    put_out(follow);
    if (!ds_lease_await_release(identity, SWEEP_WAIT))
        view_say(follow->view, "Something of %s is still there: devstack doctor", identity->id);
    view_say(follow->view, "Its own log: %s/orchestrator.log", identity->state_folder);
    finish(follow, DS_ERROR_FAILED);
}

static void open_stream(struct follow *follow);

static void on_retry(uv_timer_t *timer)
{
    open_stream(timer->data);
}

/* The lease is taken before the socket is there; and it may be a stack that ends right now. */
static void not_there(struct follow *follow)
{
    bool held = ds_lease_is_held(follow->options->identity, NULL);
    if (held && now() - follow->began < CONNECT_WAIT) {
        uv_timer_start(&follow->retry, on_retry, RETRY_MS, 0);
        return;
    }
    if (held) {
        view_say(follow->view, "%s does not answer on its socket: devstack doctor",
                 follow->options->identity->id);
        finish(follow, DS_ERROR_FAILED);
    } else if (follow->options->view.role == VIEW_DOWN) {
        follow->stop_code = DS_OK;
        all_is_over(follow);
    } else {
        view_say(follow->view, "%s is not running any more.", follow->options->identity->id);
        finish(follow, DS_ERROR_NOT_RUNNING);
    }
}

static void on_done(void *data, const struct ds_http_answer *answer)
{
    (void)answer;
    struct follow *follow = data;
    follow->stream = NULL;
    if (follow->finishing)
        return;
    if (follow->ended)
        all_is_over(follow);
    else if (!follow->snapshot)
        not_there(follow);
    else
        lost(follow);
}

static void open_stream(struct follow *follow)
{
    ds_auto_free char *url = ds_printf("http://devstack/api/v1/stream?topics=services%s%s",
                                       follow->options->view.role == VIEW_DOWN ? "" : ",logs",
                                       follow->options->orchestrator ? "&after=0" : "");
    struct ds_http_request request = {
        .url = url,
        .unix_socket = follow->options->identity->socket,
    };
    struct ds_http_events events = {.on_done = on_done, .on_data = on_data, .data = follow};
    follow->stream = ds_http_send(follow->http, &request, &events);
    if (follow->options->stop && !follow->stop_requests)
        request_stop(follow, DS_OK);
}

/* ---- times ---- */

static void on_tick(uv_timer_t *timer)
{
    struct follow *follow = timer->data;
    /* A terminal that does not keep up gets no more frames. */
    if (follow->options->json || output_waiting(&follow->output))
        return;
    view_tick(follow->view, now());
    put_out(follow);
}

static void on_timeout(uv_timer_t *timer)
{
    struct follow *follow = timer->data;
    ds_auto_free char *time = ds_duration_format(follow->options->timeout);
    view_say(follow->view, "Waited for %s.", time);
    view_give_up(follow->view);
    if (follow->options->view.role == VIEW_FOREGROUND)
        request_stop(follow, DS_ERROR_TIMEOUT);
    else
        finish(follow, DS_ERROR_TIMEOUT);
}

static void open_handles(struct follow *follow)
{
    uv_loop_init(&follow->loop);
    follow->http = ds_http_create(&follow->loop);
    output_init(&follow->output, &follow->loop, STDOUT_FILENO, on_output_idle, follow);
    for (size_t i = 0; i < DS_COUNT(watched_signals); i++) {
        uv_signal_init(&follow->loop, &follow->signals[i]);
        follow->signals[i].data = follow;
        uv_signal_start(&follow->signals[i], on_signal, watched_signals[i]);
    }
    uv_timer_init(&follow->loop, &follow->tick);
    uv_timer_init(&follow->loop, &follow->retry);
    uv_timer_init(&follow->loop, &follow->timeout);
    follow->tick.data = follow->retry.data = follow->timeout.data = follow;
    if (follow->options->view.terminal.interactive)
        uv_timer_start(&follow->tick, on_tick, TICK_MS, TICK_MS);
    if (follow->options->timeout)
        uv_timer_start(&follow->timeout, on_timeout, follow->options->timeout / DS_NS_PER_MS, 0);
}

static void print_last(const struct follow *follow)
{
    if (!follow->options->json || follow->options->view.role != VIEW_DETACHED || !follow->snapshot)
        return;
    ds_auto_free char *json = ds_snapshot_to_json(follow->snapshot);
    puts(json);
}

int follow_stack(const struct follow_options *options)
{
    struct follow follow = {.options = options, .began = now(), .stop_code = NO_CODE};
    follow.view = view_create(&options->view);
    follow.sse = (struct sse){.on_event = on_event, .data = &follow};
    fflush(stdout);
    open_handles(&follow);
    open_stream(&follow);
    uv_run(&follow.loop, UV_RUN_DEFAULT);
    uv_loop_close(&follow.loop);
    print_last(&follow);
    if (follow.snapshot)
        ds_snapshot_unref(follow.snapshot);
    output_finish(&follow.output);
    sse_finish(&follow.sse);
    view_destroy(follow.view);
    return follow.code;
}
