/*
 * The last lines among entries, as text: partial entries are joined again, per stream.
 */
#ifndef ORCHESTRATOR_LOGS_TAIL_H
#define ORCHESTRATOR_LOGS_TAIL_H

#include <stddef.h>

#include "devstack/base/text.h"
#include "devstack/logs/store.h"

struct ds_log_tail {
    size_t count;          /* lines that are wanted */
    struct ds_text *lines; /* at most `count`, the oldest at `oldest` */
    size_t held;
    size_t oldest;
    struct ds_text unfinished[2]; /* of stdout and stderr */
};

void ds_log_tail_init(struct ds_log_tail *tail, size_t count);
void ds_log_tail_finish(struct ds_log_tail *tail);
/* Entries come in their order. */
void ds_log_tail_add(struct ds_log_tail *tail, const struct ds_log_entry *entry);
/* The lines, oldest first, with newlines between them; unfinished ones stand last. A NUL is shown
 * as U+FFFD. The caller frees. */
char *ds_log_tail_take(struct ds_log_tail *tail);

#endif
