/*
 * The HTTP server of a running stack, on the stack's unix socket.
 *
 * It lives on the caller's loop and knows the stack through devstack/stack.h alone. Errors are
 * answered as RFC 9457 application/problem+json with a stable `code`. A client that reads slowly,
 * or not at all, costs a bounded queue and no delay for others.
 */
#ifndef DEVSTACK_SERVER_H
#define DEVSTACK_SERVER_H

#include <uv.h>

#include "devstack/base/error.h"
#include "devstack/stack.h"

struct ds_server;

/* Listens on the unix socket `socket_path` (made with mode 0600; a stale file in its place is
 * removed, so the caller holds the stack's lease). NULL with `err` when it cannot. The stack must
 * outlive the call of ds_server_close(). */
struct ds_server *ds_server_open(uv_loop_t *loop, struct ds_stack *stack, const char *socket_path,
                                 struct ds_error *err);

/* Ends all streams (their last events are the last snapshot and `end`), gives clients a second to
 * take what is theirs, then closes. The stack is not touched after the call; `on_closed` (may be
 * NULL) fires once, from the loop, when the memory is gone. */
void ds_server_close(struct ds_server *server, void (*on_closed)(void *data), void *data);

#endif
