/* The error object: set once, given context on the way up, shown by the command line. */
#include "devstack/base/error.h"

#include <stdlib.h>
#include <string.h>

#include "devstack/base/memory.h"

void ds_error_clear(struct ds_error *err)
{
    if (!err)
        return;
    free(err->message);
    free(err->hint);
    *err = (struct ds_error){0};
}

static bool set_message(struct ds_error *err, enum ds_error_code code, char *message)
{
    ds_error_clear(err);
    err->code = code;
    err->message = message;
    return false;
}

bool ds_error_set(struct ds_error *err, enum ds_error_code code, const char *format, ...)
{
    if (!err)
        return false;
    va_list args;
    va_start(args, format);
    char *message = ds_vprintf(format, args);
    va_end(args);
    return set_message(err, code, message);
}

bool ds_error_set_errno(struct ds_error *err, enum ds_error_code code, int errno_value,
                        const char *format, ...)
{
    if (!err)
        return false;
    va_list args;
    va_start(args, format);
    ds_auto_free char *what = ds_vprintf(format, args);
    va_end(args);
    return set_message(err, code, ds_printf("%s: %s", what, strerror(errno_value)));
}

bool ds_error_hint(struct ds_error *err, const char *format, ...)
{
    if (!err)
        return false;
    va_list args;
    va_start(args, format);
    char *hint = ds_vprintf(format, args);
    va_end(args);
    free(err->hint);
    err->hint = hint;
    return false;
}

bool ds_error_prefix(struct ds_error *err, const char *format, ...)
{
    if (!err)
        return false;
    va_list args;
    va_start(args, format);
    ds_auto_free char *context = ds_vprintf(format, args);
    va_end(args);
    char *message = ds_printf("%s: %s", context, err->message ? err->message : "unknown error");
    free(err->message);
    err->message = message;
    return false;
}

bool ds_error_move(struct ds_error *to, struct ds_error *from)
{
    if (to) {
        ds_error_clear(to);
        *to = *from;
        *from = (struct ds_error){0};
    } else {
        ds_error_clear(from);
    }
    return false;
}
