/* Log files on disk: formatting, batching, rotation, and living through a full disk. */
#include "segment.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "devstack/base/file.h"
#include "devstack/base/memory.h"

enum {
    BATCH = 64 * 1024,     /* a write is not put off past this */
    HELD_MAX = 256 * 1024, /* kept in memory while the disk takes nothing */
};
#define RETRY_AFTER (200 * DS_NS_PER_MS)

void log_segment_init(struct log_segment *segment, const char *path, uint64_t limit, unsigned keep,
                      const struct ds_clock *clock)
{
    *segment = (struct log_segment){.path = ds_strdup(path),
                                    .limit = limit,
                                    .keep = keep > 0 ? keep : 1,
                                    .clock = clock,
                                    .fd = -1,
                                    .stamp_time = INT64_MIN};
}

static bool open_file(struct log_segment *segment)
{
    const int flags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW;
    segment->fd = open(segment->path, flags, 0600);
    if (segment->fd < 0 && errno == ENOENT) {
        /* Somebody has removed the folder. */
        ds_auto_free char *folder = ds_path_folder(segment->path);
        if (ds_folder_make(folder, 0700, NULL))
            segment->fd = open(segment->path, flags, 0600);
    }
    struct stat status;
    if (segment->fd < 0 || fstat(segment->fd, &status) < 0)
        return false;
    segment->size = (uint64_t)status.st_size;
    return true;
}

static void close_file(struct log_segment *segment)
{
    if (segment->fd >= 0)
        close(ds_steal_fd(&segment->fd));
}

static char *numbered(const struct log_segment *segment, unsigned number)
{
    return number ? ds_printf("%s.%u", segment->path, number) : ds_strdup(segment->path);
}

/* False, with errno: the live file could not be moved out of the way. */
static bool rotate(struct log_segment *segment)
{
    bool moved = true;
    if (segment->keep == 1)
        moved = unlink(segment->path) == 0;
    for (unsigned i = segment->keep - 1; i > 0; i--) {
        ds_auto_free char *from = numbered(segment, i - 1);
        ds_auto_free char *to = numbered(segment, i);
        moved = rename(from, to) == 0;
    }
    if (!moved && errno != ENOENT)
        return false;
    close_file(segment);
    segment->size = 0;
    return true;
}

/* Past RLIMIT_FSIZE the kernel sends SIGXFSZ, whose default is to end the process. It is blocked
 * for the write and taken back, so that neither the process nor what it spawns inherits a changed
 * disposition. */
static size_t write_guarded(int fd, const char *bytes, size_t length, int *ret_errno)
{
    sigset_t guarded, before;
    sigemptyset(&guarded);
    sigaddset(&guarded, SIGXFSZ);
    pthread_sigmask(SIG_BLOCK, &guarded, &before);
    size_t done = 0;
    *ret_errno = 0;
    while (done < length && *ret_errno == 0) {
        ssize_t wrote = write(fd, bytes + done, length - done);
        if (wrote > 0)
            done += (size_t)wrote;
        else if (wrote == 0)
            *ret_errno = ENOSPC;
        else if (errno != EINTR)
            *ret_errno = errno;
    }
    if (*ret_errno == EFBIG) {
        static const struct timespec at_once = {0};
        (void)sigtimedwait(&guarded, NULL, &at_once);
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return done;
}

static bool fail(struct log_segment *segment, int reason)
{
    free(segment->problem);
    segment->problem = ds_strdup(strerror(reason));
    segment->retry_at = ds_clock_monotonic(segment->clock) + RETRY_AFTER;
    return false;
}

static bool write_pending(struct log_segment *segment)
{
    while (segment->pending.length > 0) {
        if (segment->fd < 0 && !open_file(segment)) {
            int reason = errno;
            close_file(segment);
            return fail(segment, reason);
        }
        int reason;
        const char *bytes = segment->pending.data;
        size_t done = write_guarded(segment->fd, bytes, segment->pending.length, &reason);
        size_t whole = done;
        if (done < segment->pending.length) {
            const char *last = memrchr(bytes, '\n', done);
            whole = last ? (size_t)(last + 1 - bytes) : 0;
            /* A torn entry that cannot be taken back is continued by the next write. */
            if (whole < done && ftruncate(segment->fd, (off_t)(segment->size + whole)) < 0)
                whole = done;
        }
        segment->size += whole;
        ds_text_drop_front(&segment->pending, whole);
        /* A file may be too large where a new one is not. */
        bool rotated = reason == EFBIG && segment->size > 0 && rotate(segment);
        if (reason != 0 && !rotated)
            return fail(segment, reason);
    }
    return true;
}

static void format_line(struct log_segment *segment, const struct ds_log_entry *entry)
{
    if (entry->time != segment->stamp_time) {
        ds_timestamp_format(entry->time, segment->stamp);
        segment->stamp_time = entry->time;
    }
    struct ds_text *to = &segment->pending;
    ds_text_append(to, segment->stamp);
    ds_text_append(to, entry->source == DS_LOG_STDOUT ? " stdout " : " stderr ");
    ds_text_append(to, entry->partial ? "P " : "F ");
    ds_text_append_bytes(to, entry->text, entry->length);
    ds_text_append_char(to, '\n');
}

static void format_loss(struct log_segment *segment)
{
    ds_auto_free char *text =
        ds_printf("devstack: %" PRIu64 " log %s here could not be kept: %s", segment->lost,
                  segment->lost == 1 ? "entry" : "entries", segment->problem);
    const struct ds_log_entry entry = {.time = ds_clock_wall(segment->clock),
                                       .source = DS_LOG_SYSTEM,
                                       .text = text,
                                       .length = strlen(text)};
    format_line(segment, &entry);
    segment->lost = 0;
}

static bool write_out(struct log_segment *segment)
{
    if (!write_pending(segment))
        return false;
    if (segment->lost > 0) {
        format_loss(segment);
        if (!write_pending(segment))
            return false;
    }
    free(ds_steal(segment->problem));
    return true;
}

bool log_segment_flush(struct log_segment *segment)
{
    if (segment->pending.length == 0 && segment->lost == 0)
        return true;
    if (segment->problem && ds_clock_monotonic(segment->clock) < segment->retry_at)
        return false;
    return write_out(segment);
}

static bool has_no_place(const struct log_segment *segment)
{
    /* Once one is lost the next ones are too, until the line that tells of it has its place. */
    return segment->problem && (segment->lost > 0 || segment->pending.length >= HELD_MAX);
}

void log_segment_append(struct log_segment *segment, const struct ds_log_entry *entry)
{
    static const char around[] = "2026-01-31T12:00:00.123456789Z stdout F \n";
    if (has_no_place(segment))
        log_segment_flush(segment);
    if (has_no_place(segment)) {
        segment->lost++;
        return;
    }
    uint64_t size = segment->size + segment->pending.length;
    if (size > 0 && size + strlen(around) + entry->length > segment->limit &&
        log_segment_flush(segment) && !rotate(segment))
        fail(segment, errno);
    format_line(segment, entry);
    if (segment->pending.length >= BATCH)
        log_segment_flush(segment);
}

void log_segment_finish(struct log_segment *segment)
{
    if (segment->pending.length > 0 || segment->lost > 0)
        (void)write_out(segment);
    close_file(segment);
    free(segment->path);
    free(segment->problem);
    ds_text_finish(&segment->pending);
    *segment = (struct log_segment){.fd = -1};
}
