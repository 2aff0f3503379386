/* Adding up the layers of a pull. */
#include <string.h>

#include "internal.h"
#include "pull.h"

static struct pull_layer *find_layer(struct pull_state *state, const char *id)
{
    for (size_t i = 0; i < state->layers.count; i++)
        if (strcmp(state->layers.items[i].id, id) == 0)
            return &state->layers.items[i];
    struct pull_layer *layer = DS_VEC_PUSH(&state->layers);
    *layer = (struct pull_layer){.id = ds_strdup(id)};
    return layer;
}

static uint64_t detail(const json_t *message, const char *key)
{
    json_int_t number =
        json_integer_value(json_object_get(json_object_get(message, "progressDetail"), key));
    return number > 0 ? (uint64_t)number : 0;
}

static void take_error(struct pull_state *state, const char *words)
{
    if (words[0] && !state->error)
        state->error = ds_strndup(words, strcspn(words, "\r\n"));
}

static void download(struct pull_layer *layer, const json_t *message)
{
    uint64_t total = detail(message, "total");
    if (total)
        layer->total = total;
    layer->done = detail(message, "current");
    if (layer->total < layer->done)
        layer->total = layer->done;
}

bool pull_state_take(struct pull_state *state, const json_t *message)
{
    take_error(state, engine_json_string(json_object_get(message, "errorDetail"), "message"));
    take_error(state, engine_json_string(message, "error"));
    const char *id = engine_json_string(message, "id");
    const char *status = engine_json_string(message, "status");
    /* Messages about the image as a whole have its tag as their id. */
    bool of_layer = strcmp(status, "Pulling fs layer") == 0 || strcmp(status, "Waiting") == 0 ||
                    strcmp(status, "Downloading") == 0 || strcmp(status, "Extracting") == 0 ||
                    strcmp(status, "Verifying Checksum") == 0 ||
                    strcmp(status, "Download complete") == 0 ||
                    strcmp(status, "Pull complete") == 0 || strcmp(status, "Already exists") == 0;
    if (!id[0] || !of_layer)
        return false;
    struct pull_layer *layer = find_layer(state, id);
    if (strcmp(status, "Downloading") == 0) {
        download(layer, message);
    } else if (strcmp(status, "Download complete") == 0) {
        layer->done = layer->total;
    } else if (strcmp(status, "Extracting") == 0) {
        /* A small layer is down before the engine has reported a byte of it. */
        if (!layer->total)
            layer->total = detail(message, "total");
        layer->done = layer->total;
    } else if (strcmp(status, "Pull complete") == 0 || strcmp(status, "Already exists") == 0) {
        layer->done = layer->total;
        layer->complete = true;
    }
    return true;
}

struct ds_pull_progress pull_state_progress(const struct pull_state *state)
{
    struct ds_pull_progress progress = {.layers_total = (unsigned)state->layers.count};
    for (size_t i = 0; i < state->layers.count; i++) {
        const struct pull_layer *layer = &state->layers.items[i];
        progress.bytes_done += layer->done;
        progress.bytes_total += layer->total;
        progress.layers_done += layer->complete;
    }
    return progress;
}

void pull_state_finish(struct pull_state *state)
{
    for (size_t i = 0; i < state->layers.count; i++)
        free(state->layers.items[i].id);
    free(state->layers.items);
    free(state->error);
    *state = (struct pull_state){0};
}
