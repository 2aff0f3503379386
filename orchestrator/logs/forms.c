/* How common encoders write a value down; where they differ, each way is a form of its own. */
#include "forms.h"

#include <stdint.h>
#include <string.h>

#include "devstack/base/memory.h"
#include "devstack/base/text.h"

/* No encoding here makes more than this of a byte, so a buffer reserved for it is never moved, and
 * no copy is left behind in freed memory. */
enum { MOST_PER_BYTE = 6, SLACK = 16 };

struct shaper {
    const char *value;
    size_t length;
    struct ds_text form;
    void (*on_form)(void *data, const char *bytes, size_t length);
    void *data;
};

static void hand_out(struct shaper *shaper)
{
    shaper->on_form(shaper->data, ds_text_string(&shaper->form), shaper->form.length);
    ds_text_clear(&shaper->form);
}

static void append_hex(struct ds_text *text, unsigned value, unsigned digits, bool upper)
{
    const char *alphabet = upper ? "0123456789ABCDEF" : "0123456789abcdef";
    while (digits-- > 0)
        ds_text_append_char(text, alphabet[value >> (4 * digits) & 15]);
}

static bool is_alphanumeric(unsigned char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* `kept` stand for themselves beside letters and digits; `plus` writes a space as web forms do. */
static void percent_form(struct shaper *shaper, const char *kept, bool upper, bool plus)
{
    for (size_t i = 0; i < shaper->length; i++) {
        unsigned char c = (unsigned char)shaper->value[i];
        if (is_alphanumeric(c) || (c && strchr(kept, c))) {
            ds_text_append_char(&shaper->form, (char)c);
        } else if (plus && c == ' ') {
            ds_text_append_char(&shaper->form, '+');
        } else {
            ds_text_append_char(&shaper->form, '%');
            append_hex(&shaper->form, c, 2, upper);
        }
    }
    hand_out(shaper);
}

static void percent_forms(struct shaper *shaper)
{
    percent_form(shaper, "-._~", true, false); /* RFC 3986 */
    percent_form(shaper, "-._~", false, false);
    percent_form(shaper, "-._~!'()*", true, false); /* encodeURIComponent */
    percent_form(shaper, "-._~!$&'()*+,;=", true,
                 false);                      /* the userinfo of a URL, RFC 3986, 3.2.1 */
    percent_form(shaper, "-._*", true, true); /* application/x-www-form-urlencoded */
    percent_form(shaper, "-._~", true, true);
}

/*
 * Base64 of text that the value stands in, with `before` (0 to 2, modulo 3) bytes in front of it:
 * the characters that depend on the value alone. `tail` also takes the last one when the value ends
 * the text, `padded` its padding too.
 */
static void base64_form(struct shaper *shaper, const char *extra, unsigned before, bool tail,
                        bool padded)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    size_t total = before + shaper->length;
    size_t first = (before * 8 + 5) / 6;
    size_t count = tail ? (total * 8 + 5) / 6 : total * 8 / 6;
    for (size_t i = first; i < count; i++) {
        unsigned index = 0;
        for (size_t bit = i * 6; bit < i * 6 + 6; bit++) {
            size_t at = bit / 8;
            unsigned char c =
                at >= before && at < total ? (unsigned char)shaper->value[at - before] : 0;
            index = index << 1 | (c >> (7 - bit % 8) & 1u);
        }
        ds_text_append_char(&shaper->form, index < 62 ? alphabet[index] : extra[index - 62]);
    }
    for (size_t i = count; padded && i % 4 != 0; i++)
        ds_text_append_char(&shaper->form, '=');
    hand_out(shaper);
}

static void base64_forms(struct shaper *shaper)
{
    static const char *const extras[] = {"+/", "-_"}; /* RFC 4648, 4 and 5 */
    for (size_t i = 0; i < DS_COUNT(extras); i++) {
        for (unsigned before = 0; before < 3; before++) {
            base64_form(shaper, extras[i], before, false, false);
            base64_form(shaper, extras[i], before, true, false);
            base64_form(shaper, extras[i], before, true, true);
        }
    }
}

struct json_style {
    bool slash;  /* "/" as "\/" */
    bool html;   /* "<", ">" and "&" as \u003c … */
    bool ascii;  /* everything past ASCII as \uXXXX */
    bool upper;  /* … in upper-case hex */
    bool delete; /* DEL as \u007f */
};

