/*
 * Replaces known secrets in a stream of bytes, however it is cut.
 *
 * A set holds the secrets; each stream has a masker of its own. Bytes that could be the start of a
 * secret are withheld until the next ones tell. A flush puts them out: fewer than
 * DS_LOG_SECRET_MIN as they are, more of them as the mask; what then comes is still matched as
 * their continuation. Overlapping secrets share one mask.
 */
#ifndef ORCHESTRATOR_LOGS_MASK_H
#define ORCHESTRATOR_LOGS_MASK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "devstack/base/secret.h"
#include "devstack/base/text.h"

/* A shorter value would be found in ordinary words, and is not masked. */
#define DS_LOG_SECRET_MIN ((size_t)8)
#define DS_LOG_MASK       "••••••"

struct log_mask_set {
    struct ds_secret **patterns; /* longest first */
    size_t count;
    size_t capacity;
    uint64_t first[256 / 64];  /* bytes that a pattern begins with */
    uint64_t pair[65536 / 64]; /* … and pairs of bytes, so that ordinary text is passed quickly */
};

void log_mask_set_finish(struct log_mask_set *set);
/* Adds the value and its encoded forms; shorter than DS_LOG_SECRET_MIN: nothing. */
void log_mask_set_add(struct log_mask_set *set, const struct ds_secret *secret);

struct log_masker {
    struct ds_text carry; /* what may be the start of a secret */
    size_t shown;         /* its first bytes that have been put out already, */
    size_t covered;       /* and of those the ones that a mask stands for */
};

void log_masker_finish(struct log_masker *masker);
/* Appends to `out` what is certain. */
void log_masker_feed(struct log_masker *masker, const struct log_mask_set *set, const char *bytes,
                     size_t length, struct ds_text *out);
/* Appends what is withheld. */
void log_masker_flush(struct log_masker *masker, const struct log_mask_set *set,
                      struct ds_text *out);

#endif
