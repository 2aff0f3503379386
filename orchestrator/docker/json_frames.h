/*
 * A stream of JSON objects, one after the other with or without white space between, as the engine
 * sends pull progress and events; a piece may end anywhere.
 */
#ifndef DEVSTACK_DOCKER_JSON_FRAMES_H
#define DEVSTACK_DOCKER_JSON_FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <jansson.h>

#include "devstack/base/text.h"

struct json_frames {
    /* False: no more is wanted. The object is borrowed. */
    bool (*on_object)(void *data, const json_t *object);
    void *data;
    struct ds_text object; /* what came of the present one */
    size_t depth;
    bool in_string, escaped;
};

enum json_frames_result {
    JSON_FRAMES_MORE,
    JSON_FRAMES_STOPPED, /* on_object returned false */
    JSON_FRAMES_BROKEN,  /* this is no stream of JSON objects, or one is larger than 1 MiB */
};

enum json_frames_result json_frames_feed(struct json_frames *frames, const char *bytes,
                                         size_t length);
/* Whether the stream may end here. */
bool json_frames_is_complete(const struct json_frames *frames);
void json_frames_finish(struct json_frames *frames);

#endif
