/* Running a command inside a container: create it, start it and read what it says, ask for its exit
 * code. */
#include "internal.h"

#include "log_stream.h"

#define OUTPUT_LIMIT (64 * (size_t)1024)

struct exec_call {
    struct ds_engine_call call;
    char *exec_id, *what;
    struct log_stream stream;
    struct ds_text output;
    void (*done)(void *data, int exit_code, const char *output, const struct ds_error *error);
    void *data;
};

static void release(struct ds_engine_call *call)
{
    struct exec_call *exec = (struct exec_call *)call;
    free(exec->exec_id);
    free(exec->what);
    ds_text_finish(&exec->output);
    free(exec);
}

static void finish(struct exec_call *exec, int exit_code, const struct ds_error *error)
{
    engine_call_end(&exec->call);
    exec->done(exec->data, exit_code, ds_text_string(&exec->output), error);
}

static void on_result(struct ds_engine_call *call, const struct ds_http_answer *answer)
{
    struct exec_call *exec = (struct exec_call *)call;
    ds_auto_error struct ds_error error = {0};
    auto_json json_t *body = engine_answer_json(call->engine, answer, exec->what, &error);
    json_t *exit_code = json_object_get(body, "ExitCode");
    if (json_is_integer(exit_code)) {
        finish(exec, (int)json_integer_value(exit_code), NULL);
        return;
    }
    if (body)
        ds_error_set(&error, DS_ERROR_FAILED, "Cannot %s: the engine tells no exit code",
                     exec->what);
    finish(exec, -1, &error);
}

static bool on_output(void *data, bool is_stderr, const char *bytes, size_t length)
{
    (void)is_stderr;
    struct exec_call *exec = data;
    size_t room = OUTPUT_LIMIT - exec->output.length;
    ds_text_append_bytes(&exec->output, bytes, length < room ? length : room);
    return true;
}

static void on_bytes(struct ds_engine_call *call, const char *bytes, size_t length)
{
    struct exec_call *exec = (struct exec_call *)call;
    if (log_stream_feed(&exec->stream, bytes, length) != LOG_STREAM_BROKEN)
        return;
    ds_auto_error struct ds_error error = {0};
    ds_error_set(&error, DS_ERROR_FAILED, "Cannot %s: the stream's frames are broken", exec->what);
    finish(exec, -1, &error);
}

static void on_finished(struct ds_engine_call *call, const struct ds_http_answer *answer)
{
    struct exec_call *exec = (struct exec_call *)call;
    if (!engine_answer_ok(answer)) {
        ds_auto_error struct ds_error error = {0};
        engine_fault(call->engine, answer, exec->what, &error);
        finish(exec, -1, &error);
        return;
    }
    ds_auto_free char *path = ds_printf("/exec/%s/json", exec->exec_id);
    engine_call_send(
        call, &(struct engine_request){.method = "GET", .path = path, .on_answer = on_result});
}

static void on_created(struct ds_engine_call *call, const struct ds_http_answer *answer)
{
    struct exec_call *exec = (struct exec_call *)call;
    ds_auto_error struct ds_error error = {0};
    auto_json json_t *body = engine_answer_json(call->engine, answer, exec->what, &error);
    if (!body) {
        finish(exec, -1, &error);
        return;
    }
    exec->exec_id = ds_strdup(engine_json_string(body, "Id"));
    exec->stream = (struct log_stream){.output = on_output, .data = exec};
    ds_auto_free char *path = ds_printf("/exec/%s/start", exec->exec_id);
    engine_call_send(
        call, &(struct engine_request){.method = "POST",
                                       .path = path,
                                       .json = json_pack("{s:b, s:b}", "Detach", 0, "Tty", 0),
                                       .endless = true,
                                       .on_answer = on_finished,
                                       .on_data = on_bytes});
}

struct ds_engine_call *ds_container_exec(struct ds_engine *engine, const char *id,
                                         const struct ds_strings *command,
                                         void (*done)(void *data, int exit_code, const char *output,
                                                      const struct ds_error *error),
                                         void *data)
{
    struct exec_call *exec = DS_NEW(struct exec_call);
    exec->what =
        ds_printf("run %s in container %.12s", command->count ? command->items[0] : "nothing", id);
    exec->done = done;
    exec->data = data;
    json_t *words = json_array();
    for (size_t i = 0; i < command->count; i++)
        json_array_append_new(words, json_string(command->items[i]));
    ds_auto_free char *path = ds_printf("/containers/%s/exec", id);
    engine_call_begin(&exec->call, engine, release);
    engine_call_send(&exec->call,
                     &(struct engine_request){.method = "POST",
                                              .path = path,
                                              .json = json_pack("{s:b, s:b, s:o}", "AttachStdout",
                                                                1, "AttachStderr", 1, "Cmd", words),
                                              .on_answer = on_created});
    return &exec->call;
}
