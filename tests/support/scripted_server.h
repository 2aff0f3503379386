/*
 * An HTTP server whose every byte the test decides: for answers that no real server can be made to
 * give (fragments, nonsense, connections that break off).
 *
 * It parses requests with Content-Length bodies and calls the script for each; the script writes
 * raw bytes. Runs on the test's own loop.
 */
#ifndef TESTS_SUPPORT_SCRIPTED_SERVER_H
#define TESTS_SUPPORT_SCRIPTED_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

struct scripted_server;
struct scripted_peer; /* one connection */

struct scripted_request {
    const char *method, *target; /* "GET", "/path?query" */
    const char *head;            /* request line and headers as they came */
    const char *body;
    size_t body_length;
};

typedef void (*scripted_request_fn)(void *data, struct scripted_peer *peer,
                                    const struct scripted_request *request);

/* Listens at a unix socket path (which must not exist), or with NULL on a loopback TCP port.
 * Aborts the test program when it cannot. */
struct scripted_server *scripted_server_open(uv_loop_t *loop, const char *path,
                                             scripted_request_fn on_request, void *data);
int scripted_server_port(const struct scripted_server *server);
unsigned scripted_server_connections(const struct scripted_server *server); /* ever accepted */
unsigned scripted_server_connected(const struct scripted_server *server);   /* now */
/* Closes all connections and, once they are gone, frees. */
void scripted_server_close(struct scripted_server *server);

/* Both may be called from the script or later, until the connection is closed. */
void scripted_peer_write(struct scripted_peer *peer, const void *bytes, size_t length);
/* A whole answer with Content-Length. `headers` (may be "") end with CR LF each. */
void scripted_peer_answer(struct scripted_peer *peer, int status, const char *headers,
                          const char *body);
/* Closes after what was written has gone out. */
void scripted_peer_close(struct scripted_peer *peer);

#endif
