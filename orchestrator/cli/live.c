/* A region that is drawn again in place. One write a frame, no clearing first, so nothing
 * flickers. Control sequences: CUU, EL and ED of ECMA-48. */
#include "live.h"

#include <stdlib.h>

#include "devstack/base/memory.h"
#include "devstack/base/terminal.h"

void live_finish(struct live *live)
{
    free(live->widths);
    live->widths = NULL;
    live->count = 0;
}

/* A terminal that was made narrower has wrapped our lines: count what they take now. */
static int rows_on_screen(const struct live *live)
{
    int rows = 0;
    int columns = live->columns > 0 ? live->columns : 80;
    for (size_t i = 0; i < live->count; i++)
        rows += live->widths[i] > columns ? (live->widths[i] + columns - 1) / columns : 1;
    return rows;
}

static void go_to_top(const struct live *live, struct ds_text *out)
{
    int rows = rows_on_screen(live);
    /* The terminal may have echoed a ^C: the column is not known. */
    ds_text_append_char(out, '\r');
    if (rows)
        ds_text_appendf(out, "\033[%dA", rows);
}

void live_erase(struct live *live, struct ds_text *out)
{
    if (!live->count)
        return;
    go_to_top(live, out);
    ds_text_append(out, "\033[J");
    live_finish(live);
}

void live_draw(struct live *live, const struct ds_strings *lines, struct ds_text *out)
{
    go_to_top(live, out);
    live_finish(live);
    live->widths = ds_alloc((lines->count + 1) * sizeof(*live->widths));
    live->count = lines->count;
    for (size_t i = 0; i < lines->count; i++) {
        live->widths[i] = ds_terminal_width(lines->items[i]);
        ds_text_append(out, lines->items[i]);
        ds_text_append(out, "\033[K\n");
    }
    ds_text_append(out, "\033[J");
}
