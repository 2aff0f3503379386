/* A region at the bottom of a terminal that is drawn again in place; other lines go above it. */
#ifndef CLI_LIVE_H
#define CLI_LIVE_H

#include "devstack/base/text.h"

struct live {
    int *widths; /* columns of the lines that are on the screen */
    size_t count;
    int columns; /* of the terminal now */
};

void live_finish(struct live *live);
/* Takes the region off the screen; what is written next stands in its place. */
void live_erase(struct live *live, struct ds_text *out);
/* Draws the lines, none wider than `columns` - 1, over what the region shows. */
void live_draw(struct live *live, const struct ds_strings *lines, struct ds_text *out);

#endif
