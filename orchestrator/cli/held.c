/* Log lines that are not shown yet. */
#include "held.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "devstack/base/memory.h"

/* Bytes that a line costs besides its text. */
enum { OVERHEAD = 64 };

static void free_line(struct held *held, struct held_line *line)
{
    held->bytes -= line->length + OVERHEAD;
    free(line->service);
    free(line->text);
}

void held_finish(struct held *held)
{
    for (size_t i = 0; i < held->count; i++)
        free_line(held, &held->items[i]);
    free(held->items);
    *held = (struct held){0};
}

/* A quarter at once, so that a full buffer does not move all of itself for every line. */
static void make_room(struct held *held)
{
    size_t gone = 0;
    while (gone < held->count && held->bytes > HELD_LIMIT - HELD_LIMIT / 4)
        free_line(held, &held->items[gone++]);
    held->count -= gone;
    held->dropped += gone;
    memmove(held->items, held->items + gone, held->count * sizeof(*held->items));
}

void held_add(struct held *held, const struct ds_log_entry *entry)
{
    *DS_VEC_PUSH(held) = (struct held_line){
        .service = ds_strdup(entry->service),
        .text = ds_memdup(entry->text, entry->length),
        .length = entry->length,
        .source = entry->source,
    };
    held->bytes += entry->length + OVERHEAD;
    if (held->bytes > HELD_LIMIT)
        make_room(held);
}

static bool is_of(const struct held_line *line, const char *service)
{
    return !service || strcmp(line->service, service) == 0;
}

size_t held_fitting(const struct held *held, int columns, int prefix, int rows)
{
    size_t fitting = 0;
    for (size_t i = held->count; i-- > 0; fitting++) {
        /* Bytes are columns or more than columns, so this never promises too much room. */
        size_t width = held->items[i].length + (size_t)prefix;
        rows -= 1 + (int)((width ? width - 1 : 0) / (size_t)columns);
        if (rows < 0)
            break;
    }
    return fitting;
}

void held_take(struct held *held, const char *service, size_t most,
               void (*show)(void *data, const struct held_line *line), void *data)
{
    size_t total = 0, seen = 0, kept = 0;
    for (size_t i = 0; i < held->count; i++)
        total += is_of(&held->items[i], service);
    for (size_t i = 0; i < held->count; i++) {
        struct held_line *line = &held->items[i];
        if (!is_of(line, service)) {
            held->items[kept++] = *line;
            continue;
        }
        if (seen++ >= total - (total < most ? total : most))
            show(data, line);
        free_line(held, line);
    }
    held->count = kept;
}
