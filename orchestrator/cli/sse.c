/* A parser of server-sent events. */
#include "sse.h"

#include <string.h>

void sse_finish(struct sse *sse)
{
    ds_text_finish(&sse->line);
    ds_text_finish(&sse->name);
    ds_text_finish(&sse->payload);
}

static void dispatch(struct sse *sse)
{
    if (sse->has_payload)
        sse->on_event(sse->data, sse->name.length ? sse->name.data : "message",
                      ds_text_string(&sse->payload), sse->payload.length);
    ds_text_clear(&sse->name);
    ds_text_clear(&sse->payload);
    sse->has_payload = false;
}

static void take_field(struct sse *sse, const char *name, size_t name_length, const char *value)
{
    if (name_length == 5 && memcmp(name, "event", 5) == 0) {
        ds_text_clear(&sse->name);
        ds_text_append(&sse->name, value);
    } else if (name_length == 4 && memcmp(name, "data", 4) == 0) {
        if (sse->has_payload)
            ds_text_append_char(&sse->payload, '\n');
        ds_text_append(&sse->payload, value);
        sse->has_payload = true;
    }
}

static void take_line(struct sse *sse)
{
    const char *line = ds_text_string(&sse->line);
    if (!*line) {
        dispatch(sse);
        return;
    }
    const char *colon = strchr(line, ':');
    if (colon == line)
        return;
    size_t length = colon ? (size_t)(colon - line) : strlen(line);
    const char *value = colon ? colon + 1 : "";
    take_field(sse, line, length, *value == ' ' ? value + 1 : value);
}

void sse_feed(struct sse *sse, const char *bytes, size_t length)
{
    const char *end = bytes + length;
    while (bytes < end) {
        const char *newline = memchr(bytes, '\n', (size_t)(end - bytes));
        const char *stop = newline ? newline : end;
        ds_text_append_bytes(&sse->line, bytes, (size_t)(stop - bytes));
        if (!newline)
            return;
        if (sse->line.length && sse->line.data[sse->line.length - 1] == '\r')
            sse->line.data[--sse->line.length] = '\0';
        take_line(sse);
        ds_text_clear(&sse->line);
        bytes = newline + 1;
    }
}
