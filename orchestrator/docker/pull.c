/* Pulling an image: credentials first, then the engine's stream of messages to its end. */
#include "pull.h"

#include <string.h>

#include "credentials.h"
#include "devstack/base/secret.h"
#include "image_name.h"
#include "internal.h"
#include "json_frames.h"
#include "registry_fault.h"

struct pull_call {
    struct ds_engine_call call;
    char *image, *platform, *what;
    struct image_name name;
    struct credentials_lookup *lookup;
    struct ds_error credentials_error; /* told only when the pull fails for want of them */
    struct json_frames frames;
    struct pull_state state;
    bool changed;
    void (*progress)(void *data, const struct ds_pull_progress *progress);
    ds_engine_done_fn done;
    void *data;
};

static void release(struct ds_engine_call *call)
{
    struct pull_call *pull = (struct pull_call *)call;
    credentials_cancel(pull->lookup);
    image_name_finish(&pull->name);
    ds_error_clear(&pull->credentials_error);
    json_frames_finish(&pull->frames);
    pull_state_finish(&pull->state);
    free(pull->image);
    free(pull->platform);
    free(pull->what);
    free(pull);
}

static void finish(struct pull_call *pull, const struct ds_error *error)
{
    engine_call_end(&pull->call);
    pull->done(pull->data, error);
}

/* The registry's refusal, or the engine's. */
static void explain(const struct pull_call *pull, const char *words, struct ds_error *err)
{
    registry_fault(pull->name.registry, words, &pull->credentials_error, err);
    ds_error_prefix(err, "Cannot pull %s", pull->image);
}

static bool on_message(void *data, const json_t *message)
{
    struct pull_call *pull = data;
    if (pull_state_take(&pull->state, message))
        pull->changed = true;
    return true;
}

static void on_bytes(struct ds_engine_call *call, const char *bytes, size_t length)
{
    struct pull_call *pull = (struct pull_call *)call;
    if (json_frames_feed(&pull->frames, bytes, length) == JSON_FRAMES_BROKEN) {
        ds_auto_error struct ds_error error = {0};
        ds_error_set(&error, DS_ERROR_FAILED,
                     "Cannot pull %s: the engine's messages cannot be read", pull->image);
        finish(pull, &error);
        return;
    }
    /* A burst of messages is one piece of news. */
    if (pull->changed && pull->progress) {
        struct ds_pull_progress progress = pull_state_progress(&pull->state);
        pull->progress(pull->data, &progress);
    }
    pull->changed = false;
}

static void on_end(struct ds_engine_call *call, const struct ds_http_answer *answer)
{
    struct pull_call *pull = (struct pull_call *)call;
    ds_auto_error struct ds_error error = {0};
    if (pull->state.error) {
        explain(pull, pull->state.error, &error);
    } else if (answer->outcome != DS_HTTP_ANSWERED) {
        engine_fault(call->engine, answer, pull->what, &error);
        ds_error_prefix(&error, "Cannot pull %s", pull->image);
    } else if (!engine_answer_ok(answer)) {
        ds_auto_free char *words = engine_fault_words(answer);
        explain(pull, words, &error);
    } else if (!json_frames_is_complete(&pull->frames)) {
        ds_error_set(&error, DS_ERROR_FAILED, "Cannot pull %s: the engine's messages broke off",
                     pull->image);
    }
    finish(pull, error.message ? &error : NULL);
}

static void on_credentials(void *data, const char *header, const struct ds_error *error)
{
    struct pull_call *pull = data;
    pull->lookup = NULL;
    if (error)
        ds_error_set(&pull->credentials_error, error->code, "%s", error->message);
    ds_auto_strings struct ds_strings headers = {0};
    if (header)
        ds_strings_addf(&headers, "X-Registry-Auth: %s", header);
    ds_auto_free char *from = ds_percent_encode(pull->name.repository);
    ds_auto_free char *tag = ds_percent_encode(pull->name.version);
    ds_auto_free char *platform = ds_percent_encode(pull->platform ? pull->platform : "");
    ds_auto_free char *path = ds_printf("/images/create?fromImage=%s&tag=%s%s%s", from, tag,
                                        pull->platform ? "&platform=" : "", platform);
    engine_call_send(&pull->call, &(struct engine_request){.method = "POST",
                                                           .path = path,
                                                           .headers = &headers,
                                                           .endless = true,
                                                           .on_answer = on_end,
                                                           .on_data = on_bytes});
    if (headers.count)
        ds_wipe(headers.items[0], strlen(headers.items[0]));
}

static void start(struct ds_engine_call *call)
{
    struct pull_call *pull = (struct pull_call *)call;
    ds_auto_error struct ds_error error = {0};
    if (!image_name_parse(pull->image, &pull->name, &error)) {
        finish(pull, &error);
        return;
    }
    pull->lookup = credentials_find(ds_http_loop(call->engine->http), &call->engine->environment,
                                    pull->name.registry, on_credentials, pull);
}

struct ds_engine_call *
ds_engine_pull(struct ds_engine *engine, const char *image, const char *platform,
               void (*progress)(void *data, const struct ds_pull_progress *progress),
               ds_engine_done_fn done, void *data)
{
    struct pull_call *pull = DS_NEW(struct pull_call);
    pull->image = ds_strdup(image);
    pull->platform = ds_strdup(platform);
    pull->what = ds_printf("pull %s", image);
    pull->frames = (struct json_frames){.on_object = on_message, .data = pull};
    pull->progress = progress;
    pull->done = done;
    pull->data = data;
    engine_call_begin(&pull->call, engine, release);
    engine_call_after(&pull->call, 0, start);
    return &pull->call;
}
