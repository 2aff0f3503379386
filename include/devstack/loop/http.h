/*
 * An HTTP client on the libuv loop: one libcurl multi handle for Docker, probes and the command
 * line alike.
 *
 * Calls are made and answered on the loop's thread. `on_done` fires exactly once for each call that
 * was not cancelled, never from inside ds_http_send(); after it the call is gone. ds_http_cancel()
 * ends one early: no callback follows.
 * The program ignores SIGPIPE: a TLS connection that breaks would raise it.
 */
#ifndef DEVSTACK_LOOP_HTTP_H
#define DEVSTACK_LOOP_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "devstack/base/error.h"
#include "devstack/base/text.h"

struct ds_http;      /* the client */
struct ds_http_call; /* one exchange */

enum ds_http_outcome {
    DS_HTTP_ANSWERED,  /* `status` is set, the body complete */
    DS_HTTP_REFUSED,   /* nobody listens, or the socket file is not there */
    DS_HTTP_FORBIDDEN, /* the socket may not be opened */
    DS_HTTP_TIMED_OUT,
    DS_HTTP_UNRESOLVED, /* the host has no address */
    DS_HTTP_CLOSED,     /* the peer closed before a whole answer */
    DS_HTTP_TLS,        /* certificate or handshake */
    DS_HTTP_FAILED,     /* anything else */
};

struct ds_http_tls {
    const char *ca_file, *certificate_file, *key_file; /* NULL: the system's, none, none */
    bool insecure;
};

struct ds_http_request {
    const char *method;      /* NULL: GET, or POST with a body */
    const char *url;         /* http://host/path; the host is a mere name with unix_socket */
    const char *unix_socket; /* path, or NULL for TCP */
    const struct ds_strings *headers; /* "Name: value", or NULL */
    const void *body;                 /* copied */
    size_t body_length;
    const char *content_type;      /* NULL: application/json when there is a body */
    uint64_t connect_timeout;      /* ns; 0: 5 s */
    uint64_t timeout;              /* ns for the whole exchange; 0: none */
    const struct ds_http_tls *tls; /* copied; NULL: curl's defaults */
    bool fresh_connection;         /* probes: do not reuse one */
    size_t body_limit;             /* of a collected body; more FAILS the call. 0: 16 MiB */
};

struct ds_http_answer {
    enum ds_http_outcome outcome;
    int status; /* 0 when there was none */
    const char
        *body; /* NUL-terminated, collected when there is no on_data; borrowed for the callback */
    size_t body_length;
    const char *message;  /* the cause in words when it is not ANSWERED */
    const char *location; /* of a redirect, made absolute, or NULL: redirects are never followed */
    const char *peer;     /* the IP address that answered, or NULL */
};

struct ds_http_events {
    void (*on_done)(void *data, const struct ds_http_answer *answer);
    /* Optional: the status line and headers are here. */
    void (*on_status)(void *data, int status);
    /* Optional: body bytes as they come; then the answer's body is empty. Not called for statuses
     * >= 400, whose body is collected. */
    void (*on_data)(void *data, const char *bytes, size_t length);
    void *data;
};

/* Costs two idle timers; libcurl itself is initialised by the first request. Proxy variables of
 * the environment are honoured, except for loopback hosts and unix sockets. */
struct ds_http *ds_http_create(uv_loop_t *loop);
uv_loop_t *ds_http_loop(const struct ds_http *http);
/* Cancels what is under way and closes the handles; `on_closed` (may be NULL) fires when the memory
 * is gone. Nothing may be sent after it. NULL is fine. */
void ds_http_close(struct ds_http *http, void (*on_closed)(void *data), void *data);
struct ds_http_call *ds_http_send(struct ds_http *http, const struct ds_http_request *request,
                                  const struct ds_http_events *events);
/* May be called from any callback, also from the call's own (in its on_done it does nothing). The
 * connection is closed when the answer was not complete. */
void ds_http_cancel(struct ds_http_call *call);
/* Stops and resumes reading the body, for a consumer that cannot keep up. */
void ds_http_pause(struct ds_http_call *call, bool paused);

#endif
