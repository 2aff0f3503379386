/* Reading a container's output: ask whether it has a terminal, then take the stream apart. The
 * engine is asked for stamps, so that a later call goes on exactly where this one ended. */
#include "internal.h"

#include "log_stamps.h"
#include "log_stream.h"

#define MARGIN_NS ((int64_t)DS_NS_PER_S) /* by which the streams' stamps may be out of order */

struct logs_call {
    struct ds_engine_call call;
    char *id, *what;
    bool follow;
    struct log_stream stream;
    struct log_stamps stamps;
    void (*output)(void *data, bool is_stderr, const char *bytes, size_t length);
    ds_engine_done_fn done;
    void *data;
};

static void release(struct ds_engine_call *call)
{
    struct logs_call *logs = (struct logs_call *)call;
    log_stamps_finish(&logs->stamps);
    free(logs->id);
    free(logs->what);
    free(logs);
}

static void finish(struct logs_call *logs, const struct ds_error *error)
{
    engine_call_end(&logs->call);
    logs->done(logs->data, error);
}

static bool on_text(void *data, bool is_stderr, const char *bytes, size_t length)
{
    struct logs_call *logs = data;
    logs->output(logs->data, is_stderr, bytes, length);
    return !logs->call.ended;
}

static bool on_output(void *data, bool is_stderr, const char *bytes, size_t length)
{
    struct logs_call *logs = data;
    return log_stamps_feed(&logs->stamps, is_stderr, logs->stream.begins, bytes, length);
}

static void on_bytes(struct ds_engine_call *call, const char *bytes, size_t length)
{
    struct logs_call *logs = (struct logs_call *)call;
    if (log_stream_feed(&logs->stream, bytes, length) != LOG_STREAM_BROKEN)
        return;
    ds_auto_error struct ds_error error = {0};
    ds_error_set(&error, DS_ERROR_FAILED, "Cannot %s: the stream's frames are broken", logs->what);
    finish(logs, &error);
}

static void on_end(struct ds_engine_call *call, const struct ds_http_answer *answer)
{
    struct logs_call *logs = (struct logs_call *)call;
    ds_auto_error struct ds_error error = {0};
    bool whole = log_stream_is_complete(&logs->stream);
    if (!log_stamps_end(&logs->stamps))
        return;
    if (engine_answer_ok(answer) && whole) {
        finish(logs, NULL);
        return;
    }
    if (engine_answer_ok(answer))
        ds_error_set(&error, DS_ERROR_FAILED, "Cannot %s: the stream broke off", logs->what);
    else
        engine_fault(call->engine, answer, logs->what, &error);
    finish(logs, &error);
}

static void on_inspected(struct ds_engine_call *call, const struct ds_http_answer *answer)
{
    struct logs_call *logs = (struct logs_call *)call;
    ds_auto_error struct ds_error error = {0};
    auto_json json_t *body = engine_answer_json(call->engine, answer, logs->what, &error);
    if (!body) {
        finish(logs, &error);
        return;
    }
    logs->stream = (struct log_stream){
        .raw = json_is_true(json_object_get(json_object_get(body, "Config"), "Tty")),
        .output = on_output,
        .data = logs};
    logs->stamps.raw = logs->stream.raw;
    int64_t since = log_stamps_newest(&logs->stamps);
    since = since > MARGIN_NS ? since - MARGIN_NS : 0;
    ds_auto_free char *path =
        ds_printf("/containers/%s/logs?follow=%d&stdout=1&stderr=1&timestamps=1&since=%lld.%09lld",
                  logs->id, logs->follow, (long long)(since / (int64_t)DS_NS_PER_S),
                  (long long)(since % (int64_t)DS_NS_PER_S));
    engine_call_send(call, &(struct engine_request){.method = "GET",
                                                    .path = path,
                                                    .endless = true,
                                                    .on_answer = on_end,
                                                    .on_data = on_bytes});
}

struct ds_engine_call *ds_container_logs(struct ds_engine *engine, const char *id, bool follow,
                                         struct ds_log_position *position,
                                         void (*output)(void *data, bool is_stderr,
                                                        const char *bytes, size_t length),
                                         ds_engine_done_fn done, void *data)
{
    struct logs_call *logs = DS_NEW(struct logs_call);
    logs->id = ds_strdup(id);
    logs->what = ds_printf("read the output of container %.12s", id);
    logs->follow = follow;
    log_stamps_init(&logs->stamps, position, on_text, logs);
    logs->output = output;
    logs->done = done;
    logs->data = data;
    ds_auto_free char *path = ds_printf("/containers/%s/json", id);
    engine_call_begin(&logs->call, engine, release);
    engine_call_send(&logs->call, &(struct engine_request){
                                      .method = "GET", .path = path, .on_answer = on_inspected});
    return &logs->call;
}
