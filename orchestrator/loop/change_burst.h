/* Changes that belong together, of which one is told. */
#ifndef LOOP_CHANGE_BURST_H
#define LOOP_CHANGE_BURST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct burst_entry {
    char *path;
    bool created; /* it came within the burst */
    bool changed;
};

struct change_burst { /* starts zeroed */
    struct burst_entry *items;
    size_t count, capacity;
    uint64_t begun; /* monotonic ns of the first change; 0: there was none */
};

/* A new, empty file: no change until it is written to, and none at all when it goes again. */
void burst_note_created(struct change_burst *burst, const char *path);
void burst_note_changed(struct change_burst *burst, const char *path, uint64_t now);
/* The path to tell, or NULL when all that changed came and went; the caller frees. Empties it. */
char *burst_take(struct change_burst *burst);
void burst_finish(struct change_burst *burst);

#endif
