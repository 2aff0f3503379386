/*
 * Text that comes from services, made harmless for a terminal: no cursor games, no titles, no
 * clipboard, no answers typed into the shell. Control sequences as ECMA-48 has them.
 */
#include "logline.h"

#include <string.h>

static bool is_sgr(const char *at, size_t length)
{
    if (length < 3 || at[length - 1] != 'm')
        return false;
    for (size_t i = 2; i < length - 1; i++)
        if (!(at[i] >= '0' && at[i] <= '9') && at[i] != ';' && at[i] != ':')
            return false;
    return true;
}

/* ESC [ parameters intermediates final */
static size_t csi_length(const char *at, size_t left)
{
    size_t length = 2;
    while (length < left && at[length] >= 0x20 && at[length] <= 0x3f)
        length++;
    return length < left && at[length] >= 0x40 && at[length] <= 0x7e ? length + 1 : length;
}

/* OSC, DCS, SOS, PM and APC run to BEL or ESC \. */
static size_t string_length(const char *at, size_t left)
{
    for (size_t i = 2; i < left; i++) {
        if (at[i] == '\a')
            return i + 1;
        if (at[i] == '\033' && i + 1 < left && at[i + 1] == '\\')
            return i + 2;
    }
    return left;
}

static size_t escape_length(const char *at, size_t left)
{
    if (left < 2)
        return left;
    if (at[1] == '[')
        return csi_length(at, left);
    if (strchr("]PX^_", at[1]))
        return string_length(at, left);
    size_t length = 1;
    while (length < left && at[length] >= 0x20 && at[length] <= 0x2f)
        length++;
    return length < left && at[length] >= 0x30 ? length + 1 : length;
}

/* A C1 control in UTF-8 (U+0080 to U+009F): some terminals act on them. */
static bool is_c1(const char *at, size_t left)
{
    return left >= 2 && (unsigned char)at[0] == 0xc2 && (unsigned char)at[1] >= 0x80 &&
           (unsigned char)at[1] <= 0x9f;
}

static void skip_overwritten(const char **line, size_t *length)
{
    while (*length && (*line)[*length - 1] == '\r')
        --*length;
    const char *last = memrchr(*line, '\r', *length);
    if (last) {
        *length -= (size_t)(last + 1 - *line);
        *line = last + 1;
    }
}

void logline_append_clean(struct ds_text *text, const char *line, size_t length, bool color)
{
    skip_overwritten(&line, &length);
    bool styled = false;
    for (size_t i = 0; i < length;) {
        unsigned char byte = (unsigned char)line[i];
        if (byte == '\033') {
            size_t escape = escape_length(line + i, length - i);
            if (color && is_sgr(line + i, escape)) {
                ds_text_append_bytes(text, line + i, escape);
                styled = true;
            }
            i += escape;
        } else if (is_c1(line + i, length - i)) {
            i += 2;
        } else {
            if ((byte >= 0x20 && byte != 0x7f) || byte == '\t')
                ds_text_append_char(text, line[i]);
            i++;
        }
    }
    if (styled)
        ds_text_append(text, "\033[0m");
}

char *logline_clean(const char *line)
{
    if (!line)
        return NULL;
    struct ds_text text = {0};
    logline_append_clean(&text, line, strlen(line), false);
    return ds_text_take(&text);
}
