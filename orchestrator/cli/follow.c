/*
 * Following a running stack: one event stream in, a view out, signals and the times in between.
 *
 * The end comes in two steps: follow_finish() decides the exit code and lets the output drain (a
 * terminal may be held up); when that is done all handles close and the loop drains.
 */
#include "follow.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "follow_private.h"

enum { TICK_MS = 100 };
#define OUTPUT_LIMIT ((size_t)256 * 1024)

/* ---- output ---- */

static void close_all(struct follow *follow);

static void hold_up(struct follow *follow, bool paused)
{
    if (follow->paused == paused || !follow->stream)
        return;
    follow->paused = paused;
    follow->resumed_at = paused ? 0 : follow_now();
    ds_http_pause(follow->stream, paused);
}

void follow_put_out(struct follow *follow)
{
    struct ds_text *text = view_out(follow->view);
    if (text->length)
        output_take(&follow->output, text);
    hold_up(follow, output_waiting(&follow->output) > OUTPUT_LIMIT);
}

static void on_output_idle(void *data)
{
    struct follow *follow = data;
    hold_up(follow, false);
    if (follow->finishing)
        close_all(follow);
    else if (follow->output.failed && follow->options->view.role == VIEW_FOREGROUND)
        follow_request_stop(follow, DS_ERROR_FAILED);
    else if (follow->output.failed)
        follow_finish(follow, DS_ERROR_FAILED);
}

/* ---- the end ---- */

static void close_all(struct follow *follow)
{
    if (follow->closed || follow->output.busy)
        return;
    follow->closed = true;
    follow_unwatch_signals(follow);
    uv_close((uv_handle_t *)&follow->tick, NULL);
    uv_close((uv_handle_t *)&follow->retry, NULL);
    uv_close((uv_handle_t *)&follow->timeout, NULL);
    ds_http_close(follow->http, NULL, NULL);
}

void follow_finish(struct follow *follow, int code)
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
    follow_put_out(follow);
    close_all(follow);
}

/* ---- times ---- */

static void on_tick(uv_timer_t *timer)
{
    struct follow *follow = timer->data;
    /* A terminal that does not keep up gets no more frames. */
    if (follow->options->json || output_waiting(&follow->output))
        return;
    view_tick(follow->view, follow_now());
    follow_put_out(follow);
}

static void on_timeout(uv_timer_t *timer)
{
    struct follow *follow = timer->data;
    ds_auto_free char *time = ds_duration_format(follow->options->timeout);
    view_say(follow->view, "Waited for %s.", time);
    view_give_up(follow->view);
    if (follow->options->view.role == VIEW_FOREGROUND)
        follow_request_stop(follow, DS_ERROR_TIMEOUT);
    else
        follow_finish(follow, DS_ERROR_TIMEOUT);
}

static void open_handles(struct follow *follow)
{
    uv_loop_init(&follow->loop);
    follow->http = ds_http_create(&follow->loop);
    output_init(&follow->output, &follow->loop, STDOUT_FILENO, on_output_idle, follow);
    follow_watch_signals(follow);
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
    if (!follow->options->json || follow->options->view.role != VIEW_DETACHED ||
        !follow->snapshot || follow->code == FOLLOW_ENDING)
        return;
    ds_auto_free char *json = ds_snapshot_to_json(follow->snapshot);
    puts(json);
}

int follow_stack(const struct follow_options *options)
{
    struct follow follow = {.options = options, .began = follow_now(), .stop_code = NO_CODE};
    follow.view = view_create(&options->view);
    follow.sse = (struct sse){.on_event = follow_on_event, .data = &follow};
    fflush(stdout);
    open_handles(&follow);
    follow_open_stream(&follow);
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
