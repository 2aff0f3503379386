/* Finding the end of each object by its braces, outside strings; jansson judges the rest. */
#include "json_frames.h"

#include <string.h>

#include "devstack/base/memory.h"

#define OBJECT_LIMIT     (1024 * (size_t)1024)
#define KEPT_BUFFER      (4 * (size_t)1024)
#define RECORD_SEPARATOR '\x1e' /* of RFC 7464, which newer engines can be asked for */

static bool is_between(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == RECORD_SEPARATOR;
}

/* Follows one byte inside an object. True: it was the object's last. */
static bool step(struct json_frames *frames, char c)
{
    if (frames->in_string) {
        if (frames->escaped)
            frames->escaped = false;
        else if (c == '\\')
            frames->escaped = true;
        else if (c == '"')
            frames->in_string = false;
        return false;
    }
    if (c == '"')
        frames->in_string = true;
    else if (c == '{')
        frames->depth++;
    else if (c == '}')
        return --frames->depth == 0;
    return false;
}

static enum json_frames_result hand_out(struct json_frames *frames)
{
    json_t *object = json_loadb(frames->object.data, frames->object.length, 0, NULL);
    /* One huge object must not keep its memory for the rest of a long stream. */
    if (frames->object.capacity > KEPT_BUFFER)
        ds_text_finish(&frames->object);
    else
        ds_text_clear(&frames->object);
    if (!object)
        return JSON_FRAMES_BROKEN;
    bool more = frames->on_object(frames->data, object);
    json_decref(object);
    return more ? JSON_FRAMES_MORE : JSON_FRAMES_STOPPED;
}

enum json_frames_result json_frames_feed(struct json_frames *frames, const char *bytes,
                                         size_t length)
{
    size_t start = 0;
    for (size_t i = 0; i < length; i++) {
        if (frames->depth == 0) {
            start = i;
            if (is_between(bytes[i]))
                continue;
            if (bytes[i] != '{')
                return JSON_FRAMES_BROKEN;
        }
        if (!step(frames, bytes[i]))
            continue;
        ds_text_append_bytes(&frames->object, bytes + start, i + 1 - start);
        enum json_frames_result result = hand_out(frames);
        if (result != JSON_FRAMES_MORE)
            return result;
    }
    if (frames->depth > 0)
        ds_text_append_bytes(&frames->object, bytes + start, length - start);
    return frames->object.length > OBJECT_LIMIT ? JSON_FRAMES_BROKEN : JSON_FRAMES_MORE;
}

bool json_frames_is_complete(const struct json_frames *frames)
{
    return frames->depth == 0;
}

void json_frames_finish(struct json_frames *frames)
{
    ds_text_finish(&frames->object);
}
