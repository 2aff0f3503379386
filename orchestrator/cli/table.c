/* Rows of cells in aligned columns. */
#include "table.h"

#include <stdlib.h>

#include "devstack/base/memory.h"

enum { GAP = 3 };

void table_finish(struct table *table)
{
    ds_strings_finish(&table->cells);
}

void table_add(struct table *table, const char *const *cells)
{
    for (size_t i = 0; i < table->columns; i++)
        ds_strings_add(&table->cells, cells[i] ? cells[i] : "-");
}

static int column_width(const struct table *table, size_t column)
{
    int width = 0;
    for (size_t i = column; i < table->cells.count; i += table->columns) {
        int own = ds_terminal_width(table->cells.items[i]);
        width = own > width ? own : width;
    }
    return width;
}

static void render_row(const struct table *table, size_t row, const int *widths,
                       struct ds_text *line)
{
    for (size_t i = 0; i < table->columns; i++) {
        const char *cell = table->cells.items[row * table->columns + i];
        ds_text_append(line, cell);
        if (i + 1 < table->columns)
            append_padding(line, cell, widths[i] + GAP);
    }
    while (line->length && line->data[line->length - 1] == ' ')
        line->data[--line->length] = '\0';
}

void table_render(const struct table *table, const struct palette *palette, int width,
                  struct ds_text *out)
{
    if (table->columns == 0)
        return;
    ds_auto_free int *widths = ds_alloc(table->columns * sizeof(*widths));
    for (size_t i = 0; i < table->columns; i++)
        widths[i] = column_width(table, i);
    for (size_t row = 0; row * table->columns < table->cells.count; row++) {
        ds_auto_text struct ds_text line = {0}, fitted = {0};
        render_row(table, row, widths, &line);
        if (width)
            palette_append_fit(palette, &fitted, ds_text_string(&line), width);
        const char *text = ds_text_string(width ? &fitted : &line);
        palette_append(palette, out, row == 0 ? STYLE_DIM : STYLE_NONE, text);
        ds_text_append_char(out, '\n');
    }
}
