/* Colours and glyphs: what a terminal shows of a state, or plain ASCII where it cannot. */
#ifndef CLI_PALETTE_H
#define CLI_PALETTE_H

#include <stdbool.h>
#include <stddef.h>

#include "devstack/base/terminal.h"
#include "devstack/base/text.h"
#include "devstack/service/state.h"

struct palette {
    bool color;
    bool utf8;
};

enum style { STYLE_GOOD, STYLE_BUSY, STYLE_BAD, STYLE_DIM, STYLE_BOLD, STYLE_NONE };

enum style palette_state_style(enum ds_state state);
/* One column. `frame` turns the spinner of states that are under way. */
const char *palette_glyph(const struct palette *palette, enum ds_state state, unsigned frame);
/* The same for a line that stays: an ellipsis instead of a spinner. */
const char *palette_mark(const struct palette *palette, enum ds_state state);
const char *palette_bar(const struct palette *palette);      /* between a name and its line */
const char *palette_dot(const struct palette *palette);      /* " · " */
const char *palette_arrow(const struct palette *palette);    /* before a fix */
const char *palette_ellipsis(const struct palette *palette); /* one column */

/* Appends text between the style's SGR and a reset. */
void palette_append(const struct palette *palette, struct ds_text *text, enum style style,
                    const char *words);
/* A service's own colour, by its place in the file. */
void palette_append_name(const struct palette *palette, struct ds_text *text, size_t index,
                         const char *name, int width);

/* `line` cut to `columns`, an ellipsis and a reset at the end when something was cut. */
void palette_append_fit(const struct palette *palette, struct ds_text *text, const char *line,
                        int columns);
/* Spaces up to `width` columns after `words`. */
void append_padding(struct ds_text *text, const char *words, int width);

#endif
