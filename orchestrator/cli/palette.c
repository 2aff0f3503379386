/* Colours and glyphs. */
#include "palette.h"

#include <string.h>

#include "devstack/base/memory.h"

static const char *const styles[] = {
    [STYLE_GOOD] = "\033[32m", [STYLE_BUSY] = "\033[33m", [STYLE_BAD] = "\033[31m",
    [STYLE_DIM] = "\033[2m",   [STYLE_BOLD] = "\033[1m",  [STYLE_NONE] = "",
};

static const char *const name_colors[] = {"\033[36m", "\033[35m", "\033[34m",
                                          "\033[33m", "\033[32m", "\033[96m"};

#define RESET "\033[0m"

enum style palette_state_style(enum ds_state state)
{
    switch (state) {
    case DS_STATE_RUNNING:
    case DS_STATE_HEALTHY:
    case DS_STATE_COMPLETED:
        return STYLE_GOOD;
    case DS_STATE_PREPARING:
    case DS_STATE_STARTING:
    case DS_STATE_RESTARTING:
    case DS_STATE_STOPPING:
        return STYLE_BUSY;
    case DS_STATE_UNHEALTHY:
    case DS_STATE_FAILED:
        return STYLE_BAD;
    case DS_STATE_STOPPED:
    case DS_STATE_WAITING:
        return STYLE_DIM;
    }
    return STYLE_NONE;
}

static const char *spinner(const struct palette *palette, unsigned frame)
{
    static const char *const dots[] = {"⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"};
    static const char *const lines[] = {"|", "/", "-", "\\"};
    return palette->utf8 ? dots[frame % DS_COUNT(dots)] : lines[frame % DS_COUNT(lines)];
}

const char *palette_glyph(const struct palette *palette, enum ds_state state, unsigned frame)
{
    switch (state) {
    case DS_STATE_RUNNING:
    case DS_STATE_HEALTHY:
        return palette->utf8 ? "●" : "*";
    case DS_STATE_COMPLETED:
        return palette->utf8 ? "✓" : "+";
    case DS_STATE_PREPARING:
    case DS_STATE_STARTING:
    case DS_STATE_RESTARTING:
    case DS_STATE_STOPPING:
        return spinner(palette, frame);
    case DS_STATE_UNHEALTHY:
        return "!";
    case DS_STATE_FAILED:
        return palette->utf8 ? "✗" : "x";
    case DS_STATE_STOPPED:
    case DS_STATE_WAITING:
        return palette->utf8 ? "○" : "o";
    }
    return "?";
}

const char *palette_mark(const struct palette *palette, enum ds_state state)
{
    bool moving = palette_glyph(palette, state, 0) == spinner(palette, 0);
    return moving ? palette_ellipsis(palette) : palette_glyph(palette, state, 0);
}

const char *palette_bar(const struct palette *palette)
{
    return palette->utf8 ? "│" : "|";
}

const char *palette_dot(const struct palette *palette)
{
    return palette->utf8 ? " · " : " - ";
}

const char *palette_arrow(const struct palette *palette)
{
    return palette->utf8 ? "→" : "->";
}

const char *palette_ellipsis(const struct palette *palette)
{
    return palette->utf8 ? "…" : "~";
}

void palette_append(const struct palette *palette, struct ds_text *text, enum style style,
                    const char *words)
{
    bool colored = palette->color && style != STYLE_NONE && *words;
    if (colored)
        ds_text_append(text, styles[style]);
    ds_text_append(text, words);
    if (colored)
        ds_text_append(text, RESET);
}

void append_padding(struct ds_text *text, const char *words, int width)
{
    for (int used = ds_terminal_width(words); used < width; used++)
        ds_text_append_char(text, ' ');
}

void palette_append_name(const struct palette *palette, struct ds_text *text, size_t index,
                         const char *name, int width)
{
    if (palette->color)
        ds_text_append(text, name_colors[index % DS_COUNT(name_colors)]);
    ds_text_append(text, name);
    if (palette->color)
        ds_text_append(text, RESET);
    append_padding(text, name, width);
}

/* Bytes of the next character or escape sequence at `at`. */
static size_t unit_length(const char *at)
{
    size_t length = 1;
    if (at[0] == '\033' && at[1] == '[') {
        for (length = 2; at[length] && !(at[length] >= 0x40 && at[length] <= 0x7e);)
            length++;
        return at[length] ? length + 1 : length;
    }
    while (((unsigned char)at[length] & 0xc0) == 0x80)
        length++;
    return length;
}

void palette_append_fit(const struct palette *palette, struct ds_text *text, const char *line,
                        int columns)
{
    bool cut = ds_terminal_width(line) > columns;
    int room = cut ? columns - 1 : columns;
    int used = 0;
    while (*line) {
        size_t length = unit_length(line);
        ds_auto_free char *unit = ds_strndup(line, length);
        int width = ds_terminal_width(unit);
        if (used + width > room)
            break;
        ds_text_append(text, unit);
        used += width;
        line += length;
    }
    if (cut && columns > 0)
        ds_text_append(text, palette_ellipsis(palette));
    if (cut && palette->color)
        ds_text_append(text, RESET);
}
