/* What the files of follow_*.c share: one client that follows one stack. */
#ifndef CLI_FOLLOW_PRIVATE_H
#define CLI_FOLLOW_PRIVATE_H

#include <signal.h>

#include "devstack/base/clock.h"
#include "devstack/base/memory.h"
#include "devstack/loop/http.h"
#include "follow.h"
#include "output.h"
#include "sse.h"

#define NO_CODE        (-2)
#define FOLLOW_SIGNALS 5

struct follow {
    const struct follow_options *options;
    uv_loop_t loop;
    struct ds_http *http;
    struct ds_http_call *stream;
    struct sse sse;
    struct view *view;
    struct output output;
    uv_signal_t signals[FOLLOW_SIGNALS];
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

static inline uint64_t follow_now(void)
{
    return ds_clock_monotonic(ds_clock_system());
}

/* Did an `up` come to a stack that somebody else started? */
static inline bool follow_is_guest(const struct follow *follow)
{
    return !follow->options->orchestrator && (follow->options->view.role == VIEW_ATTACHED ||
                                              follow->options->view.role == VIEW_DETACHED);
}

/* follow.c: what the view has goes out; the end, with this exit code, when all of it is written. */
void follow_put_out(struct follow *follow);
void follow_finish(struct follow *follow, int code);

/* follow_stop.c: asks the stack to end, the second time at once; exits with `code` then. */
void follow_request_stop(struct follow *follow, int code);
/* The signals that end, resize and continue the client. */
void follow_watch_signals(struct follow *follow);
void follow_unwatch_signals(struct follow *follow);

/* follow_stream.c */
void follow_open_stream(struct follow *follow);
void follow_on_event(void *data, const char *name, const char *payload, size_t length);

#endif
