/* The frames' state machine: a header may be split anywhere, a frame comes in many pieces. */
#include "log_stream.h"

#include <string.h>

enum { STREAM_STDIN, STREAM_STDOUT, STREAM_STDERR, STREAM_ENGINE_ERROR };

static bool read_header(struct log_stream *stream)
{
    const unsigned char *header = stream->header;
    if (header[0] > STREAM_ENGINE_ERROR || header[1] || header[2] || header[3])
        return false;
    stream->is_stderr = header[0] >= STREAM_STDERR;
    stream->left = (uint32_t)header[4] << 24 | (uint32_t)header[5] << 16 |
                   (uint32_t)header[6] << 8 | (uint32_t)header[7];
    stream->header_length = 0;
    stream->begins = true;
    return true;
}

enum log_stream_result log_stream_feed(struct log_stream *stream, const char *bytes, size_t length)
{
    while (length > 0) {
        size_t taken;
        if (!stream->raw && stream->left == 0) {
            taken = LOG_STREAM_HEADER - stream->header_length;
            taken = taken < length ? taken : length;
            memcpy(stream->header + stream->header_length, bytes, taken);
            stream->header_length += taken;
            if (stream->header_length == LOG_STREAM_HEADER && !read_header(stream))
                return LOG_STREAM_BROKEN;
        } else {
            taken = stream->raw || stream->left > length ? length : stream->left;
            if (!stream->raw)
                stream->left -= (uint32_t)taken;
            if (!stream->output(stream->data, stream->is_stderr, bytes, taken))
                return LOG_STREAM_STOPPED;
            stream->begins = false;
        }
        bytes += taken;
        length -= taken;
    }
    return LOG_STREAM_MORE;
}

bool log_stream_is_complete(const struct log_stream *stream)
{
    return stream->raw || (stream->left == 0 && stream->header_length == 0);
}
