/* The data volumes of a stack. Runs its own loop to its end: connect, then list or remove. */
#include "volumes.h"

#include <uv.h>

#include "devstack/base/memory.h"
#include "devstack/docker/engine.h"
#include "devstack/docker/labels.h"

struct job {
    struct ds_http *http;
    struct ds_engine *engine;
    const char *label; /* list these, … */
    struct ds_strings *found;
    const struct ds_strings *names; /* … or remove these */
    size_t next;
    struct ds_error *err;
    bool good;
};

static void end(struct job *job, const struct ds_error *error)
{
    job->good = !error;
    if (error) {
        ds_error_set(job->err, error->code, "%s", error->message);
        if (error->hint)
            ds_error_hint(job->err, "%s", error->hint);
    }
    ds_http_close(job->http, NULL, NULL);
}

static void on_listed(void *data, const struct ds_engine_item *items, size_t count,
                      const struct ds_error *error)
{
    struct job *job = data;
    for (size_t i = 0; !error && i < count; i++)
        ds_strings_add(job->found, items[i].name);
    end(job, error);
}

static void on_removed(void *data, const struct ds_error *error)
{
    struct job *job = data;
    if (error || job->next == job->names->count) {
        end(job, error);
        return;
    }
    ds_engine_remove(job->engine, DS_ENGINE_VOLUMES, job->names->items[job->next++], on_removed,
                     job);
}

static void on_connected(void *data, const struct ds_engine_info *info,
                         const struct ds_error *error)
{
    (void)info;
    struct job *job = data;
    if (error)
        end(job, error);
    else if (job->names)
        on_removed(job, NULL);
    else
        ds_engine_list(job->engine, DS_ENGINE_VOLUMES, job->label, on_listed, job);
}

static bool run(struct job *job, const struct ds_variables *shell)
{
    uv_loop_t loop;
    uv_loop_init(&loop);
    job->http = ds_http_create(&loop);
    job->engine = ds_engine_create(job->http, shell, job->err);
    if (job->engine)
        ds_engine_connect(job->engine, on_connected, job);
    else
        ds_http_close(job->http, NULL, NULL);
    uv_run(&loop, UV_RUN_DEFAULT);
    if (job->engine)
        ds_engine_destroy(job->engine);
    uv_run(&loop, UV_RUN_DEFAULT);
    uv_loop_close(&loop);
    return job->good;
}

bool volumes_list(const struct ds_variables *shell, const char *stack, struct ds_strings *ret_names,
                  struct ds_error *err)
{
    ds_auto_free char *label = ds_printf(DS_LABEL_STACK "=%s", stack);
    struct job job = {.label = label, .found = ret_names, .err = err};
    return run(&job, shell);
}

bool volumes_remove(const struct ds_variables *shell, const struct ds_strings *names,
                    struct ds_error *err)
{
    struct job job = {.names = names, .err = err};
    return run(&job, shell);
}
