/*
 * The store: what a stream takes in is masked, cut into lines, numbered, and given to the file, to
 * memory and to subscribers, in this order.
 */
#include "devstack/logs/store.h"

#include <string.h>

#include "devstack/base/file.h"
#include "devstack/base/memory.h"
#include "framer.h"
#include "mask.h"
#include "ring.h"
#include "runs.h"
#include "segment.h"

/* A write of any size is worked off in steps of this, which bounds what masking holds. */
#define STEP ((size_t)64 * 1024)

struct service {
    char *name;
    struct log_segment segment;
    struct log_ring ring;
    /* Who has put out a partial piece last, for stdout and for stderr. */
    struct ds_log_stream *within_line[2];
};

struct ds_log_stream {
    struct ds_log_store *store;
    struct service *service;
    enum ds_log_source source;
    struct log_masker masker;
    struct log_framer framer;
    bool interrupted; /* another stream's line ended ours */
};

struct ds_log_subscription {
    struct ds_log_store *store;
    struct ds_log_subscription *next;
    void (*on_entry)(void *data, const struct ds_log_entry *entry);
    void *data;
};

struct ds_log_store {
    char *folder;
    struct ds_log_options options;
    const struct ds_clock *clock;
    struct log_mask_set mask;
    DS_VEC(struct service *) services;
    struct ds_log_subscription *subscriptions; /* oldest first */
    uint64_t sequence;
    int64_t now;           /* the time of the bytes being taken in */
    struct ds_text masked; /* scratch */
};

static struct ds_log_options with_defaults(const struct ds_log_options *given)
{
    struct ds_log_options options = given ? *given : (struct ds_log_options){0};
    if (options.segment_bytes == 0)
        options.segment_bytes = UINT64_C(16) * 1024 * 1024;
    if (options.segments == 0)
        options.segments = 8;
    if (options.runs == 0)
        options.runs = 10;
    if (options.recent_bytes == 0)
        options.recent_bytes = (size_t)64 * 1024;
    /* One entry of the largest size and its header always have their place. */
    if (options.recent_bytes < 2 * DS_LOG_PIECE_MAX)
        options.recent_bytes = 2 * DS_LOG_PIECE_MAX;
    return options;
}

struct ds_log_store *ds_log_store_open(const char *folder, const char *run,
                                       const struct ds_log_options *options,
                                       const struct ds_clock *clock, struct ds_error *err)
{
    struct ds_log_options wished = with_defaults(options);
    char *path = log_runs_begin(folder, run, wished.runs, clock, err);
    if (!path)
        return NULL;
    struct ds_log_store *store = DS_NEW(struct ds_log_store);
    store->folder = path;
    store->options = wished;
    store->clock = clock;
    return store;
}

void ds_log_store_close(struct ds_log_store *store)
{
    if (!store)
        return;
    for (size_t i = 0; i < store->services.count; i++) {
        struct service *service = store->services.items[i];
        log_segment_finish(&service->segment);
        log_ring_finish(&service->ring);
        free(service->name);
        free(service);
    }
    free(store->services.items);
    for (struct ds_log_subscription *at = store->subscriptions, *next; at; at = next) {
        next = at->next;
        free(at);
    }
    log_mask_set_finish(&store->mask);
    ds_text_finish(&store->masked);
    free(store->folder);
    free(store);
}

const char *ds_log_store_folder(const struct ds_log_store *store)
{
    return store->folder;
}

void ds_log_store_mask(struct ds_log_store *store, const struct ds_secret *secret)
{
    log_mask_set_add(&store->mask, secret);
}

char *ds_log_store_masked(const struct ds_log_store *store, const char *text)
{
    struct log_masker masker = {0};
    struct ds_text out = {0};
    log_masker_feed(&masker, &store->mask, text, strlen(text), &out);
    log_masker_flush(&masker, &store->mask, &out);
    log_masker_finish(&masker);
    return ds_text_take(&out);
}

