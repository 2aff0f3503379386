/* A server on a fake stack, and raw clients on its socket, all on one thread: the loop runs while a
 * client waits, and nothing sleeps longer than it takes. */
#ifndef TESTS_SERVER_WIRE_H
#define TESTS_SERVER_WIRE_H

#include <uv.h>

#include "devstack/base/text.h"
#include "devstack/server.h"
#include "fake_stack.h"

struct wire {
    uv_loop_t loop;
    struct ds_stack stack;
    struct ds_server *server;
    char *folder, *path;
    bool closed;
};

int wire_setup(void **state);
/* Closes the server if it is open, drains the loop and requires that nothing is left on it. */
int wire_teardown(void **state);
/* Begins to close; wire_until_closed() waits. */
void wire_close(struct wire *wire);
bool wire_until_closed(struct wire *wire);

int wire_connect(struct wire *wire);
/* Sends `request` (CRLF is put for each \n of the head). */
void wire_send(int fd, const char *request);
/* Reads into `got` until `needle` is in it; false at the deadline or when the peer has closed. */
bool wire_until(struct wire *wire, int fd, struct ds_text *got, const char *needle);
/* Reads into `got` until the peer closes; false at the deadline. */
bool wire_until_end(struct wire *wire, int fd, struct ds_text *got);
/* One exchange with Connection: close; the caller frees the whole answer. */
char *wire_exchange(struct wire *wire, const char *method, const char *path, const char *body);
/* Lets the loop run for as many turns without reading anything. */
void wire_turns(struct wire *wire, int turns);

#endif
