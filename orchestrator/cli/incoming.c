/* Events of the stream that carry log lines, handed to the view. */
#include "incoming.h"

#include <jansson.h>
#include <string.h>

static enum ds_log_source source_of(const char *name)
{
    if (strcmp(name, "stdout") == 0)
        return DS_LOG_STDOUT;
    return strcmp(name, "stderr") == 0 ? DS_LOG_STDERR : DS_LOG_SYSTEM;
}

void incoming_log(struct view *view, const char *json, size_t length)
{
    json_t *object = json_loadb(json, length, JSON_ALLOW_NUL, NULL);
    const char *service, *stream, *text;
    size_t text_length;
    if (object && json_unpack(object, "{s:s, s:s, s:s%}", "service", &service, "stream", &stream,
                              "text", &text, &text_length) == 0) {
        struct ds_log_entry entry = {
            .service = service,
            .source = source_of(stream),
            .text = text,
            .length = text_length,
        };
        view_log(view, &entry);
    }
    json_decref(object);
}

void incoming_gap(struct view *view, const char *json, size_t length)
{
    json_t *object = json_loadb(json, length, 0, NULL);
    json_int_t skipped;
    if (object && json_unpack(object, "{s:I}", "skipped", &skipped) == 0)
        view_gap(view, (uint64_t)skipped);
    json_decref(object);
}
