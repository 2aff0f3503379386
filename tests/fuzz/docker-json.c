/* The stream of JSON objects in which pull progress and events come. The first byte says where the
 * stream is split. */
#include <stdlib.h>

#include "orchestrator/docker/json_frames.h"
#include "orchestrator/docker/pull.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool take(void *data, const json_t *message)
{
    pull_state_take(data, message);
    struct ds_pull_progress progress = pull_state_progress(data);
    if (progress.layers_done > progress.layers_total)
        abort();
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    const char *text = (const char *)data + 1;
    size_t length = size - 1, split = length ? data[0] % length : 0;
    struct pull_state state = {0};
    struct json_frames frames = {.on_object = take, .data = &state};
    if (json_frames_feed(&frames, text, split) == JSON_FRAMES_MORE)
        json_frames_feed(&frames, text + split, length - split);
    json_frames_finish(&frames);
    pull_state_finish(&state);
    return 0;
}
