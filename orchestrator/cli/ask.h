/* Asking a running stack one question, and asking the user one. */
#ifndef CLI_ASK_H
#define CLI_ASK_H

#include "devstack/base/secret.h"
#include "devstack/stack/identity.h"

/* GET `path` on the stack's socket. The body (the caller frees), or NULL with DS_ERROR_NOT_RUNNING
 * when no stack runs there. */
char *ask_stack(const struct ds_identity *identity, const char *path, struct ds_error *err);

/* One line from /dev/tty with echo off; the terminal is itself again afterwards, also when a signal
 * ends the question. NULL with `err` unset for an empty line; NULL with `err` when there is no
 * answer. */
struct ds_secret *ask_secret(const char *question, struct ds_error *err);
/* One line from /dev/tty, or NULL with `err`; the caller frees. */
char *ask_line(const char *question, struct ds_error *err);

#endif
