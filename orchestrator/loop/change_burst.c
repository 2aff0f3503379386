/* What has changed lately. A few paths are enough to find one worth telling. */
#include "change_burst.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "devstack/base/memory.h"

#define ENTRY_LIMIT 256

/* NULL: there is no room for another one. */
static struct burst_entry *entry_of(struct change_burst *burst, const char *path)
{
    for (size_t i = 0; i < burst->count; i++)
        if (strcmp(burst->items[i].path, path) == 0)
            return &burst->items[i];
    if (burst->count == ENTRY_LIMIT)
        return NULL;
    struct burst_entry *entry = DS_VEC_PUSH(burst);
    *entry = (struct burst_entry){.path = ds_strdup(path)};
    return entry;
}

void burst_note_created(struct change_burst *burst, const char *path)
{
    size_t before = burst->count;
    struct burst_entry *entry = entry_of(burst, path);
    if (burst->count > before)
        entry->created = true;
}

void burst_note_changed(struct change_burst *burst, const char *path, uint64_t now)
{
    struct burst_entry *entry = entry_of(burst, path);
    if (entry)
        entry->changed = true;
    if (!burst->begun)
        burst->begun = now;
}

static bool is_there(const char *path)
{
    struct stat status;
    return lstat(path, &status) == 0;
}

char *burst_take(struct change_burst *burst)
{
    const struct burst_entry *there = NULL, *gone = NULL;
    bool full = burst->count == ENTRY_LIMIT;
    for (size_t i = 0; i < burst->count && !there; i++) {
        const struct burst_entry *entry = &burst->items[i];
        if (!entry->changed)
            continue;
        if (is_there(entry->path))
            there = entry;
        else if (!gone && (!entry->created || full))
            gone = entry;
    }
    const struct burst_entry *chosen = there ? there : gone;
    if (!chosen && full) /* what did not fit may be worth it */
        chosen = &burst->items[0];
    char *path = chosen ? ds_strdup(chosen->path) : NULL;
    burst_finish(burst);
    return path;
}

void burst_finish(struct change_burst *burst)
{
    for (size_t i = 0; i < burst->count; i++)
        free(burst->items[i].path);
    free(burst->items);
    *burst = (struct change_burst){0};
}