static struct service *find_service(const struct ds_log_store *store, const char *name)
{
    for (size_t i = 0; i < store->services.count; i++)
        if (strcmp(store->services.items[i]->name, name) == 0)
            return store->services.items[i];
    return NULL;
}

static struct service *need_service(struct ds_log_store *store, const char *name)
{
    struct service *service = find_service(store, name);
    if (service)
        return service;
    service = DS_NEW(struct service);
    service->name = ds_strdup(name);
    /* A name is one component of a path, whatever it holds. */
    ds_auto_free char *encoded = ds_percent_encode(name);
    ds_auto_free char *path = ds_printf("%s/%s.log", store->folder, encoded);
    log_segment_init(&service->segment, path, store->options.segment_bytes, store->options.segments,
                     store->clock);
    log_ring_init(&service->ring, store->options.recent_bytes);
    *DS_VEC_PUSH(&store->services) = service;
    return service;
}

static void put_entry(struct ds_log_store *store, struct service *service,
                      struct ds_log_entry entry)
{
    entry.sequence = ++store->sequence;
    entry.time = store->now;
    entry.service = service->name;
    log_segment_append(&service->segment, &entry);
    log_ring_push(&service->ring, &entry);
    struct ds_log_subscription *next;
    for (struct ds_log_subscription *at = store->subscriptions; at; at = next) {
        next = at->next; /* it may unsubscribe itself */
        at->on_entry(at->data, &entry);
    }
}

/*
 * CRI's partial entries are joined by stream, and a service's file has only two: devstack's own
 * words go to stderr, and after a restart the streams of both processes may be open. So a line that
 * another writer breaks into is ended there; its rest becomes a line of its own.
 */
static void end_other_line(struct ds_log_stream *stream, size_t side)
{
    struct ds_log_stream *other = stream->service->within_line[side];
    if (!other || other == stream)
        return;
    other->interrupted = true;
    put_entry(stream->store, stream->service,
              (struct ds_log_entry){.source = other->source, .text = ""});
}

static void take_piece(void *data, const char *text, size_t length, bool partial)
{
    struct ds_log_stream *stream = data;
    bool already_ended = stream->interrupted && length == 0 && !partial;
    stream->interrupted = false;
    if (already_ended)
        return;
    size_t side = stream->source == DS_LOG_STDOUT ? 0 : 1;
    end_other_line(stream, side);
    stream->service->within_line[side] = partial ? stream : NULL;
    put_entry(stream->store, stream->service,
              (struct ds_log_entry){
                  .source = stream->source, .partial = partial, .text = text, .length = length});
}

static void stream_init(struct ds_log_stream *stream, struct ds_log_store *store,
                        const char *service, enum ds_log_source source)
{
    *stream = (struct ds_log_stream){
        .store = store, .service = need_service(store, service), .source = source};
    log_framer_init(&stream->framer, take_piece, stream);
}

static void take_in(struct ds_log_stream *stream, const char *bytes, size_t length)
{
    struct ds_log_store *store = stream->store;
    store->now = ds_clock_wall(store->clock);
    while (length > 0) {
        size_t step = length < STEP ? length : STEP;
        ds_text_clear(&store->masked);
        log_masker_feed(&stream->masker, &store->mask, bytes, step, &store->masked);
        log_framer_feed(&stream->framer, ds_text_string(&store->masked), store->masked.length);
        bytes += step;
        length -= step;
    }
}

static void release_withheld(struct ds_log_stream *stream)
{
    struct ds_log_store *store = stream->store;
    store->now = ds_clock_wall(store->clock);
    ds_text_clear(&store->masked);
    log_masker_flush(&stream->masker, &store->mask, &store->masked);
    log_framer_feed(&stream->framer, ds_text_string(&store->masked), store->masked.length);
}

