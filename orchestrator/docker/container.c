/* Containers: create, start, signal, remove, wait. */
#include "internal.h"

#include <string.h>

#include "container_config.h"

#define STATUS_NOT_MODIFIED 304
#define STATUS_NOT_FOUND    404
#define STATUS_CONFLICT     409

struct create_call {
    struct ds_engine_call call;
    char *what, *name;
    void (*done)(void *data, const char *id, const struct ds_error *error);
    void *data;
};

static void release_create(struct ds_engine_call *call)
{
    struct create_call *create = (struct create_call *)call;
    free(create->what);
    free(create->name);
    free(create);
}

static void on_created(struct ds_engine_call *call, const struct ds_http_answer *answer)
{
    struct create_call *create = (struct create_call *)call;
    ds_auto_error struct ds_error error = {0};
    auto_json json_t *body = engine_answer_json(call->engine, answer, create->what, &error);
    if (!body && answer->status == STATUS_CONFLICT && create->name)
        ds_error_hint(&error, "docker rm -f %s", create->name);
    engine_call_end(call);
    create->done(create->data, body ? engine_json_string(body, "Id") : NULL, body ? NULL : &error);
}

struct ds_engine_call *
ds_container_create(struct ds_engine *engine, const struct ds_container_config *config,
                    void (*done)(void *data, const char *id, const struct ds_error *error),
                    void *data)
{
    struct create_call *create = DS_NEW(struct create_call);
    create->what = ds_printf("create container %s", config->name ? config->name : config->image);
    create->name = ds_strdup(config->name);
    create->done = done;
    create->data = data;
    ds_auto_free char *name = ds_percent_encode(config->name ? config->name : "");
    ds_auto_free char *platform = ds_percent_encode(config->platform ? config->platform : "");
    ds_auto_free char *path = ds_printf("/containers/create?%s%s%s%s", config->name ? "name=" : "",
                                        name, config->platform ? "&platform=" : "", platform);
    engine_call_begin(&create->call, engine, release_create);
    engine_call_send(&create->call, &(struct engine_request){.method = "POST",
                                                             .path = path,
                                                             .json = container_config_json(config),
                                                             .on_answer = on_created});
    return &create->call;
}

struct ds_engine_call *ds_container_start(struct ds_engine *engine, const char *id,
                                          ds_engine_done_fn done, void *data)
{
    static const int already[] = {STATUS_NOT_MODIFIED, 0};
    ds_auto_free char *path = ds_printf("/containers/%s/start", id);
    return engine_plain_call(engine, &(struct engine_request){.method = "POST", .path = path},
                             ds_printf("start container %.12s", id), already, done, data);
}

struct ds_engine_call *ds_container_signal(struct ds_engine *engine, const char *id,
                                           const char *signal, ds_engine_done_fn done, void *data)
{
    ds_auto_free char *encoded = ds_percent_encode(signal);
    ds_auto_free char *path = ds_printf("/containers/%s/kill?signal=%s", id, encoded);
    return engine_plain_call(engine, &(struct engine_request){.method = "POST", .path = path},
                             ds_printf("send %s to container %.12s", signal, id), NULL, done, data);
}

struct remove_call {
    struct ds_engine_call call;
    char *id, *what;
    ds_engine_done_fn done;
    void *data;
};

static void release_remove(struct ds_engine_call *call)
{
    struct remove_call *removal = (struct remove_call *)call;
    free(removal->id);
    free(removal->what);
    free(removal);
}

static void finish_remove(struct ds_engine_call *call, const struct ds_http_answer *answer)
{
    struct remove_call *removal = (struct remove_call *)call;
    ds_auto_error struct ds_error error = {0};
    bool gone = engine_answer_ok(answer) ||
                (answer->outcome == DS_HTTP_ANSWERED && answer->status == STATUS_NOT_FOUND);
    if (!gone)
        engine_fault(call->engine, answer, removal->what, &error);
    engine_call_end(call);
    removal->done(removal->data, gone ? NULL : &error);
}

static bool is_being_removed(const struct ds_http_answer *answer)
{
    if (answer->outcome != DS_HTTP_ANSWERED || answer->status != STATUS_CONFLICT)
        return false;
    ds_auto_free char *words = engine_fault_words(answer);
    return strstr(words, "already in progress") != NULL;
}

static void on_removed(struct ds_engine_call *call, const struct ds_http_answer *answer)
{
    struct remove_call *removal = (struct remove_call *)call;
    if (!is_being_removed(answer)) {
        finish_remove(call, answer);
        return;
    }
    /* Somebody else removes it: gone means that they have finished. */
    ds_auto_free char *path = ds_printf("/containers/%s/wait?condition=removed", removal->id);
    engine_call_send(
        call, &(struct engine_request){.method = "POST", .path = path, .on_answer = finish_remove});
}

struct ds_engine_call *ds_container_remove(struct ds_engine *engine, const char *id,
                                           ds_engine_done_fn done, void *data)
{
    struct remove_call *removal = DS_NEW(struct remove_call);
    removal->id = ds_strdup(id);
    removal->what = ds_printf("remove container %.12s", id);
    removal->done = done;
    removal->data = data;
    ds_auto_free char *path = ds_printf("/containers/%s?force=1&v=1", id);
    engine_call_begin(&removal->call, engine, release_remove);
    engine_call_send(
        &removal->call,
        &(struct engine_request){.method = "DELETE", .path = path, .on_answer = on_removed});
    return &removal->call;
}

struct wait_call {
    struct ds_engine_call call;
    char *what;
    void (*done)(void *data, int exit_code, const struct ds_error *error);
    void *data;
};

static void release_wait(struct ds_engine_call *call)
{
    struct wait_call *waiting = (struct wait_call *)call;
    free(waiting->what);
    free(waiting);
}

static void on_ended(struct ds_engine_call *call, const struct ds_http_answer *answer)
{
    struct wait_call *waiting = (struct wait_call *)call;
    ds_auto_error struct ds_error error = {0};
    auto_json json_t *body = engine_answer_json(call->engine, answer, waiting->what, &error);
    int exit_code = (int)json_integer_value(json_object_get(body, "StatusCode"));
    engine_call_end(call);
    waiting->done(waiting->data, body ? exit_code : -1, body ? NULL : &error);
}

struct ds_engine_call *
ds_container_wait(struct ds_engine *engine, const char *id,
                  void (*done)(void *data, int exit_code, const struct ds_error *error), void *data)
{
    struct wait_call *waiting = DS_NEW(struct wait_call);
    waiting->what = ds_printf("wait for container %.12s", id);
    waiting->done = done;
    waiting->data = data;
    ds_auto_free char *path = ds_printf("/containers/%s/wait", id);
    engine_call_begin(&waiting->call, engine, release_wait);
    engine_call_send(&waiting->call,
                     &(struct engine_request){
                         .method = "POST", .path = path, .endless = true, .on_answer = on_ended});
    return &waiting->call;
}
