/* Problems and facts as aligned, wrapped paragraphs. */
#ifndef CLI_PROBLEMS_H
#define CLI_PROBLEMS_H

#include "devstack/stack/preflight.h"
#include "palette.h"

/* "3 things to fix before shop can start:" and each with its fix. */
void problems_render(const struct ds_problems *problems, const char *stack,
                     const struct palette *palette, int columns, struct ds_text *out);
/* One paragraph: `subject` in a column of `width`, the message wrapped beside it, the fix below.
 * Without a subject (NULL or blank) there is no column. */
void paragraph_render(const char *subject, int width, const char *message, const char *fix,
                      const struct palette *palette, int columns, struct ds_text *out);

#endif
