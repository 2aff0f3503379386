/*
 * Bytes into pieces of lines.
 *
 * A piece is a whole line without its newline, or part of one that is longer than
 * DS_LOG_PIECE_MAX or was flushed before its end. Joining all pieces, with a newline after each
 * that is not partial, gives the input again. Only '\n' ends a line: a CR before it stays in the
 * text.
 */
#ifndef ORCHESTRATOR_LOGS_FRAMER_H
#define ORCHESTRATOR_LOGS_FRAMER_H

#include <stdbool.h>
#include <stddef.h>

#include "devstack/base/text.h"

#define DS_LOG_PIECE_MAX ((size_t)16 * 1024)

struct log_framer {
    /* `text` is borrowed for the call and never holds a newline. */
    void (*on_piece)(void *data, const char *text, size_t length, bool partial);
    void *data;
    struct ds_text held; /* the line so far, at most DS_LOG_PIECE_MAX */
    bool within_line;    /* a partial piece was put out last */
};

void log_framer_init(struct log_framer *framer,
                     void (*on_piece)(void *data, const char *text, size_t length, bool partial),
                     void *data);
void log_framer_finish(struct log_framer *framer);
void log_framer_feed(struct log_framer *framer, const char *bytes, size_t length);
/* Puts out what waits for its newline, as a partial piece. */
void log_framer_flush(struct log_framer *framer);
/* The end of input: an unterminated line is put out as a whole one. */
void log_framer_end(struct log_framer *framer);

#endif
