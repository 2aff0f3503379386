/* Cuts a byte stream at its newlines, holding at most one piece in memory. */
#include "framer.h"

#include <string.h>

void log_framer_init(struct log_framer *framer,
                     void (*on_piece)(void *data, const char *text, size_t length, bool partial),
                     void *data)
{
    *framer = (struct log_framer){.on_piece = on_piece, .data = data};
}

void log_framer_finish(struct log_framer *framer)
{
    ds_text_finish(&framer->held);
}

static void put_out(struct log_framer *framer, const char *text, size_t length, bool partial)
{
    framer->within_line = partial;
    framer->on_piece(framer->data, text, length, partial);
}

static void put_out_held(struct log_framer *framer, size_t length, bool partial)
{
    put_out(framer, ds_text_string(&framer->held), length, partial);
    ds_text_drop_front(&framer->held, length);
}

/* Where to cut a full buffer: before a UTF-8 sequence that would not be whole. */
static size_t cut_before_split_character(const char *text, size_t length)
{
    for (size_t back = 1; back <= 3 && back < length; back++) {
        unsigned char c = (unsigned char)text[length - back];
        if ((c & 0xc0) == 0x80)
            continue;
        size_t sequence = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc0 ? 2 : 1;
        return sequence > back ? length - back : length;
    }
    return length;
}

/* A full buffer is put out only when more of the line comes, so that a line of exactly the maximum
 * is one piece. */
static void hold(struct log_framer *framer, const char *bytes, size_t length)
{
    while (length > 0) {
        if (framer->held.length == DS_LOG_PIECE_MAX)
            put_out_held(framer, cut_before_split_character(framer->held.data, DS_LOG_PIECE_MAX),
                         true);
        size_t room = DS_LOG_PIECE_MAX - framer->held.length;
        size_t taken = length < room ? length : room;
        ds_text_append_bytes(&framer->held, bytes, taken);
        bytes += taken;
        length -= taken;
    }
}

void log_framer_feed(struct log_framer *framer, const char *bytes, size_t length)
{
    const char *end = bytes + length;
    while (bytes < end) {
        const char *newline = memchr(bytes, '\n', (size_t)(end - bytes));
        size_t content = (size_t)((newline ? newline : end) - bytes);
        if (newline && framer->held.length == 0 && content <= DS_LOG_PIECE_MAX) {
            put_out(framer, bytes, content, false);
        } else {
            hold(framer, bytes, content);
            if (newline)
                put_out_held(framer, framer->held.length, false);
        }
        bytes += content + (newline ? 1 : 0);
    }
}

void log_framer_flush(struct log_framer *framer)
{
    if (framer->held.length > 0)
        put_out_held(framer, framer->held.length, true);
}

void log_framer_end(struct log_framer *framer)
{
    if (framer->held.length > 0 || framer->within_line)
        put_out_held(framer, framer->held.length, false);
}
