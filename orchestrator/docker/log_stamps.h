/*
 * The stamps that the engine puts in front of every piece of a container's output (logs with
 * timestamps=1: RFC 3339 with nanoseconds and a space; Engine API 1.41, "Get container logs"). They
 * are taken away, and tell what was handed out before.
 *
 * A piece is a frame; in a terminal's stream it ends with its line, or after 16 KiB, where the
 * engine cuts long lines. Within one stream stamps never go back, and a cut line has one stamp for
 * all its pieces: a stamp and a number of bytes are a place in the stream.
 */
#ifndef DEVSTACK_DOCKER_LOG_STAMPS_H
#define DEVSTACK_DOCKER_LOG_STAMPS_H

#include "devstack/base/text.h"
#include "devstack/docker/engine.h"

struct log_stamps {
    bool raw;                         /* a terminal's stream */
    struct ds_log_position *position; /* borrowed: kept up to date */
    struct ds_log_position from;      /* where reading began */
    /* Text of any size, never empty. False: no more is wanted, `stamps` itself may be gone. */
    bool (*output)(void *data, bool is_stderr, const char *bytes, size_t length);
    void *data;
    struct log_stamps_stream {
        struct ds_text stamp; /* what came of it */
        bool stamped;         /* the stamp is complete: text follows */
        int64_t at;
        size_t length;    /* of the piece's text so far */
        uint64_t skipped; /* bytes under `from`'s stamp that were dropped */
    } streams[2];
};

void log_stamps_init(struct log_stamps *stamps, struct ds_log_position *position,
                     bool (*output)(void *data, bool is_stderr, const char *bytes, size_t length),
                     void *data);
void log_stamps_finish(struct log_stamps *stamps);
/* The newest stamp of what was read before; 0: nothing was. */
int64_t log_stamps_newest(const struct log_stamps *stamps);
/* `begins`: a frame begins here. False when `output` returned false. */
bool log_stamps_feed(struct log_stamps *stamps, bool is_stderr, bool begins, const char *bytes,
                     size_t length);
/* Nothing more comes: hands out what looked like a stamp's beginning. */
bool log_stamps_end(struct log_stamps *stamps);

#endif
