/* Server-sent events and the JSON in them. Written by hand rather than through jansson because a
 * log line may hold any bytes, and because this runs once for every line of every service. */
#include "event.h"

#include <inttypes.h>
#include <string.h>

#include "devstack/base/clock.h"

static bool is_continuation(unsigned char byte)
{
    return (byte & 0xc0) == 0x80;
}

/* The length of the well-formed UTF-8 sequence at `at` (Unicode 15, table 3-7), or 0. */
static size_t utf8_length(const unsigned char *at, size_t left)
{
    if (at[0] < 0x80)
        return 1;
    if (at[0] < 0xc2 || at[0] > 0xf4)
        return 0;
    size_t length = at[0] < 0xe0 ? 2 : at[0] < 0xf0 ? 3 : 4;
    if (left < length)
        return 0;
    unsigned char low = at[0] == 0xe0 ? 0xa0 : at[0] == 0xf0 ? 0x90 : 0x80;
    unsigned char high = at[0] == 0xed ? 0x9f : at[0] == 0xf4 ? 0x8f : 0xbf;
    if (at[1] < low || at[1] > high)
        return 0;
    for (size_t i = 2; i < length; i++)
        if (!is_continuation(at[i]))
            return 0;
    return length;
}

static bool is_plain(unsigned char byte)
{
    return byte >= 0x20 && byte < 0x7f && byte != '"' && byte != '\\';
}

static void append_special(struct ds_text *text, unsigned char byte)
{
    switch (byte) {
    case '"':
        ds_text_append(text, "\\\"");
        break;
    case '\\':
        ds_text_append(text, "\\\\");
        break;
    case '\t':
        ds_text_append(text, "\\t");
        break;
    case '\n':
        ds_text_append(text, "\\n");
        break;
    case '\r':
        ds_text_append(text, "\\r");
        break;
    default:
        ds_text_appendf(text, "\\u%04x", byte);
    }
}

void event_append_json_string(struct ds_text *text, const char *bytes, size_t length)
{
    const unsigned char *at = (const unsigned char *)bytes;
    const unsigned char *end = at + length;
    ds_text_append_char(text, '"');
    while (at < end) {
        const unsigned char *run = at;
        while (at < end && is_plain(*at))
            at++;
        ds_text_append_bytes(text, run, (size_t)(at - run));
        if (at == end)
            break;
        size_t valid = utf8_length(at, (size_t)(end - at));
        if (valid > 1)
            ds_text_append_bytes(text, at, valid);
        else if (valid == 1)
            append_special(text, *at);
        else
            ds_text_append(text, "\xef\xbf\xbd");
        at += valid ? valid : 1;
    }
    ds_text_append_char(text, '"');
}

static const char *source_name(enum ds_log_source source)
{
    switch (source) {
    case DS_LOG_STDOUT:
        return "stdout";
    case DS_LOG_STDERR:
        return "stderr";
    case DS_LOG_SYSTEM:
        return "system";
    }
    return "stderr";
}

void event_append_log_json(struct ds_text *text, const struct ds_log_entry *entry)
{
    char time[DS_TIMESTAMP_SIZE];
    ds_timestamp_format(entry->time, time);
    ds_text_appendf(text, "{\"seq\":%" PRIu64 ",\"time\":\"%s\",\"service\":", entry->sequence,
                    time);
    event_append_json_string(text, entry->service, strlen(entry->service));
    ds_text_appendf(text, ",\"stream\":\"%s\",\"partial\":%s,\"text\":", source_name(entry->source),
                    entry->partial ? "true" : "false");
    event_append_json_string(text, entry->text, entry->length);
    ds_text_append_char(text, '}');
}

void event_append(struct ds_text *text, const char *name, uint64_t id, const char *json)
{
    if (id)
        ds_text_appendf(text, "id: %" PRIu64 "\n", id);
    ds_text_append(text, "event: ");
    ds_text_append(text, name);
    ds_text_append(text, "\ndata: ");
    ds_text_append(text, json);
    ds_text_append(text, "\n\n");
}
