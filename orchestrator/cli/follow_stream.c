/* What a followed stack says: its events, and how its stream begins and ends. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "devstack/stack/lease.h"
#include "follow_private.h"
#include "incoming.h"
#include "launch.h"
#include "progress.h"
#include "words.h"

enum { RETRY_MS = 20, EXIT_WAIT_MS = 2000 };
#define CONNECT_WAIT (UINT64_C(10) * DS_NS_PER_S)
#define SWEEP_WAIT   (UINT64_C(2) * DS_NS_PER_S)
#define RELEASE_WAIT (UINT64_C(10) * DS_NS_PER_S)
#define BEHIND_WAIT  (UINT64_C(3) * DS_NS_PER_S)

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
            follow_finish(follow, failure_code(snapshot));
        }
        break;
    case VIEW_FOREGROUND:
        if (snapshot_is_over(snapshot)) {
            view_say(follow->view, "Nothing is left to run.");
            follow_request_stop(follow, failure_code(snapshot));
        }
        break;
    case VIEW_ATTACHED:
    case VIEW_DOWN:
        break;
    }
}

static void show_snapshot(struct follow *follow)
{
    /* A detached start ends at the first failure: it needs the lines before it to show them. */
    if (!follow->snapshot || (!follow->live && follow->options->view.role == VIEW_DETACHED))
        return;
    if (!follow->options->json)
        view_snapshot(follow->view, follow->snapshot, follow_now());
    decide(follow);
}

/* To look on at the end of a stack is not what `up` was called for. */
static bool came_too_late(const struct follow *follow, bool first)
{
    bool over =
        follow->snapshot->phase == DS_STACK_STOPPING || follow->snapshot->phase == DS_STACK_STOPPED;
    return over && follow_is_guest(follow) &&
           (first || follow->options->view.role == VIEW_DETACHED);
}

static void take_snapshot(struct follow *follow, const char *json, size_t length)
{
    struct ds_snapshot *snapshot = ds_snapshot_from_json(json, length, NULL);
    if (!snapshot)
        return;
    bool first = !follow->snapshot;
    if (!first)
        ds_snapshot_unref(follow->snapshot);
    follow->snapshot = snapshot;
    if (came_too_late(follow, first)) {
        follow_finish(follow, FOLLOW_ENDING);
        return;
    }
    if (first && follow->options->view.role == VIEW_ATTACHED)
        fprintf(stderr, "%s is running already; looking on.\n", follow->options->identity->id);
}

static void become_live(struct follow *follow)
{
    follow->live = true;
    if (follow->options->view.role == VIEW_DETACHED)
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

void follow_on_event(void *data, const char *name, const char *payload, size_t length)
{
    struct follow *follow = data;
    if (follow->finishing)
        return;
    if (strcmp(name, "stack") == 0)
        take_snapshot(follow, payload, length);
    if (follow->finishing)
        return;
    if (follow->options->json && wants_json_event(follow, name))
        ds_text_appendf(view_out(follow->view), "{\"event\":\"%s\",\"data\":%s}\n", name, payload);
    if (strcmp(name, "stack") == 0)
        show_snapshot(follow);
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
        follow_put_out(follow);
}

static void await_exit(const struct follow *follow)
{
    if (follow->snapshot)
        launch_await_exit(follow->snapshot->pid, EXIT_WAIT_MS);
}

/* A view that fell far behind is cut off when the stack ends: its stream has no end. */
static bool had_fallen_behind(const struct follow *follow)
{
    return follow->paused ||
           (follow->resumed_at && follow_now() - follow->resumed_at < BEHIND_WAIT);
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
        follow_finish(follow, follow->stop_code > DS_OK ? follow->stop_code : DS_ERROR_MISSING);
        return;
    }
    if (!follow->options->json) {
        view_say(follow->view, "%s",
                 !gone        ? "Stopped, but the orchestrator is still there."
                 : asked_here ? "Everything has stopped."
                              : "The stack was stopped.");
    }
    if (asked_here)
        follow_finish(follow, follow->stop_code);
    else
        follow_finish(follow,
                      follow->options->view.role == VIEW_DETACHED ? DS_ERROR_NOT_RUNNING : DS_OK);
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
    follow_put_out(follow);
    if (!ds_lease_await_release(identity, SWEEP_WAIT))
        view_say(follow->view, "Something of %s is still there: devstack doctor", identity->id);
    view_say(follow->view, "Its own log: %s/orchestrator.log", identity->state_folder);
    follow_finish(follow, DS_ERROR_FAILED);
}

static void on_retry(uv_timer_t *timer)
{
    follow_open_stream(timer->data);
}

/* The lease is taken before the socket is there; and it may be a stack that ends right now. */
static void not_there(struct follow *follow)
{
    bool held = ds_lease_is_held(follow->options->identity, NULL);
    if (!held && follow_is_guest(follow)) {
        follow_finish(follow, FOLLOW_ENDING);
        return;
    }
    if (held && follow_now() - follow->began < CONNECT_WAIT) {
        uv_timer_start(&follow->retry, on_retry, RETRY_MS, 0);
        return;
    }
    if (held) {
        view_say(follow->view, "%s does not answer on its socket: devstack doctor",
                 follow->options->identity->id);
        follow_finish(follow, DS_ERROR_FAILED);
    } else if (follow->options->view.role == VIEW_DOWN) {
        follow->stop_code = DS_OK;
        all_is_over(follow);
    } else {
        view_say(follow->view, "%s is not running any more.", follow->options->identity->id);
        follow_finish(follow, DS_ERROR_NOT_RUNNING);
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

void follow_open_stream(struct follow *follow)
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
        follow_request_stop(follow, DS_OK);
}
