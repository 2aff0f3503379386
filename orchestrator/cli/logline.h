/* Text that comes from services, made harmless for a terminal. */
#ifndef CLI_LOGLINE_H
#define CLI_LOGLINE_H

#include <stdbool.h>
#include <stddef.h>

#include "devstack/base/text.h"

/*
 * Appends one line: colours (SGR) pass when `color` and are reset at its end; every other escape
 * sequence and control character is dropped but for tabs; of a line that was overwritten with
 * carriage returns the last version stands.
 */
void logline_append_clean(struct ds_text *text, const char *line, size_t length, bool color);
/* The same without colour, as a string of its own; NULL gives NULL. The caller frees. */
char *logline_clean(const char *line);

#endif