static void append_u(struct ds_text *text, unsigned unit, bool upper)
{
    ds_text_append(text, "\\u");
    append_hex(text, unit, 4, upper);
}

/* The length of a UTF-8 sequence and its code point, or 0 when it is none. */
static size_t decode(const char *at, size_t length, uint32_t *ret_point)
{
    unsigned char first = (unsigned char)*at;
    size_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 0;
    if (size == 0 || size > length)
        return 0;
    uint32_t point = first & (0xffu >> (size + 1));
    for (size_t i = 1; i < size; i++) {
        if (((unsigned char)at[i] & 0xc0) != 0x80)
            return 0;
        point = point << 6 | ((unsigned char)at[i] & 0x3f);
    }
    *ret_point = point;
    return size;
}

static void append_point(struct ds_text *text, uint32_t point, bool upper)
{
    if (point >= 0x10000) {
        point -= 0x10000;
        append_u(text, 0xd800 + (point >> 10 & 0x3ff), upper);
        point = 0xdc00 + (point & 0x3ff);
    }
    append_u(text, point, upper);
}

static void append_json_ascii(struct ds_text *text, unsigned char c, struct json_style style)
{
    static const char named[] = "\"\"\\\\\bb\ff\nn\rr\tt"; /* pairs: the byte, its letter */
    for (const char *pair = named; *pair; pair += 2) {
        if ((char)c == *pair) {
            ds_text_append_char(text, '\\');
            ds_text_append_char(text, pair[1]);
            return;
        }
    }
    if (c < 0x20 || (style.html && strchr("<>&", c)) || (style.delete &&c == 0x7f)) {
        append_u(text, c, style.upper);
        return;
    }
    if (style.slash && c == '/')
        ds_text_append_char(text, '\\');
    ds_text_append_char(text, (char)c);
}

static void json_form(struct shaper *shaper, struct json_style style)
{
    for (size_t i = 0; i < shaper->length;) {
        uint32_t point = 0;
        size_t size = style.ascii ? decode(shaper->value + i, shaper->length - i, &point) : 0;
        if (size > 0)
            append_point(&shaper->form, point, style.upper);
        else
            append_json_ascii(&shaper->form, (unsigned char)shaper->value[i], style);
        i += size > 0 ? size : 1;
    }
    hand_out(shaper);
}

static void json_forms(struct shaper *shaper)
{
    json_form(shaper, (struct json_style){0});
    json_form(shaper, (struct json_style){.upper = true});
    json_form(shaper, (struct json_style){.slash = true});                 /* PHP below 256 */
    json_form(shaper, (struct json_style){.slash = true, .ascii = true});  /* PHP */
    json_form(shaper, (struct json_style){.html = true});                  /* Go */
    json_form(shaper, (struct json_style){.ascii = true});                 /* Python */
    json_form(shaper, (struct json_style){.ascii = true, .delete = true}); /* Ruby, Perl */
    json_form(shaper, (struct json_style){.ascii = true, .upper = true});  /* jansson, C# */
}

/* As an SQL literal: PostgreSQL logs statements with the quotes doubled. */
static void sql_form(struct shaper *shaper)
{
    for (size_t i = 0; i < shaper->length; i++) {
        if (shaper->value[i] == '\'')
            ds_text_append_char(&shaper->form, '\'');
        ds_text_append_char(&shaper->form, shaper->value[i]);
    }
    hand_out(shaper);
}

void log_forms(const struct ds_secret *secret,
               void (*on_form)(void *data, const char *bytes, size_t length), void *data)
{
    struct shaper shaper = {.value = ds_secret_bytes(secret),
                            .length = ds_secret_length(secret),
                            .on_form = on_form,
                            .data = data};
    ds_text_reserve(&shaper.form, shaper.length * MOST_PER_BYTE + SLACK);
    on_form(data, shaper.value, shaper.length);
    percent_forms(&shaper);
    base64_forms(&shaper);
    json_forms(&shaper);
    sql_form(&shaper);
    ds_wipe(shaper.form.data, shaper.form.capacity);
    ds_text_finish(&shaper.form);
}
