/* Base 64, both ways. */
#include "base64.h"

#include <stdint.h>
#include <string.h>

#include "devstack/base/memory.h"

static const char url_alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* Of the standard alphabet; -1 when `c` is none of it. */
static int digit_value(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

char *base64url_encode(const void *data, size_t length)
{
    const unsigned char *bytes = data;
    char *text = ds_alloc((length + 2) / 3 * 4 + 1), *out = text;
    for (size_t i = 0; i < length; i += 3) {
        size_t here = length - i < 3 ? length - i : 3;
        uint32_t group = (uint32_t)bytes[i] << 16;
        if (here > 1)
            group |= (uint32_t)bytes[i + 1] << 8;
        if (here > 2)
            group |= bytes[i + 2];
        *out++ = url_alphabet[group >> 18];
        *out++ = url_alphabet[group >> 12 & 63];
        *out++ = here > 1 ? url_alphabet[group >> 6 & 63] : '=';
        *out++ = here > 2 ? url_alphabet[group & 63] : '=';
    }
    return text;
}

char *base64_decode(const char *text, size_t *ret_length)
{
    size_t length = strlen(text);
    while (length > 0 && text[length - 1] == '=')
        length--;
    unsigned char *bytes = ds_alloc(length / 4 * 3 + 4);
    size_t count = 0;
    uint32_t group = 0;
    unsigned bits = 0;
    for (size_t i = 0; i < length; i++) {
        int value = digit_value(text[i]);
        if (value < 0) {
            free(bytes);
            return NULL;
        }
        group = group << 6 | (uint32_t)value;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            bytes[count++] = (unsigned char)(group >> bits);
        }
    }
    *ret_length = count;
    return (char *)bytes;
}
