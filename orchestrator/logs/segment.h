/*
 * One service's log file of a run, in CRI format: <path>, and rotated <path>.1 (the newest) up to
 * <path>.<keep - 1>.
 *
 * Appended entries are handed to the kernel by a flush, or before when many wait. A write that
 * fails (a full disk) leaves whole entries in the file and the rest in memory, up to a bound; past
 * it entries are counted as lost. Writing is tried again, at most a few times a second, by each
 * later call; when it works again a line in the file tells how many entries are missing.
 */
#ifndef ORCHESTRATOR_LOGS_SEGMENT_H
#define ORCHESTRATOR_LOGS_SEGMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "devstack/base/clock.h"
#include "devstack/base/text.h"
#include "devstack/logs/store.h"

struct log_segment {
    char *path;
    uint64_t limit; /* bytes of a file, at least one entry */
    unsigned keep;  /* files, this one included */
    const struct ds_clock *clock;
    int fd;                        /* -1 until the first write and after a rotation */
    uint64_t size;                 /* of the file; ends with a whole entry */
    struct ds_text pending;        /* whole entries */
    uint64_t lost;                 /* entries that are in neither */
    char *problem;                 /* why the last write failed, or NULL */
    uint64_t retry_at;             /* monotonic; no write is tried before */
    int64_t stamp_time;            /* what `stamp` shows */
    char stamp[DS_TIMESTAMP_SIZE]; /* the latest entry's time */
};

/* Opens nothing yet. `clock` is borrowed. */
void log_segment_init(struct log_segment *segment, const char *path, uint64_t limit, unsigned keep,
                      const struct ds_clock *clock);
/* Flushes, a last time even when that failed a moment ago. */
void log_segment_finish(struct log_segment *segment);
void log_segment_append(struct log_segment *segment, const struct ds_log_entry *entry);
/* True when nothing waits any more. */
bool log_segment_flush(struct log_segment *segment);

#endif
