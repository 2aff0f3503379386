/* Records of differing size in one circular buffer, each in one stretch. */
#include "ring.h"

#include <string.h>

#include "devstack/base/memory.h"

struct record {
    uint64_t sequence;
    int64_t time;
    size_t length;
    enum ds_log_source source;
    bool partial;
    char text[];
};

static size_t record_size(size_t length)
{
    size_t unit = _Alignof(struct record);
    return (sizeof(struct record) + length + unit - 1) / unit * unit;
}

static struct record *record_at(const struct log_ring *ring, size_t place)
{
    return (void *)(ring->bytes + place);
}

void log_ring_init(struct log_ring *ring, size_t capacity)
{
    *ring = (struct log_ring){.capacity = capacity};
}

void log_ring_finish(struct log_ring *ring)
{
    free(ring->bytes);
    *ring = (struct log_ring){0};
}

static bool find_place(struct log_ring *ring, size_t size)
{
    if (ring->count == 0) {
        ring->first = ring->next = 0;
        ring->wrapped = false;
    }
    if (ring->wrapped)
        return ring->first - ring->next >= size;
    if (ring->capacity - ring->next >= size)
        return true;
    if (ring->first < size)
        return false;
    ring->wrapped = true;
    ring->end = ring->next;
    ring->next = 0;
    return true;
}

static void drop_oldest(struct log_ring *ring)
{
    ring->first += record_size(record_at(ring, ring->first)->length);
    ring->count--;
    if (ring->wrapped && ring->first == ring->end) {
        ring->first = 0;
        ring->wrapped = false;
    }
}

bool log_ring_push(struct log_ring *ring, const struct ds_log_entry *entry)
{
    size_t size = record_size(entry->length);
    if (size > ring->capacity)
        return false;
    if (!ring->bytes)
        ring->bytes = ds_alloc(ring->capacity);
    while (!find_place(ring, size))
        drop_oldest(ring);
    struct record *record = record_at(ring, ring->next);
    *record = (struct record){.sequence = entry->sequence,
                              .time = entry->time,
                              .length = entry->length,
                              .source = entry->source,
                              .partial = entry->partial};
    if (entry->length > 0)
        memcpy(record->text, entry->text, entry->length);
    ring->next += size;
    ring->count++;
    return true;
}

bool log_ring_next(const struct log_ring *ring, struct log_ring_cursor *cursor,
                   struct ds_log_entry *ret_entry)
{
    if (cursor->seen == ring->count)
        return false;
    if (cursor->seen == 0)
        cursor->place = ring->first;
    else if (ring->wrapped && cursor->place == ring->end)
        cursor->place = 0;
    const struct record *record = record_at(ring, cursor->place);
    *ret_entry = (struct ds_log_entry){.sequence = record->sequence,
                                       .time = record->time,
                                       .source = record->source,
                                       .partial = record->partial,
                                       .text = record->text,
                                       .length = record->length};
    cursor->seen++;
    cursor->place += record_size(record->length);
    return true;
}
