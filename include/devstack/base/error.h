/*
 * What went wrong, where, and what to do about it.
 *
 * Fallible functions take a `struct ds_error *` last and leave it untouched on success. A caller
 * that does not care may pass NULL. The strings belong to the error; ds_error_clear() frees them.
 * On the way up a caller may put context in front with ds_error_prefix().
 */
#ifndef DEVSTACK_BASE_ERROR_H
#define DEVSTACK_BASE_ERROR_H

#include <stdarg.h>
#include <stdbool.h>

/* The numbers are the exit codes of the command line. */
enum ds_error_code {
    DS_OK = 0,
    DS_ERROR_FAILED = 1,      /* none of the below */
    DS_ERROR_USAGE = 2,       /* wrong usage of the command line */
    DS_ERROR_INVALID = 3,     /* services.yaml or settings are invalid */
    DS_ERROR_SECRET = 4,      /* a secret is missing or the keyring is unusable */
    DS_ERROR_MISSING = 5,     /* something needed is not there: engine, command, image */
    DS_ERROR_PORT = 6,        /* a port is taken */
    DS_ERROR_SERVICE = 7,     /* a service failed */
    DS_ERROR_TIMEOUT = 8,     /* timed out */
    DS_ERROR_NOT_RUNNING = 9, /* the stack is not running */
    DS_ERROR_RUNNING = 10,    /* the stack is running and the call needs it not to be */
};

/* A place in a text file; line and column count from 1, 0 means unknown. `file` is borrowed. */
struct ds_where {
    const char *file;
    int line;
    int column;
};

struct ds_error {
    enum ds_error_code code;
    char *message;    /* one sentence, no newline at the end */
    char *hint;       /* what to do, or NULL */
    bool unreachable; /* the one who was asked did not answer at all: it says nothing of the matter
                       */
};

#define ds_auto_error __attribute__((cleanup(ds_error_clear)))

void ds_error_clear(struct ds_error *err);
/* Sets code and message (freeing what was there). Returns false, so `return ds_error_set(...)`
 * reads well. */
bool ds_error_set(struct ds_error *err, enum ds_error_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Like ds_error_set(), with ": <text of errno_value>" at the end. `errno_value` is positive. */
bool ds_error_set_errno(struct ds_error *err, enum ds_error_code code, int errno_value,
                        const char *format, ...) __attribute__((format(printf, 4, 5)));
bool ds_error_hint(struct ds_error *err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Puts "<text>: " in front of the message. */
bool ds_error_prefix(struct ds_error *err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Moves the contents of `from` to `to` (which may be NULL) and empties `from`. Returns false. */
bool ds_error_move(struct ds_error *to, struct ds_error *from);

#endif
