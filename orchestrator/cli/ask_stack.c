/* Asking a running stack one question. */
#include "ask.h"

#include <uv.h>

#include "devstack/base/clock.h"
#include "devstack/base/memory.h"
#include "devstack/loop/http.h"
#include "devstack/stack/lease.h"

#define PATIENCE (UINT64_C(10) * DS_NS_PER_S)

struct question {
    struct ds_http *http;
    const struct ds_identity *identity;
    char *body;
    struct ds_error *err;
};

static void on_done(void *data, const struct ds_http_answer *answer)
{
    struct question *question = data;
    if (answer->outcome == DS_HTTP_ANSWERED && answer->status == 200)
        question->body = ds_strndup(answer->body, answer->body_length);
    else if (answer->outcome == DS_HTTP_ANSWERED)
        ds_error_set(question->err, DS_ERROR_FAILED, "%s answered with status %d",
                     question->identity->id, answer->status);
    else
        ds_error_set(question->err, DS_ERROR_FAILED, "%s does not answer on its socket: %s",
                     question->identity->id, answer->message ? answer->message : "no connection");
    ds_http_close(question->http, NULL, NULL);
}

char *ask_stack(const struct ds_identity *identity, const char *path, struct ds_error *err)
{
    if (!ds_lease_is_held(identity, NULL)) {
        ds_error_set(err, DS_ERROR_NOT_RUNNING, "%s is not running", identity->id);
        ds_error_hint(err, "devstack up");
        return NULL;
    }
    uv_loop_t loop;
    uv_loop_init(&loop);
    struct question question = {.identity = identity, .err = err};
    question.http = ds_http_create(&loop);
    ds_auto_free char *url = ds_printf("http://devstack%s", path);
    struct ds_http_request request = {
        .url = url,
        .unix_socket = identity->socket,
        .timeout = PATIENCE,
    };
    struct ds_http_events events = {.on_done = on_done, .data = &question};
    ds_http_send(question.http, &request, &events);
    uv_run(&loop, UV_RUN_DEFAULT);
    uv_loop_close(&loop);
    return question.body;
}
