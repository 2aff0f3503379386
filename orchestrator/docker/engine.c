/* The engine itself: made from the user's settings, connected to, destroyed with all its calls. */
#include "internal.h"

#include <stdio.h>

#include "devstack/base/secret.h"

struct ds_engine *ds_engine_create(struct ds_http *http, const struct ds_variables *environment,
                                   struct ds_error *err)
{
    struct engine_address address;
    if (!engine_address_find(environment, &address, err))
        return NULL;
    struct ds_engine *engine = DS_NEW(struct ds_engine);
    engine->http = http;
    engine->address = address;
    for (size_t i = 0; i < environment->count; i++)
        ds_variables_set(&engine->environment, environment->items[i].name,
                         environment->items[i].value);
    return engine;
}

static void forget_version(struct ds_engine *engine)
{
    free(engine->version);
    free(engine->api_version);
    engine->version = engine->api_version = NULL;
}

void ds_engine_destroy(struct ds_engine *engine)
{
    if (!engine)
        return;
    /* The oldest first: calls that consist of calls take those with them. */
    while (engine->calls) {
        struct ds_engine_call *oldest = engine->calls;
        while (oldest->next)
            oldest = oldest->next;
        ds_engine_cancel(oldest);
    }
    forget_version(engine);
    engine_address_finish(&engine->address);
    ds_variables_finish(&engine->environment);
    free(engine);
}

const char *ds_engine_address(const struct ds_engine *engine)
{
    return engine->address.text;
}

bool ds_engine_is_local(const struct ds_engine *engine)
{
    return engine->address.unix_socket != NULL;
}

struct connect_call {
    struct ds_engine_call call;
    void (*done)(void *data, const struct ds_engine_info *info, const struct ds_error *error);
    void *data;
};

static void release(struct ds_engine_call *call)
{
    free(call);
}

static bool read_minor(const json_t *version, const char *key, int *ret_minor)
{
    int major, minor;
    if (sscanf(engine_json_string(version, key), "%d.%d", &major, &minor) != 2 || major != 1)
        return false;
    *ret_minor = minor;
    return true;
}

static bool no_engine(const struct ds_engine *engine, struct ds_error *err)
{
    ds_error_set(err, DS_ERROR_MISSING, "What answers at %s is not a Docker Engine",
                 engine->address.text);
    return ds_error_hint(err, "correct DOCKER_HOST, or `docker context use default`");
}

/* The oldest version that both sides speak: it is the one that this room is tested with. */
static bool negotiate(struct ds_engine *engine, const json_t *version, struct ds_error *err)
{
    int newest, oldest = 0;
    const char *release_name = engine_json_string(version, "Version");
    if (!read_minor(version, "ApiVersion", &newest))
        return no_engine(engine, err);
    read_minor(version, "MinAPIVersion", &oldest);
    if (newest < ENGINE_API_OLDEST_MINOR) {
        ds_error_set(err, DS_ERROR_MISSING,
                     "Docker Engine %s at %s speaks API 1.%d, devstack needs 1.%d (Engine 20.10)",
                     release_name, engine->address.text, newest, ENGINE_API_OLDEST_MINOR);
        return ds_error_hint(err, "upgrade Docker to 20.10 or newer");
    }
    if (oldest > ENGINE_API_NEWEST_MINOR) {
        ds_error_set(err, DS_ERROR_MISSING,
                     "Docker Engine %s at %s wants API 1.%d or newer, devstack speaks up to 1.%d",
                     release_name, engine->address.text, oldest, ENGINE_API_NEWEST_MINOR);
        return ds_error_hint(err, "upgrade devstack");
    }
    forget_version(engine);
    engine->version = ds_strdup(release_name);
    engine->api_version =
        ds_printf("1.%d", oldest > ENGINE_API_OLDEST_MINOR ? oldest : ENGINE_API_OLDEST_MINOR);
    return true;
}

/* Whatever the cause, the engine that is needed is not there. */
static json_t *read_version(const struct ds_engine *engine, const struct ds_http_answer *answer,
                            struct ds_error *err)
{
    json_t *version = engine_answer_json(engine, answer, "ask for its version", err);
    if (version)
        return version;
    json_t *fault = json_loadb(answer->body ? answer->body : "", answer->body_length, 0, NULL);
    if (answer->outcome == DS_HTTP_ANSWERED && !json_is_object(fault))
        no_engine(engine, err);
    else if (answer->outcome == DS_HTTP_TIMED_OUT)
        ds_error_hint(err, "sudo systemctl restart docker");
    err->code = DS_ERROR_MISSING;
    json_decref(fault);
    return NULL;
}

static void on_version(struct ds_engine_call *call, const struct ds_http_answer *answer)
{
    struct connect_call *connect = (struct connect_call *)call;
    struct ds_engine *engine = call->engine;
    ds_auto_error struct ds_error error = {0};
    auto_json json_t *version = read_version(engine, answer, &error);
    bool connected = version && negotiate(engine, version, &error);
    engine_call_end(call);
    struct ds_engine_info info = {.version = engine->version, .api_version = engine->api_version};
    connect->done(connect->data, connected ? &info : NULL, connected ? NULL : &error);
}

struct ds_engine_call *ds_engine_connect(struct ds_engine *engine,
                                         void (*done)(void *data, const struct ds_engine_info *info,
                                                      const struct ds_error *error),
                                         void *data)
{
    struct connect_call *connect = DS_NEW(struct connect_call);
    connect->done = done;
    connect->data = data;
    engine_call_begin(&connect->call, engine, release);
    /* Unlike /_ping its body says it all: versions, the oldest one spoken, the platform. */
    engine_call_send(&connect->call, &(struct engine_request){.method = "GET",
                                                              .path = "/version",
                                                              .unversioned = true,
                                                              .timeout = ENGINE_CONNECT_TIMEOUT_NS,
                                                              .on_answer = on_version});
    return &connect->call;
}
