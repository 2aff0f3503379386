/* Rows of cells in aligned columns. */
#ifndef CLI_TABLE_H
#define CLI_TABLE_H

#include "devstack/base/text.h"
#include "palette.h"

struct table {
    size_t columns;
    struct ds_strings cells; /* row by row */
};

void table_finish(struct table *table);
/* `columns` cells; NULL stands for "-". */
void table_add(struct table *table, const char *const *cells);
/* The first row is the heading. Lines are cut to `width` columns; 0: not cut. */
void table_render(const struct table *table, const struct palette *palette, int width,
                  struct ds_text *out);

#endif
