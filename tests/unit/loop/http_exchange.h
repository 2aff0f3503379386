/*
 * One request of the HTTP client and the scripted server that answers it: what both saw, for the
 * tests of http.c.
 */
#ifndef TESTS_UNIT_LOOP_HTTP_EXCHANGE_H
#define TESTS_UNIT_LOOP_HTTP_EXCHANGE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/socket.h>
#include <cmocka.h>

#include "devstack/base/clock.h"
#include "devstack/base/file.h"
#include "devstack/base/memory.h"
#include "devstack/loop/http.h"
#include "tests/support/loop_fixture.h"
#include "tests/support/scripted_server.h"

/* One test's server, client and what came of its call. */
struct exchange {
    struct loop_fixture *fixture;
    struct scripted_server *server;
    struct ds_http *http;
    struct ds_http_call *call;
    char *folder, *socket;
    /* what the server saw */
    struct ds_text head, request_body;
    struct scripted_peer *peer;
    bool asked;
    const char *script; /* raw bytes of the answer, or NULL: none */
    bool script_closes;
    /* what the client saw */
    struct ds_text data, body;
    enum ds_http_outcome outcome;
    int status, early_status;
    char *message, *location, *peer_address;
    bool done, closed;
    unsigned done_count;
    void (*in_data)(struct exchange *exchange);
    void (*in_done)(struct exchange *exchange);
};

static inline void serve(void *data, struct scripted_peer *peer,
                         const struct scripted_request *request)
{
    struct exchange *exchange = data;
    ds_text_append(&exchange->head, request->head);
    ds_text_append_bytes(&exchange->request_body, request->body, request->body_length);
    exchange->asked = true;
    exchange->peer = peer;
    if (exchange->script)
        scripted_peer_write(peer, exchange->script, strlen(exchange->script));
    if (exchange->script_closes)
        scripted_peer_close(peer);
}

static inline void on_done(void *data, const struct ds_http_answer *answer)
{
    struct exchange *exchange = data;
    exchange->outcome = answer->outcome;
    exchange->status = answer->status;
    exchange->message = ds_strdup(answer->message);
    exchange->location = ds_strdup(answer->location);
    exchange->peer_address = ds_strdup(answer->peer);
    ds_text_append_bytes(&exchange->body, answer->body, answer->body_length);
    exchange->done = true;
    exchange->done_count++;
    if (exchange->in_done)
        exchange->in_done(exchange);
}

static inline void on_status(void *data, int status)
{
    ((struct exchange *)data)->early_status = status;
}

static inline void on_data(void *data, const char *bytes, size_t length)
{
    struct exchange *exchange = data;
    ds_text_append_bytes(&exchange->data, bytes, length);
    if (exchange->in_data)
        exchange->in_data(exchange);
}

static const struct ds_http_events collecting = {.on_done = on_done, .on_status = on_status};
static const struct ds_http_events streaming = {
    .on_done = on_done, .on_status = on_status, .on_data = on_data};

static inline int setup(void **state)
{
    if (loop_fixture_setup(state) != 0)
        return -1;
    struct loop_fixture *fixture = *state;
    struct exchange *exchange = DS_NEW(struct exchange);
    char folder[] = "/tmp/devstack-http-XXXXXX";
    exchange->folder = ds_strdup(mkdtemp(folder));
    exchange->socket = ds_path_join(exchange->folder, "socket");
    exchange->fixture = fixture;
    exchange->http = ds_http_create(&fixture->loop);
    exchange->server = scripted_server_open(&fixture->loop, exchange->socket, serve, exchange);
    fixture->data = exchange;
    return 0;
}

static inline void note_closed(void *data)
{
    ((struct exchange *)data)->closed = true;
}

static inline int teardown(void **state)
{
    struct loop_fixture *fixture = *state;
    struct exchange *exchange = fixture->data;
    ds_http_close(exchange->http, note_closed, exchange);
    scripted_server_close(exchange->server);
    bool drained = loop_drain(fixture) && (exchange->closed || !exchange->http);
    ds_tree_remove(exchange->folder, NULL);
    ds_text_finish(&exchange->head);
    ds_text_finish(&exchange->request_body);
    ds_text_finish(&exchange->data);
    ds_text_finish(&exchange->body);
    free(exchange->message);
    free(exchange->location);
    free(exchange->peer_address);
    free(exchange->folder);
    free(exchange->socket);
    free(exchange);
    return loop_fixture_teardown(state) == 0 && drained ? 0 : -1;
}

static inline void send_request(struct exchange *exchange, struct ds_http_request request,
                                const struct ds_http_events *events)
{
    struct ds_http_events with_data = *events;
    with_data.data = exchange;
    exchange->call = ds_http_send(exchange->http, &request, &with_data);
}

static inline struct exchange *get(void **state, const char *script,
                                   const struct ds_http_events *events)
{
    struct exchange *exchange = ((struct loop_fixture *)*state)->data;
    exchange->script = script;
    send_request(
        exchange,
        (struct ds_http_request){.url = "http://engine/path?x=1", .unix_socket = exchange->socket},
        events);
    return exchange;
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

#endif
