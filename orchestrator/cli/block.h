/* The services as a block of lines, one each: what stays live on a terminal until all is ready. */
#ifndef CLI_BLOCK_H
#define CLI_BLOCK_H

#include "devstack/stack.h"
#include "palette.h"

struct block_options {
    const struct palette *palette;
    int columns;             /* no line is wider */
    size_t lines;            /* no more lines; 0: as many as there are services */
    unsigned frame;          /* of the spinners */
    const uint64_t *elapsed; /* ns for each service that is under way, 0: the snapshot's time */
};

/* Adds the lines. */
void block_render(const struct ds_snapshot *snapshot, const struct block_options *options,
                  struct ds_strings *lines);

#endif
