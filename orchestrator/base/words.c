/* Helpers on plain strings: comparing, quoting, and finding what was probably meant. */
#include "devstack/base/text.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "devstack/base/memory.h"

bool ds_string_equal(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

bool ds_string_starts(const char *string, const char *prefix)
{
    return strncmp(string, prefix, strlen(prefix)) == 0;
}

bool ds_string_ends(const char *string, const char *suffix)
{
    size_t length = strlen(string), tail = strlen(suffix);
    return length >= tail && strcmp(string + length - tail, suffix) == 0;
}

char *ds_shell_quote(const char *string)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "_-./:=@%+,";
    if (*string && string[strspn(string, plain)] == '\0')
        return ds_strdup(string);
    struct ds_text text = {0};
    ds_text_append_char(&text, '\'');
    for (; *string; string++) {
        if (*string == '\'')
            ds_text_append(&text, "'\\''");
        else
            ds_text_append_char(&text, *string);
    }
    ds_text_append_char(&text, '\'');
    return ds_text_take(&text);
}

char *ds_percent_encode(const char *string)
{
    struct ds_text text = {0};
    for (; *string; string++) {
        unsigned char c = (unsigned char)*string;
        /* RFC 3986, 2.3: unreserved characters stand for themselves. */
        if ((c < 128 && isalnum(c)) || strchr("-._~", c))
            ds_text_append_char(&text, (char)c);
        else
            ds_text_appendf(&text, "%%%02X", c);
    }
    return ds_text_take(&text);
}

static size_t smallest(size_t a, size_t b, size_t c)
{
    size_t least = a < b ? a : b;
    return least < c ? least : c;
}

static bool same_letter(char a, char b)
{
    return tolower((unsigned char)a) == tolower((unsigned char)b);
}

/* Optimal string alignment: insert, delete, replace, swap neighbours. */
static size_t edit_distance(const char *a, const char *b)
{
    size_t rows = strlen(a) + 1, columns = strlen(b) + 1;
    ds_auto_free size_t *table = ds_realloc_array(NULL, rows * columns, sizeof(size_t));
#define CELL(r, c) table[(r)*columns + (c)]
    for (size_t r = 0; r < rows; r++)
        CELL(r, 0) = r;
    for (size_t c = 0; c < columns; c++)
        CELL(0, c) = c;
    for (size_t r = 1; r < rows; r++) {
        for (size_t c = 1; c < columns; c++) {
            size_t replace = CELL(r - 1, c - 1) + !same_letter(a[r - 1], b[c - 1]);
            CELL(r, c) = smallest(CELL(r - 1, c) + 1, CELL(r, c - 1) + 1, replace);
            if (r > 1 && c > 1 && same_letter(a[r - 1], b[c - 2]) &&
                same_letter(a[r - 2], b[c - 1]) && CELL(r - 2, c - 2) + 1 < CELL(r, c))
                CELL(r, c) = CELL(r - 2, c - 2) + 1;
        }
    }
    return CELL(rows - 1, columns - 1);
#undef CELL
}

const char *ds_nearest(const char *word, const char *const *candidates, size_t count)
{
    size_t length = strlen(word);
    if (length > 64)
        return NULL;
    size_t limit = length / 3 ? length / 3 : 1;
    const char *best = NULL;
    for (size_t i = 0; i < count; i++) {
        if (strlen(candidates[i]) > 64)
            continue;
        size_t distance = edit_distance(word, candidates[i]);
        if (distance <= limit && distance < strlen(candidates[i])) {
            best = candidates[i];
            limit = distance ? distance - 1 : 0;
            if (distance == 0)
                break;
        }
    }
    return best;
}
