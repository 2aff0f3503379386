/* What a terminal can do, and how wide text is on it. */
#include "devstack/base/terminal.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

static const char *setting(const char *name)
{
    const char *value = getenv(name);
    return value && *value ? value : NULL;
}

static bool locale_is_utf8(void)
{
    const char *locale = setting("LC_ALL");
    if (!locale)
        locale = setting("LC_CTYPE");
    if (!locale)
        locale = setting("LANG");
    return locale && (strcasestr(locale, "utf-8") || strcasestr(locale, "utf8"));
}

void ds_terminal_inspect(int fd, struct ds_terminal *ret_terminal)
{
    const char *term = setting("TERM");
    const char *force = setting("CLICOLOR_FORCE");
    bool tty = isatty(fd);
    bool dumb = !term || strcmp(term, "dumb") == 0;
    struct winsize size = {0};
    if (!tty || ioctl(fd, TIOCGWINSZ, &size) < 0)
        size = (struct winsize){0};
    const char *columns = setting("COLUMNS");
    int wished = columns ? atoi(columns) : 0;
    *ret_terminal = (struct ds_terminal){
        .fd = fd,
        .interactive = tty && !dumb,
        .color = !setting("NO_COLOR") && ((tty && !dumb) || (force && strcmp(force, "0") != 0)),
        .utf8 = locale_is_utf8(),
        .columns = size.ws_col  ? size.ws_col
                   : wished > 0 ? wished
                                : 80,
        .rows = size.ws_row ? size.ws_row : 24,
    };
}

/* Decodes one code point; malformed bytes count as one column each. */
static size_t decode(const char *at, uint32_t *ret_point)
{
    unsigned char first = (unsigned char)*at;
    if ((first >= 0x80 && first < 0xc2) || first > 0xf4) {
        *ret_point = '?';
        return 1;
    }
    size_t length = first < 0x80    ? 1
                    : first >= 0xf0 ? 4
                    : first >= 0xe0 ? 3
                    : first >= 0xc0 ? 2
                                    : 1;
    uint32_t point = length == 1 ? first : first & (0xffu >> (length + 1));
    for (size_t i = 1; i < length; i++) {
        if (((unsigned char)at[i] & 0xc0) != 0x80) {
            *ret_point = '?';
            return 1;
        }
        point = point << 6 | ((unsigned char)at[i] & 0x3f);
    }
    *ret_point = point;
    return length;
}

static size_t escape_length(const char *at)
{
    size_t length = 1;
    if (at[1] == '[') {
        for (length = 2; at[length] && !(at[length] >= 0x40 && at[length] <= 0x7e);)
            length++;
        return at[length] ? length + 1 : length;
    }
    if (at[1] == ']') {
        for (length = 2; at[length] && at[length] != '\a' && at[length] != '\033';)
            length++;
        if (at[length] == '\033' && at[length + 1] == '\\')
            return length + 2;
        return at[length] ? length + 1 : length;
    }
    return at[1] ? 2 : 1;
}

/* Wide ranges that matter on a terminal: CJK, Hangul, full-width forms, emoji. wcwidth() depends on
 * the locale that was set; this does not. */
static int point_width(uint32_t point)
{
    if (point < 0x20 || (point >= 0x7f && point < 0xa0))
        return 0;
    if ((point >= 0x300 && point <= 0x36f) || (point >= 0x200b && point <= 0x200f) ||
        (point >= 0xfe00 && point <= 0xfe0f))
        return 0;
    bool wide = (point >= 0x1100 && point <= 0x115f) || (point >= 0x2e80 && point <= 0xa4cf) ||
                (point >= 0xac00 && point <= 0xd7a3) || (point >= 0xf900 && point <= 0xfaff) ||
                (point >= 0xff00 && point <= 0xff60) || (point >= 0x1f300 && point <= 0x1faff) ||
                (point >= 0x20000 && point <= 0x3fffd);
    return wide ? 2 : 1;
}

int ds_terminal_width(const char *text)
{
    int width = 0;
    while (*text) {
        if (*text == '\033') {
            text += escape_length(text);
            continue;
        }
        uint32_t point;
        text += decode(text, &point);
        width += point_width(point);
    }
    return width;
}
