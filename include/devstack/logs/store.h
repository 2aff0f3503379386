/*
 * The log store: every line of every service, kept on disk from the first, in CRI log format.
 *
 *   <folder>/runs/<run>/<service>.log, <service>.log.1 …     one folder a run, rotated by size
 *   2026-01-31T12:00:00.123456789Z stdout F the line
 *
 * CRI (Kubernetes' container runtime log format): RFC 3339 time with nanoseconds, stream, tag P
 * (partial: the line goes on in the next entry of its stream) or F (full), text. A line of any
 * length is cut into entries of at most 16 KiB; memory per stream is bounded by that. Bytes are
 * kept as they are (a NUL too); known secrets are replaced as they are taken in, also when they
 * straddle entries.
 */
#ifndef DEVSTACK_LOGS_STORE_H
#define DEVSTACK_LOGS_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "devstack/base/clock.h"
#include "devstack/base/error.h"
#include "devstack/base/secret.h"
#include "devstack/base/text.h"

enum ds_log_source {
    DS_LOG_STDOUT,
    DS_LOG_STDERR,
    DS_LOG_SYSTEM /* devstack's own word on the service, stored as stderr */
};

struct ds_log_entry {
    uint64_t sequence; /* of the run, from 1, without a gap */
    int64_t time;      /* wall clock ns */
    const char *service;
    enum ds_log_source source;
    bool partial;     /* the line goes on */
    const char *text; /* masked; not NUL-terminated, may hold any byte but newline */
    size_t length;
};

struct ds_log_options {
    uint64_t segment_bytes; /* rotate a service's file past it; 0: 16 MiB */
    unsigned segments;      /* kept for each service and run, the live one included; 0: 8 */
    unsigned runs;          /* kept folders; 0: 10 */
    size_t recent_bytes;    /* kept in memory for each service, for late subscribers; 0: 64 KiB */
};

struct ds_log_store;
struct ds_log_stream;

/* Makes the run's folder (named by start time and `run`), prunes old runs. */
struct ds_log_store *ds_log_store_open(const char *folder, const char *run,
                                       const struct ds_log_options *options,
                                       const struct ds_clock *clock, struct ds_error *err);
/* Flushes; open streams must have been closed. */
void ds_log_store_close(struct ds_log_store *store);
const char *ds_log_store_folder(const struct ds_log_store *store); /* this run's folder */
/* From now on the value (of 8 bytes or more) and its URL-encoded, base64 and JSON-escaped forms are
 * replaced by "••••••" in what is taken in. */
void ds_log_store_mask(struct ds_log_store *store, const struct ds_secret *secret);
/* Masks text that comes another way (probe answers, error messages); the caller frees. */
char *ds_log_store_masked(const struct ds_log_store *store, const char *text);

/* Streams of one service share its file. */
struct ds_log_stream *ds_log_stream_open(struct ds_log_store *store, const char *service,
                                         enum ds_log_source source);
/* Any bytes, cut anywhere. Never fails towards the caller: a full disk is told once through
 * ds_log_store_problem() and the lines still reach subscribers and memory; writing goes on when
 * there is room, with an entry that says how many were not kept. */
void ds_log_stream_write(struct ds_log_stream *stream, const char *bytes, size_t length);
/* Puts out what waits for a newline, so that an unterminated prompt becomes visible; call it after
 * some quiet time. */
void ds_log_stream_flush(struct ds_log_stream *stream);
/* The unterminated last line is kept as a full one. */
void ds_log_stream_close(struct ds_log_stream *stream);
/* One whole line of devstack's own. */
void ds_log_store_say(struct ds_log_store *store, const char *service, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

struct ds_log_subscription;
/* Called for every entry as it is taken in; the entry is borrowed. A subscriber must not write logs
 * or unsubscribe others. */
struct ds_log_subscription *
ds_log_store_subscribe(struct ds_log_store *store,
                       void (*on_entry)(void *data, const struct ds_log_entry *entry), void *data);
void ds_log_store_unsubscribe(struct ds_log_subscription *subscription);
/* The entries in memory with sequence > `after` of one service (NULL: of all, merged by sequence);
 * stops when on_entry gives false. */
void ds_log_store_recent(const struct ds_log_store *store, const char *service, uint64_t after,
                         bool (*on_entry)(void *data, const struct ds_log_entry *entry),
                         void *data);
/* What keeps it from writing ("No space left on device"), or NULL. Borrowed. */
const char *ds_log_store_problem(const struct ds_log_store *store);

#endif
