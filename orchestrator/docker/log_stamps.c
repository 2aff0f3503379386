/* Stamps off, and what was read before dropped. */
#include "log_stamps.h"

#include <string.h>

#include "devstack/base/clock.h"

#define PIECE_LIMIT ((size_t)16 << 10)

void log_stamps_init(struct log_stamps *stamps, struct ds_log_position *position,
                     bool (*output)(void *data, bool is_stderr, const char *bytes, size_t length),
                     void *data)
{
    *stamps = (struct log_stamps){
        .position = position, .from = *position, .output = output, .data = data};
}

void log_stamps_finish(struct log_stamps *stamps)
{
    for (int i = 0; i < 2; i++)
        ds_text_finish(&stamps->streams[i].stamp);
}

int64_t log_stamps_newest(const struct log_stamps *stamps)
{
    int64_t out = stamps->from.streams[0].at, err = stamps->from.streams[1].at;
    return out > err ? out : err;
}

/* How many of the next bytes were handed out before. */
static size_t already_read(struct log_stamps *stamps, bool is_stderr, size_t length)
{
    struct log_stamps_stream *stream = &stamps->streams[is_stderr];
    int64_t from = stamps->from.streams[is_stderr].at;
    if (stream->at != from)
        return stream->at < from ? length : 0;
    uint64_t left = stamps->from.streams[is_stderr].bytes - stream->skipped;
    size_t skip = left < length ? (size_t)left : length;
    stream->skipped += skip;
    return skip;
}

static bool hand_out(struct log_stamps *stamps, bool is_stderr, const char *bytes, size_t length)
{
    size_t skip = already_read(stamps, is_stderr, length);
    if (skip == length)
        return true;
    int64_t at = stamps->streams[is_stderr].at;
    if (stamps->position->streams[is_stderr].at != at) {
        stamps->position->streams[is_stderr].at = at;
        stamps->position->streams[is_stderr].bytes = 0;
    }
    stamps->position->streams[is_stderr].bytes += length - skip;
    return stamps->output(stamps->data, is_stderr, bytes + skip, length - skip);
}

/* The stamp is complete, or is none: then it was text. */
static bool end_stamp(struct log_stamps *stamps, bool is_stderr)
{
    struct log_stamps_stream *stream = &stamps->streams[is_stderr];
    bool known = ds_timestamp_parse(ds_text_string(&stream->stamp), &stream->at);
    stream->stamped = true;
    stream->length = 0;
    bool more = true;
    if (!known && stream->stamp.length) {
        ds_auto_text struct ds_text text = stream->stamp;
        stream->stamp = (struct ds_text){0};
        return hand_out(stamps, is_stderr, text.data, text.length);
    }
    ds_text_clear(&stream->stamp);
    return more;
}

/* Takes from the bytes what belongs to a stamp; `*ret_more` false: no more is wanted. */
static size_t take_stamp(struct log_stamps *stamps, bool is_stderr, const char *bytes,
                         size_t length, bool *ret_more)
{
    struct log_stamps_stream *stream = &stamps->streams[is_stderr];
    size_t taken = 0;
    while (taken < length && stream->stamp.length < DS_TIMESTAMP_SIZE - 1 && bytes[taken] != ' ')
        ds_text_append_char(&stream->stamp, bytes[taken++]);
    if (taken == length)
        return taken;
    int64_t at;
    if (bytes[taken] == ' ' && ds_timestamp_parse(ds_text_string(&stream->stamp), &at))
        taken++;
    *ret_more = end_stamp(stamps, is_stderr);
    return taken;
}

/* The bytes up to the end of the piece that they belong to. */
static size_t take_text(const struct log_stamps *stamps, struct log_stamps_stream *stream,
                        const char *bytes, size_t length)
{
    if (!stamps->raw)
        return length;
    size_t taken = length < PIECE_LIMIT - stream->length ? length : PIECE_LIMIT - stream->length;
    const char *newline = memchr(bytes, '\n', taken);
    if (newline)
        taken = (size_t)(newline - bytes) + 1;
    stream->length += taken;
    if (newline || stream->length == PIECE_LIMIT)
        stream->stamped = false;
    return taken;
}

bool log_stamps_feed(struct log_stamps *stamps, bool is_stderr, bool begins, const char *bytes,
                     size_t length)
{
    struct log_stamps_stream *stream = &stamps->streams[is_stderr];
    if (begins) {
        if (!stream->stamped && !end_stamp(stamps, is_stderr))
            return false;
        stream->stamped = false;
    }
    while (length > 0) {
        size_t taken;
        bool more = true;
        if (!stream->stamped) {
            taken = take_stamp(stamps, is_stderr, bytes, length, &more);
        } else {
            taken = take_text(stamps, stream, bytes, length);
            more = hand_out(stamps, is_stderr, bytes, taken);
        }
        if (!more)
            return false;
        bytes += taken;
        length -= taken;
    }
    return true;
}

bool log_stamps_end(struct log_stamps *stamps)
{
    for (int i = 0; i < 2; i++)
        if (!stamps->streams[i].stamped && !end_stamp(stamps, i == 1))
            return false;
    return true;
}
