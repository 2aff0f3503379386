/*
 * Running a credential helper: a short-lived program that gets a line on its stdin and answers on
 * its stdout. Nothing blocks the loop.
 */
#ifndef DEVSTACK_DOCKER_HELPER_H
#define DEVSTACK_DOCKER_HELPER_H

#include <uv.h>

#include "devstack/base/error.h"
#include "devstack/base/text.h"

struct helper;

/* The program has ended and closed its stdout. `output` may hold a secret: it is wiped after the
 * callback. `error` tells that it could not be run, took longer than 30 s, or was ended by a
 * signal; then there is no output. */
typedef void (*helper_done_fn)(void *data, int exit_code, const char *output,
                               const struct ds_error *error);

/* `program` is looked up on the PATH of `environment`, which the program gets. The callback comes
 * once, never from inside. NULL and an error when the program does not start. */
struct helper *helper_run(uv_loop_t *loop, const char *program, const char *argument,
                          const char *input, const struct ds_variables *environment,
                          helper_done_fn done, void *data, struct ds_error *err);
/* Kills it; no callback follows. NULL is fine. */
void helper_cancel(struct helper *helper);

#endif
