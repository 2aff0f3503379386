/* What is said of a service: its reason as words, its times, its bytes. Everything that came from a
 * service is cleaned on the way. */
#ifndef CLI_WORDS_H
#define CLI_WORDS_H

#include "devstack/stack.h"
#include "palette.h"

/* "for db, mock", "exit 1", …; "" when there is nothing to say. The caller frees. */
char *words_reason(const struct ds_snapshot_service *service);
/* "45.2/152 MB" */
char *words_progress(uint64_t done, uint64_t total);
/* A bar of `width` columns. */
void words_append_bar(const struct palette *palette, struct ds_text *text, uint64_t done,
                      uint64_t total, int width);
/* From the moment its dependencies were there. */
uint64_t words_start_time(const struct ds_snapshot_service *service);
/* The longest name's columns. */
int words_name_width(const struct ds_snapshot *snapshot);
/* The services that are in the way of READY, "db (pulling postgres:17), api"; the caller frees. */
char *words_not_ready(const struct ds_snapshot *snapshot);
/* What a stop could not remove and what happens to it; NULL when there is nothing like that. */
char *words_left_behind(const struct ds_snapshot *snapshot);
/* The services that still hold something, "db, api"; the caller frees. */
char *words_alive(const struct ds_snapshot *snapshot);

#endif
