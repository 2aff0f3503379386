/*
 * Taking apart the stream in which the engine sends a container's stdout and stderr: frames of an
 * 8 byte header (stream number, three zeros, length in network order) and that many bytes. With a
 * terminal there are no frames. Source: Engine API 1.41, "Attach to a container", stream format.
 */
#ifndef DEVSTACK_DOCKER_LOG_STREAM_H
#define DEVSTACK_DOCKER_LOG_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LOG_STREAM_HEADER 8

struct log_stream {
    bool raw; /* a terminal's: everything is stdout */
    /* Pieces of any size, never empty. False: no more is wanted, `bytes` of the feed may be gone.
     */
    bool (*output)(void *data, bool is_stderr, const char *bytes, size_t length);
    void *data;
    unsigned char header[LOG_STREAM_HEADER];
    size_t header_length;
    uint32_t left; /* of the frame's bytes */
    bool is_stderr;
    bool begins; /* for `output`: this piece is the first of a frame */
};

enum log_stream_result {
    LOG_STREAM_MORE,
    LOG_STREAM_STOPPED, /* output returned false; the stream itself may be gone */
    LOG_STREAM_BROKEN,  /* these are no frames */
};

enum log_stream_result log_stream_feed(struct log_stream *stream, const char *bytes, size_t length);
/* Whether the stream may end here. */
bool log_stream_is_complete(const struct log_stream *stream);

#endif
