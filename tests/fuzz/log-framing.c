/*
 * Log output in any cuts: framing loses nothing, and masking does not depend on the cuts.
 * The first byte is the size of the cuts less one, the second says how often a flush falls between
 * them (0: never); the rest is the output.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "devstack/base/memory.h"
#include "orchestrator/logs/framer.h"
#include "orchestrator/logs/mask.h"

static const char *const values[] = {"hunter22!", "abcabcabd", "cabdcab\ncabd", "22!hunter"};

static void demand(bool condition)
{
    if (!condition)
        abort();
}

static void join(void *data, const char *text, size_t length, bool partial)
{
    struct ds_text *joined = data;
    demand(length <= DS_LOG_PIECE_MAX && (length == 0 || !memchr(text, '\n', length)));
    ds_text_append_bytes(joined, text, length);
    if (!partial)
        ds_text_append_char(joined, '\n');
}

static void check_framing(const char *bytes, size_t length, size_t step, unsigned flush_every)
{
    struct log_framer framer;
    ds_auto_text struct ds_text joined = {0};
    log_framer_init(&framer, join, &joined);
    unsigned steps = 0;
    for (size_t at = 0; at < length; at += step) {
        log_framer_feed(&framer, bytes + at, length - at < step ? length - at : step);
        if (flush_every && ++steps % flush_every == 0)
            log_framer_flush(&framer);
    }
    log_framer_end(&framer);
    log_framer_finish(&framer);
    size_t added = length > 0 && bytes[length - 1] != '\n';
    demand(joined.length == length + added);
    demand(length == 0 || memcmp(joined.data, bytes, length) == 0);
}

static void mask(const struct log_mask_set *set, const char *bytes, size_t length, size_t step,
                 struct ds_text *out)
{
    struct log_masker masker = {0};
    for (size_t at = 0; at < length; at += step)
        log_masker_feed(&masker, set, bytes + at, length - at < step ? length - at : step, out);
    log_masker_flush(&masker, set, out);
    log_masker_finish(&masker);
}

static void check_masking(const char *bytes, size_t length, size_t step)
{
    struct log_mask_set set = {0};
    for (size_t i = 0; i < DS_COUNT(values); i++) {
        ds_auto_secret struct ds_secret *secret = ds_secret_create(values[i], strlen(values[i]));
        log_mask_set_add(&set, secret);
    }
    ds_auto_text struct ds_text whole = {0}, cut = {0};
    mask(&set, bytes, length, length + 1, &whole);
    mask(&set, bytes, length, step, &cut);
    demand(whole.length == cut.length);
    demand(whole.length == 0 || memcmp(whole.data, cut.data, whole.length) == 0);
    for (size_t i = 0; i < DS_COUNT(values); i++)
        demand(!memmem(ds_text_string(&whole), whole.length, values[i], strlen(values[i])));
    log_mask_set_finish(&set);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    size_t step = (size_t)data[0] + 1;
    check_framing((const char *)data + 2, size - 2, step, data[1]);
    check_masking((const char *)data + 2, size - 2, step);
    return 0;
}
