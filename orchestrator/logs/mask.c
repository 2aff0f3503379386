/* Finds secrets in a byte stream: a look at two bytes rules nearly every place out, the patterns
 * are compared at the rest. */
#include "mask.h"

#include <string.h>

#include "devstack/base/memory.h"
#include "forms.h"

void log_mask_set_finish(struct log_mask_set *set)
{
    for (size_t i = 0; i < set->count; i++)
        ds_secret_unref(set->patterns[i]);
    free(set->patterns);
    *set = (struct log_mask_set){0};
}

static void set_bit(uint64_t *bits, unsigned index)
{
    bits[index / 64] |= UINT64_C(1) << (index % 64);
}

static bool has_bit(const uint64_t *bits, unsigned index)
{
    return bits[index / 64] >> (index % 64) & 1;
}

static unsigned pair_at(const char *bytes)
{
    return (unsigned)(unsigned char)bytes[0] << 8 | (unsigned char)bytes[1];
}

static void add_pattern(void *data, const char *bytes, size_t length)
{
    struct log_mask_set *set = data;
    size_t place = 0;
    for (; place < set->count && ds_secret_length(set->patterns[place]) >= length; place++) {
        const struct ds_secret *old = set->patterns[place];
        if (ds_secret_length(old) == length && memcmp(ds_secret_bytes(old), bytes, length) == 0)
            return;
    }
    if (set->count == set->capacity) {
        set->capacity = set->capacity ? set->capacity * 2 : 16;
        set->patterns = ds_realloc_array(set->patterns, set->capacity, sizeof(*set->patterns));
    }
    memmove(set->patterns + place + 1, set->patterns + place,
            (set->count - place) * sizeof(*set->patterns));
    set->patterns[place] = ds_secret_create(bytes, length);
    set->count++;
    set_bit(set->first, (unsigned char)bytes[0]);
    set_bit(set->pair, pair_at(bytes));
}

void log_mask_set_add(struct log_mask_set *set, const struct ds_secret *secret)
{
    if (ds_secret_length(secret) >= DS_LOG_SECRET_MIN)
        log_forms(secret, add_pattern, set);
}

void log_masker_finish(struct log_masker *masker)
{
    if (masker->carry.data)
        ds_wipe(masker->carry.data, masker->carry.capacity);
    ds_text_finish(&masker->carry);
    *masker = (struct log_masker){0};
}

/* A walk over the bytes at hand; places count from the first of them. */
struct scan {
    const struct log_mask_set *set;
    const char *bytes;
    size_t length;
    size_t shown;   /* put out up to here, */
    size_t covered; /* masked up to here */
    struct ds_text *out;
};

static size_t next_candidate(const struct scan *scan, size_t at)
{
    while (at + 1 < scan->length && !has_bit(scan->set->pair, pair_at(scan->bytes + at)))
        at++;
    if (at + 1 == scan->length && !has_bit(scan->set->first, (unsigned char)scan->bytes[at]))
        at++;
    return at;
}

/* The longest secret that begins here (0: none), and whether a longer one may. */
static size_t match_at(const struct scan *scan, size_t at, bool *ret_open)
{
    size_t left = scan->length - at;
    *ret_open = false;
    for (size_t i = 0; i < scan->set->count; i++) {
        const struct ds_secret *pattern = scan->set->patterns[i];
        size_t length = ds_secret_length(pattern);
        size_t compared = length < left ? length : left;
        if (memcmp(scan->bytes + at, ds_secret_bytes(pattern), compared) != 0)
            continue;
        if (length <= left)
            return length;
        *ret_open = true;
    }
    return 0;
}

static void show_up_to(struct scan *scan, size_t end)
{
    size_t from = scan->shown > scan->covered ? scan->shown : scan->covered;
    if (end > from) {
        ds_text_append_bytes(scan->out, scan->bytes + from, end - from);
        scan->shown = end;
    }
}

static void cover(struct scan *scan, size_t from, size_t end)
{
    if (end <= scan->covered)
        return;
    if (from >= scan->covered && end > scan->shown)
        ds_text_append(scan->out, DS_LOG_MASK);
    scan->covered = end;
    if (scan->shown < end)
        scan->shown = end;
}

/* Puts out what can be told and returns where the part begins that is still open. With `final` all
 * is put out. */
static size_t run(struct scan *scan, bool final)
{
    size_t open_from = scan->length;
    for (size_t at = next_candidate(scan, 0); at < scan->length;
         at = next_candidate(scan, at + 1)) {
        bool open;
        size_t matched = match_at(scan, at, &open);
        if (open && at < open_from)
            open_from = at;
        if (open && !final)
            break;
        if (open && scan->length - at >= DS_LOG_SECRET_MIN)
            matched = scan->length - at;
        if (matched == 0)
            continue;
        show_up_to(scan, at);
        cover(scan, at, at + matched);
    }
    show_up_to(scan, final ? scan->length : open_from);
    return open_from;
}

static void keep_open_part(struct log_masker *masker, const struct scan *scan, size_t from)
{
    masker->shown = scan->shown > from ? scan->shown - from : 0;
    masker->covered = scan->covered > from ? scan->covered - from : 0;
    if (scan->bytes == masker->carry.data)
        ds_text_drop_front(&masker->carry, from);
    else
        ds_text_append_bytes(&masker->carry, scan->bytes + from, scan->length - from);
}

void log_masker_feed(struct log_masker *masker, const struct log_mask_set *set, const char *bytes,
                     size_t length, struct ds_text *out)
{
    struct scan scan = {.set = set, .bytes = bytes, .length = length, .out = out};
    if (masker->carry.length > 0) {
        ds_text_append_bytes(&masker->carry, bytes, length);
        scan.bytes = masker->carry.data;
        scan.length = masker->carry.length;
        scan.shown = masker->shown;
        scan.covered = masker->covered;
    }
    keep_open_part(masker, &scan, run(&scan, false));
}

void log_masker_flush(struct log_masker *masker, const struct log_mask_set *set,
                      struct ds_text *out)
{
    if (masker->carry.length == 0)
        return;
    struct scan scan = {.set = set,
                        .bytes = masker->carry.data,
                        .length = masker->carry.length,
                        .shown = masker->shown,
                        .covered = masker->covered,
                        .out = out};
    keep_open_part(masker, &scan, run(&scan, true));
}
