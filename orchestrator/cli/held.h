/* Log lines that are not shown yet: until all is ready, or until their service fails. Bounded: the
 * oldest go first, and their number is known. */
#ifndef CLI_HELD_H
#define CLI_HELD_H

#include <stdbool.h>
#include <stddef.h>

#include "devstack/logs/store.h"

struct held_line {
    char *service;
    char *text;
    size_t length;
    enum ds_log_source source;
};

struct held {
    struct held_line *items;
    size_t count, capacity;
    size_t bytes;
    size_t dropped; /* lines that went for room */
};

#define HELD_LIMIT ((size_t)256 * 1024) /* bytes of text */

void held_finish(struct held *held);
void held_add(struct held *held, const struct ds_log_entry *entry);
/* How many of the last lines fit into `rows` rows of `columns`, with a prefix of `prefix` columns
 * before each. */
size_t held_fitting(const struct held *held, int columns, int prefix, int rows);
/* Hands the last `most` lines of a service (NULL: all lines of all) to `show`, oldest first, and
 * forgets the service's lines. */
void held_take(struct held *held, const char *service, size_t most,
               void (*show)(void *data, const struct held_line *line), void *data);

#endif