static void stream_finish(struct ds_log_stream *stream)
{
    release_withheld(stream);
    log_framer_end(&stream->framer);
    (void)log_segment_flush(&stream->service->segment);
    log_masker_finish(&stream->masker);
    log_framer_finish(&stream->framer);
}

struct ds_log_stream *ds_log_stream_open(struct ds_log_store *store, const char *service,
                                         enum ds_log_source source)
{
    struct ds_log_stream *stream = DS_NEW(struct ds_log_stream);
    stream_init(stream, store, service, source);
    return stream;
}

void ds_log_stream_write(struct ds_log_stream *stream, const char *bytes, size_t length)
{
    take_in(stream, bytes, length);
    (void)log_segment_flush(&stream->service->segment);
}

void ds_log_stream_flush(struct ds_log_stream *stream)
{
    release_withheld(stream);
    log_framer_flush(&stream->framer);
    (void)log_segment_flush(&stream->service->segment);
}

void ds_log_stream_close(struct ds_log_stream *stream)
{
    if (!stream)
        return;
    stream_finish(stream);
    free(stream);
}

void ds_log_store_say(struct ds_log_store *store, const char *service, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    ds_auto_free char *text = ds_vprintf(format, args);
    va_end(args);
    struct ds_log_stream stream;
    stream_init(&stream, store, service, DS_LOG_SYSTEM);
    take_in(&stream, text, strlen(text));
    stream_finish(&stream);
}

struct ds_log_subscription *
ds_log_store_subscribe(struct ds_log_store *store,
                       void (*on_entry)(void *data, const struct ds_log_entry *entry), void *data)
{
    struct ds_log_subscription *subscription = DS_NEW(struct ds_log_subscription);
    *subscription =
        (struct ds_log_subscription){.store = store, .on_entry = on_entry, .data = data};
    struct ds_log_subscription **last = &store->subscriptions;
    while (*last)
        last = &(*last)->next;
    *last = subscription;
    return subscription;
}

void ds_log_store_unsubscribe(struct ds_log_subscription *subscription)
{
    if (!subscription)
        return;
    struct ds_log_subscription **link = &subscription->store->subscriptions;
    while (*link != subscription)
        link = &(*link)->next;
    *link = subscription->next;
    free(subscription);
}

const char *ds_log_store_problem(const struct ds_log_store *store)
{
    for (size_t i = 0; i < store->services.count; i++)
        if (store->services.items[i]->segment.problem)
            return store->services.items[i]->segment.problem;
    return NULL;
}

/* A place in each service's memory; the next entry of the smallest sequence is taken. */
struct reader {
    const struct service *service;
    struct log_ring_cursor cursor;
    struct ds_log_entry entry;
    bool more;
};

static void advance(struct reader *reader)
{
    reader->more = log_ring_next(&reader->service->ring, &reader->cursor, &reader->entry);
    reader->entry.service = reader->service->name;
}

static struct reader *earliest(struct reader *readers, size_t count)
{
    struct reader *best = NULL;
    for (size_t i = 0; i < count; i++)
        if (readers[i].more && (!best || readers[i].entry.sequence < best->entry.sequence))
            best = &readers[i];
    return best;
}

void ds_log_store_recent(const struct ds_log_store *store, const char *service, uint64_t after,
                         bool (*on_entry)(void *data, const struct ds_log_entry *entry), void *data)
{
    ds_auto_free struct reader *readers = ds_alloc(store->services.count * sizeof(*readers));
    size_t count = 0;
    for (size_t i = 0; i < store->services.count; i++) {
        if (service && strcmp(store->services.items[i]->name, service) != 0)
            continue;
        struct reader *reader = &readers[count++];
        reader->service = store->services.items[i];
        do
            advance(reader);
        while (reader->more && reader->entry.sequence <= after);
    }
    for (struct reader *reader; (reader = earliest(readers, count)); advance(reader))
        if (!on_entry(data, &reader->entry))
            return;
}
