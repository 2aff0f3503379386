/*
 * Event streams. Each has a queue of bytes with a limit; the daemon takes from it at the reader's
 * pace and the connection is suspended while there is nothing to take.
 */
#include "private.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "devstack/base/memory.h"
#include "devstack/base/text.h"
#include "event.h"

enum { BLOCK_SIZE = 16 * 1024 };

struct stream {
    struct stream *next, **link;
    struct ds_server *server;
    struct MHD_Connection *connection;
    struct stream_topics topics;
    struct ds_text queue;
    size_t taken;             /* of the queue's front */
    uint64_t skipped;         /* log lines since the last gap event */
    struct ds_snapshot *held; /* the newest one that did not fit, or NULL */
    bool suspended;
    bool ended;
};

static size_t waiting(const struct stream *stream)
{
    return stream->queue.length - stream->taken;
}

static bool has_room(const struct stream *stream)
{
    return waiting(stream) < STREAM_LIMIT;
}

static void wake(struct stream *stream)
{
    if (!stream->suspended)
        return;
    stream->suspended = false;
    MHD_resume_connection(stream->connection);
    server_kick(stream->server);
}

static void drop_held(struct stream *stream)
{
    if (stream->held)
        ds_snapshot_unref(ds_steal(stream->held));
}

static void append_snapshot(struct stream *stream, const struct ds_snapshot *snapshot)
{
    event_append(&stream->queue, "stack", 0, server_stack_json(stream->server, snapshot));
}

static void append_gap(struct stream *stream)
{
    ds_auto_free char *json = ds_printf("{\"skipped\":%" PRIu64 "}", stream->skipped);
    event_append(&stream->queue, "gap", 0, json);
    stream->skipped = 0;
}

/* The reader has caught up: tell it what it missed, then give it the present. */
static void refill(struct stream *stream)
{
    ds_text_clear(&stream->queue);
    stream->taken = 0;
    if (stream->skipped)
        append_gap(stream);
    if (stream->held) {
        append_snapshot(stream, stream->held);
        drop_held(stream);
    }
}

static ssize_t read_stream(void *data, uint64_t position, char *buffer, size_t room)
{
    (void)position;
    struct stream *stream = data;
    if (waiting(stream) == 0)
        refill(stream);
    size_t length = waiting(stream);
    if (length == 0) {
        if (stream->ended)
            return MHD_CONTENT_READER_END_OF_STREAM;
        stream->suspended = true;
        MHD_suspend_connection(stream->connection);
        return 0;
    }
    if (length > room)
        length = room;
    memcpy(buffer, stream->queue.data + stream->taken, length);
    stream->taken += length;
    /* Moving the rest forward only now and then keeps the work linear. */
    if (stream->taken > stream->queue.length / 2) {
        ds_text_drop_front(&stream->queue, stream->taken);
        stream->taken = 0;
    }
    return (ssize_t)length;
}

static void free_stream(void *data)
{
    struct stream *stream = data;
    *stream->link = stream->next;
    if (stream->next)
        stream->next->link = stream->link;
    drop_held(stream);
    ds_text_finish(&stream->queue);
    free(stream);
}

/* `json` is the entry's, formatted once for all streams. */
static void offer_log(struct stream *stream, const struct ds_log_entry *entry, const char *json)
{
    if (stream->ended || entry->sequence <= stream->topics.after)
        return;
    if (stream->skipped || !has_room(stream))
        stream->skipped++;
    else
        event_append(&stream->queue, "log", entry->sequence, json);
    wake(stream);
}

static bool replay(void *data, const struct ds_log_entry *entry)
{
    ds_auto_text struct ds_text json = {0};
    event_append_log_json(&json, entry);
    offer_log(data, entry, ds_text_string(&json));
    return true;
}

static struct stream *create(struct request *request, const struct stream_topics *topics)
{
    struct ds_server *server = request->server;
    struct stream *stream = DS_NEW(struct stream);
    stream->server = server;
    stream->connection = request->connection;
    stream->topics = *topics;
    stream->next = server->streams;
    stream->link = &server->streams;
    if (stream->next)
        stream->next->link = &stream->next;
    server->streams = stream;
    return stream;
}

static void begin_with_the_present(struct stream *stream)
{
    if (stream->topics.services) {
        struct ds_snapshot *snapshot = ds_stack_snapshot(stream->server->stack);
        append_snapshot(stream, snapshot);
        ds_snapshot_unref(snapshot);
    }
    if (stream->topics.logs && stream->topics.replay)
        ds_log_store_recent(ds_stack_logs(stream->server->stack), NULL, stream->topics.after,
                            replay, stream);
    event_append(&stream->queue, "live", 0, "{}");
}

enum MHD_Result stream_begin(struct request *request, const struct stream_topics *topics)
{
    struct stream *stream = create(request, topics);
    begin_with_the_present(stream);
    struct MHD_Response *response = MHD_create_response_from_callback(
        MHD_SIZE_UNKNOWN, BLOCK_SIZE, read_stream, stream, free_stream);
    if (!response) {
        free_stream(stream);
        return MHD_NO;
    }
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, "text/event-stream");
    MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
    /* A reader may be held up for as long as it likes (Ctrl-S): its queue is bounded. */
    MHD_set_connection_option(request->connection, MHD_CONNECTION_OPTION_TIMEOUT, 0U);
    enum MHD_Result result = MHD_queue_response(request->connection, MHD_HTTP_OK, response);
    MHD_destroy_response(response);
    return result;
}

static void offer_snapshot(struct stream *stream, struct ds_snapshot *snapshot)
{
    if (!stream->held && has_room(stream)) {
        append_snapshot(stream, snapshot);
    } else {
        drop_held(stream);
        stream->held = ds_snapshot_ref(snapshot);
    }
    wake(stream);
}

void streams_on_snapshot(struct ds_server *server, struct ds_snapshot *snapshot)
{
    for (struct stream *stream = server->streams; stream; stream = stream->next)
        if (stream->topics.services && !stream->ended)
            offer_snapshot(stream, snapshot);
}

void streams_on_log(struct ds_server *server, const struct ds_log_entry *entry)
{
    ds_auto_text struct ds_text json = {0};
    for (struct stream *stream = server->streams; stream; stream = stream->next) {
        if (!stream->topics.logs)
            continue;
        if (!json.length)
            event_append_log_json(&json, entry);
        offer_log(stream, entry, ds_text_string(&json));
    }
}

void streams_keep_alive(struct ds_server *server)
{
    for (struct stream *stream = server->streams; stream; stream = stream->next) {
        if (stream->ended || waiting(stream))
            continue;
        ds_text_append(&stream->queue, ": still here\n\n");
        wake(stream);
    }
}

void streams_end(struct ds_server *server, struct ds_snapshot *last)
{
    for (struct stream *stream = server->streams; stream; stream = stream->next) {
        if (stream->skipped)
            append_gap(stream);
        if (stream->topics.services)
            append_snapshot(stream, last);
        drop_held(stream);
        event_append(&stream->queue, "end", 0, "{}");
        stream->ended = true;
        wake(stream);
    }
}

void streams_resume(struct ds_server *server)
{
    for (struct stream *stream = server->streams; stream; stream = stream->next) {
        stream->ended = true;
        wake(stream);
    }
}
