/*
 * The latest log entries in a fixed amount of memory; a new one pushes out the oldest.
 */
#ifndef ORCHESTRATOR_LOGS_RING_H
#define ORCHESTRATOR_LOGS_RING_H

#include <stdbool.h>
#include <stddef.h>

#include "devstack/logs/store.h"

struct log_ring {
    char *bytes;
    size_t capacity;
    size_t first; /* place of the oldest record */
    size_t next;  /* place after the newest */
    size_t end;   /* where the upper part stops, while the records go round the end */
    bool wrapped;
    size_t count;
};

/* Takes `capacity` bytes, record headers included, on the first push. */
void log_ring_init(struct log_ring *ring, size_t capacity);
void log_ring_finish(struct log_ring *ring);
/* Copies all but entry->service. An entry that is larger than the ring is left out: false. */
bool log_ring_push(struct log_ring *ring, const struct ds_log_entry *entry);

/* Walks from the oldest to the newest; start with a zeroed cursor. A push makes cursors invalid. */
struct log_ring_cursor {
    size_t seen;
    size_t place;
};
/* False at the end. The text is borrowed until the next push; ret_entry->service is NULL. */
bool log_ring_next(const struct log_ring *ring, struct log_ring_cursor *cursor,
                   struct ds_log_entry *ret_entry);

#endif
