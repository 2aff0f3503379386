/*
 * Can an image be had? One that is here can; for any other the registry is asked through the
 * engine, which is what would pull it: its network and its proxy count, not ours.
 */
#include <string.h>

#include "credentials.h"
#include "devstack/base/secret.h"
#include "image_name.h"
#include "internal.h"
#include "registry_fault.h"

#define STATUS_NOT_FOUND 404
/* A registry that takes longer for one manifest would not give an image in useful time either. */
#define REGISTRY_TIMEOUT_NS (10 * DS_NS_PER_S)

struct available_call {
    struct ds_engine_call call;
    char *image, *what;
    struct image_name name;
    struct credentials_lookup *lookup;
    struct ds_error credentials_error; /* told only when the registry wants a login */
    ds_engine_done_fn done;
    void *data;
};

static void release(struct ds_engine_call *call)
{
    struct available_call *available = (struct available_call *)call;
    credentials_cancel(available->lookup);
    image_name_finish(&available->name);
    ds_error_clear(&available->credentials_error);
    free(available->image);
    free(available->what);
    free(available);
}

static void finish(struct available_call *available, const struct ds_error *error)
{
    engine_call_end(&available->call);
    available->done(available->data, error && error->message ? error : NULL);
}

/* Engines that are only compatible with Docker's have no such question; then the pull will tell. */
static bool cannot_ask(const struct ds_http_answer *answer, const char *words)
{
    return answer->status == STATUS_NOT_FOUND &&
           (strcmp(words, "page not found") == 0 || ds_string_ends(words, " is not supported") ||
            ds_string_starts(words, "HTTP status"));
}

static void on_registry(struct ds_engine_call *call, const struct ds_http_answer *answer)
{
    struct available_call *available = (struct available_call *)call;
    const char *registry = available->name.registry;
    ds_auto_error struct ds_error error = {0};
    if (answer->outcome == DS_HTTP_TIMED_OUT) {
        registry_fault(registry, "no answer within 10 s (i/o timeout)",
                       &available->credentials_error, &error);
    } else if (answer->outcome != DS_HTTP_ANSWERED) {
        engine_fault(call->engine, answer, available->what, &error);
    } else if (!engine_answer_ok(answer)) {
        ds_auto_free char *words = engine_fault_words(answer);
        if (!cannot_ask(answer, words))
            registry_fault(registry, words, &available->credentials_error, &error);
    }
    finish(available, &error);
}

static void on_credentials(void *data, const char *header, const struct ds_error *error)
{
    struct available_call *available = data;
    available->lookup = NULL;
    if (error)
        ds_error_set(&available->credentials_error, error->code, "%s", error->message);
    ds_auto_strings struct ds_strings headers = {0};
    if (header)
        ds_strings_addf(&headers, "X-Registry-Auth: %s", header);
    ds_auto_free char *encoded = ds_percent_encode(available->image);
    ds_auto_free char *path = ds_printf("/distribution/%s/json", encoded);
    engine_call_send(&available->call, &(struct engine_request){.method = "GET",
                                                                .path = path,
                                                                .headers = &headers,
                                                                .timeout = REGISTRY_TIMEOUT_NS,
                                                                .on_answer = on_registry});
    if (headers.count)
        ds_wipe(headers.items[0], strlen(headers.items[0]));
}

static void on_presence(struct ds_engine_call *call, const struct ds_http_answer *answer)
{
    struct available_call *available = (struct available_call *)call;
    ds_auto_error struct ds_error error = {0};
    if (answer->outcome == DS_HTTP_ANSWERED && answer->status == STATUS_NOT_FOUND) {
        available->lookup =
            credentials_find(ds_http_loop(call->engine->http), &call->engine->environment,
                             available->name.registry, on_credentials, available);
        return;
    }
    if (!engine_answer_ok(answer))
        engine_fault(call->engine, answer, available->what, &error);
    finish(available, &error);
}

static void start(struct ds_engine_call *call)
{
    struct available_call *available = (struct available_call *)call;
    ds_auto_error struct ds_error error = {0};
    if (!image_name_parse(available->image, &available->name, &error)) {
        finish(available, &error);
        return;
    }
    ds_auto_free char *encoded = ds_percent_encode(available->image);
    ds_auto_free char *path = ds_printf("/images/%s/json", encoded);
    engine_call_send(
        call, &(struct engine_request){.method = "GET", .path = path, .on_answer = on_presence});
}

struct ds_engine_call *ds_engine_image_available(struct ds_engine *engine, const char *image,
                                                 ds_engine_done_fn done, void *data)
{
    struct available_call *available = DS_NEW(struct available_call);
    available->image = ds_strdup(image);
    available->what = ds_printf("look for image %s", image);
    available->done = done;
    available->data = data;
    engine_call_begin(&available->call, engine, release);
    engine_call_after(&available->call, 0, start);
    return &available->call;
}
