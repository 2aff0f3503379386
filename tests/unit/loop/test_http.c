/* The HTTP client: outcomes, streaming, cancelling from anywhere, closing under way. */
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

static void serve(void *data, struct scripted_peer *peer, const struct scripted_request *request)
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

static void on_done(void *data, const struct ds_http_answer *answer)
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

static void on_status(void *data, int status)
{
    ((struct exchange *)data)->early_status = status;
}

static void on_data(void *data, const char *bytes, size_t length)
{
    struct exchange *exchange = data;
    ds_text_append_bytes(&exchange->data, bytes, length);
    if (exchange->in_data)
        exchange->in_data(exchange);
}

static const struct ds_http_events collecting = {.on_done = on_done, .on_status = on_status};
static const struct ds_http_events streaming = {
    .on_done = on_done, .on_status = on_status, .on_data = on_data};

static int setup(void **state)
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

static void note_closed(void *data)
{
    ((struct exchange *)data)->closed = true;
}

static int teardown(void **state)
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

static void send_request(struct exchange *exchange, struct ds_http_request request,
                         const struct ds_http_events *events)
{
    struct ds_http_events with_data = *events;
    with_data.data = exchange;
    exchange->call = ds_http_send(exchange->http, &request, &with_data);
}

static struct exchange *get(void **state, const char *script, const struct ds_http_events *events)
{
    struct exchange *exchange = ((struct loop_fixture *)*state)->data;
    exchange->script = script;
    send_request(
        exchange,
        (struct ds_http_request){.url = "http://engine/path?x=1", .unix_socket = exchange->socket},
        events);
    return exchange;
}

static void collects_an_answer(void **state)
{
    struct exchange *exchange =
        get(state, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", &collecting);
    assert_false(exchange->done);
    assert_true(loop_run_until(exchange->fixture, &exchange->done));
    assert_int_equal(exchange->outcome, DS_HTTP_ANSWERED);
    assert_int_equal(exchange->status, 200);
    assert_int_equal(exchange->early_status, 200);
    assert_string_equal(ds_text_string(&exchange->body), "hello");
    assert_null(exchange->message);
    assert_null(exchange->peer_address);
    assert_true(
        ds_string_starts(exchange->head.data, "GET /path?x=1 HTTP/1.1\r\nHost: engine\r\n"));
}

static void streams_chunks(void **state)
{
    struct exchange *exchange = get(state,
                                    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                                    "3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n",
                                    &streaming);
    assert_true(loop_run_until(exchange->fixture, &exchange->done));
    assert_string_equal(ds_text_string(&exchange->data), "abcdefg");
    assert_int_equal(exchange->body.length, 0);
}

static void collects_the_body_of_an_error_even_when_streaming(void **state)
{
    struct exchange *exchange =
        get(state, "HTTP/1.1 404 No\r\nContent-Length: 4\r\n\r\ngone", &streaming);
    assert_true(loop_run_until(exchange->fixture, &exchange->done));
    assert_int_equal(exchange->status, 404);
    assert_string_equal(ds_text_string(&exchange->body), "gone");
    assert_int_equal(exchange->data.length, 0);
}

static void sends_method_headers_and_body(void **state)
{
    struct exchange *exchange = ((struct loop_fixture *)*state)->data;
    exchange->script = "HTTP/1.1 204 Done\r\n\r\n";
    ds_auto_strings struct ds_strings headers = {0};
    ds_strings_add(&headers, "X-Registry-Auth: abc=");
    char *body = ds_alloc(3 * 1024 * 1024); /* above curl's threshold for "Expect" */
    memset(body, 'b', 3 * 1024 * 1024);
    send_request(exchange,
                 (struct ds_http_request){.method = "PUT",
                                          .url = "http://engine/archive",
                                          .unix_socket = exchange->socket,
                                          .headers = &headers,
                                          .content_type = "application/x-tar",
                                          .body = body,
                                          .body_length = 3 * 1024 * 1024},
                 &collecting);
    free(body); /* copied */
    assert_true(loop_run_until(exchange->fixture, &exchange->done));
    assert_int_equal(exchange->status, 204);
    assert_int_equal(exchange->request_body.length, 3 * 1024 * 1024);
    assert_true(ds_string_starts(exchange->head.data, "PUT /archive HTTP/1.1\r\n"));
    assert_non_null(strstr(exchange->head.data, "\r\nX-Registry-Auth: abc=\r\n"));
    assert_non_null(strstr(exchange->head.data, "\r\nContent-Type: application/x-tar\r\n"));
    assert_null(strstr(exchange->head.data, "Expect:"));
}

static void an_empty_post_says_so(void **state)
{
    struct exchange *exchange = ((struct loop_fixture *)*state)->data;
    exchange->script = "HTTP/1.1 304 Not Modified\r\n\r\n";
    send_request(exchange,
                 (struct ds_http_request){
                     .method = "POST", .url = "http://e/start", .unix_socket = exchange->socket},
                 &collecting);
    assert_true(loop_run_until(exchange->fixture, &exchange->done));
    assert_int_equal(exchange->status, 304);
    assert_non_null(strstr(exchange->head.data, "\r\nContent-Length: 0\r\n"));
    assert_null(strstr(exchange->head.data, "Content-Type"));
}

static void a_missing_socket_is_refused(void **state)
{
    struct exchange *exchange = ((struct loop_fixture *)*state)->data;
    send_request(exchange,
                 (struct ds_http_request){.url = "http://e/",
                                          .unix_socket = "/nonexistent/devstack-test.sock"},
                 &collecting);
    assert_true(loop_run_until(exchange->fixture, &exchange->done));
    assert_int_equal(exchange->outcome, DS_HTTP_REFUSED);
    assert_int_equal(exchange->status, 0);
    assert_non_null(exchange->message);
}

/* A port that nobody listens on: bound, so that nobody else takes it, but not listening. */
static void a_port_without_listener_is_refused(void **state)
{
    struct exchange *exchange = ((struct loop_fixture *)*state)->data;
    struct sockaddr_in address;
    uv_ip4_addr("127.0.0.1", 0, &address);
    socklen_t length = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, length), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &length), 0);
    ds_auto_free char *url = ds_printf("http://127.0.0.1:%d/", ntohs(address.sin_port));
    send_request(exchange, (struct ds_http_request){.url = url}, &collecting);
    bool answered = loop_run_until(exchange->fixture, &exchange->done);
    close(fd);
    assert_true(answered);
    assert_int_equal(exchange->outcome, DS_HTTP_REFUSED);
}

static void names_the_peer_and_the_redirect_target(void **state)
{
    struct exchange *exchange = ((struct loop_fixture *)*state)->data;
    exchange->script = "HTTP/1.1 302 Found\r\nLocation: /login\r\nContent-Length: 0\r\n\r\n";
    struct scripted_server *server =
        scripted_server_open(&exchange->fixture->loop, NULL, serve, exchange);
    ds_auto_free char *url = ds_printf("http://127.0.0.1:%d/", scripted_server_port(server));
    ds_auto_free char *target =
        ds_printf("http://127.0.0.1:%d/login", scripted_server_port(server));
    send_request(exchange, (struct ds_http_request){.url = url, .fresh_connection = true},
                 &collecting);
    bool answered = loop_run_until(exchange->fixture, &exchange->done);
    scripted_server_close(server);
    assert_true(answered);
    assert_int_equal(exchange->status, 302);
    assert_string_equal(exchange->location, target);
    assert_string_equal(exchange->peer_address, "127.0.0.1");
}

static void an_answer_that_breaks_off_is_closed(void **state)
{
    struct exchange *exchange = ((struct loop_fixture *)*state)->data;
    exchange->script_closes = true;
    get(state, "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nonly this", &collecting);
    assert_true(loop_run_until(exchange->fixture, &exchange->done));
    assert_int_equal(exchange->outcome, DS_HTTP_CLOSED);
    assert_int_equal(exchange->status, 200);
}

static void no_answer_at_all_is_closed(void **state)
{
    struct exchange *exchange = ((struct loop_fixture *)*state)->data;
    exchange->script_closes = true;
    get(state, NULL, &collecting);
    assert_true(loop_run_until(exchange->fixture, &exchange->done));
    assert_int_equal(exchange->outcome, DS_HTTP_CLOSED);
}

static void nonsense_is_a_failure(void **state)
{
    struct exchange *exchange = ((struct loop_fixture *)*state)->data;
    exchange->script_closes = true;
    get(state, "SSH-2.0-OpenSSH_9.2\r\n", &collecting);
    assert_true(loop_run_until(exchange->fixture, &exchange->done));
    assert_int_equal(exchange->outcome, DS_HTTP_FAILED);
    assert_non_null(exchange->message);
}

static void silence_times_out(void **state)
{
    struct exchange *exchange = ((struct loop_fixture *)*state)->data;
    send_request(exchange,
                 (struct ds_http_request){.url = "http://e/",
                                          .unix_socket = exchange->socket,
                                          .timeout = 30 * DS_NS_PER_MS},
                 &collecting);
    assert_true(loop_run_until(exchange->fixture, &exchange->done));
    assert_int_equal(exchange->outcome, DS_HTTP_TIMED_OUT);
}

static void a_body_over_the_limit_fails(void **state)
{
    struct exchange *exchange = ((struct loop_fixture *)*state)->data;
    exchange->script = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n123456789";
    send_request(exchange,
                 (struct ds_http_request){
                     .url = "http://e/", .unix_socket = exchange->socket, .body_limit = 8},
                 &collecting);
    assert_true(loop_run_until(exchange->fixture, &exchange->done));
    assert_int_equal(exchange->outcome, DS_HTTP_FAILED);
    assert_string_equal(exchange->message, "the answer is too large");
}

static void greet_in_plain_text(uv_stream_t *listener, int status)
{
    (void)status;
    uv_tcp_t *peer = listener->data;
    uv_tcp_init(listener->loop, peer);
    static const char words[] = "220 mail.example ready\r\n";
    uv_buf_t greeting = uv_buf_init((char *)words, sizeof(words) - 1);
    if (uv_accept(listener, (uv_stream_t *)peer) == 0)
        uv_try_write((uv_stream_t *)peer, &greeting, 1);
}

static void a_server_without_tls_fails_the_handshake(void **state)
{
    struct exchange *exchange = ((struct loop_fixture *)*state)->data;
    uv_tcp_t listener, peer;
    struct sockaddr_in address;
    int length = sizeof(address);
    uv_ip4_addr("127.0.0.1", 0, &address);
    uv_tcp_init(&exchange->fixture->loop, &listener);
    listener.data = &peer;
    assert_int_equal(uv_tcp_bind(&listener, (struct sockaddr *)&address, 0), 0);
    assert_int_equal(uv_listen((uv_stream_t *)&listener, 4, greet_in_plain_text), 0);
    uv_tcp_getsockname(&listener, (struct sockaddr *)&address, &length);
    ds_auto_free char *url = ds_printf("https://127.0.0.1:%d/", ntohs(address.sin_port));
    send_request(exchange, (struct ds_http_request){.url = url}, &collecting);
    bool answered = loop_run_until(exchange->fixture, &exchange->done);
    uv_close((uv_handle_t *)&listener, NULL);
    uv_close((uv_handle_t *)&peer, NULL);
    uv_run(&exchange->fixture->loop, UV_RUN_NOWAIT);
    assert_true(answered);
    assert_int_equal(exchange->outcome, DS_HTTP_TLS);
    assert_non_null(exchange->message);
}

static void an_unresolvable_host_is_told(void **state)
{
    struct exchange *exchange = ((struct loop_fixture *)*state)->data;
    send_request(exchange, (struct ds_http_request){.url = "http://no-such-host.invalid/"},
                 &collecting);
    assert_true(loop_run_until(exchange->fixture, &exchange->done));
    assert_int_equal(exchange->outcome, DS_HTTP_UNRESOLVED);
}

static void cancelled_before_anything_calls_nobody(void **state)
{
    struct exchange *exchange = get(state, "HTTP/1.1 204 x\r\n\r\n", &collecting);
    ds_http_cancel(exchange->call);
    assert_true(loop_drain(exchange->fixture));
    assert_false(exchange->done);
    assert_false(exchange->asked);
}

static void cancel_own_call(struct exchange *exchange)
{
    ds_http_cancel(exchange->call);
}

static void cancelled_from_its_own_data_calls_nobody_again(void **state)
{
    struct exchange *exchange = ((struct loop_fixture *)*state)->data;
    exchange->in_data = cancel_own_call;
    get(state, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", &streaming);
    assert_true(loop_drain(exchange->fixture));
    assert_int_equal(exchange->data.length, 3);
    assert_false(exchange->done);
}

static void cancelling_in_its_own_done_is_harmless(void **state)
{
    struct exchange *exchange = ((struct loop_fixture *)*state)->data;
    exchange->in_done = cancel_own_call;
    get(state, "HTTP/1.1 204 x\r\n\r\n", &collecting);
    assert_true(loop_drain(exchange->fixture));
    assert_int_equal(exchange->done_count, 1);
}

static void send_another(struct exchange *exchange)
{
    exchange->in_data = NULL;
    send_request(exchange,
                 (struct ds_http_request){.url = "http://e/2", .unix_socket = exchange->socket},
                 &collecting);
}

static void a_request_may_be_sent_from_a_data_callback(void **state)
{
    struct exchange *exchange = ((struct loop_fixture *)*state)->data;
    exchange->in_data = send_another;
    get(state, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", &streaming);
    assert_true(loop_drain(exchange->fixture));
    assert_int_equal(exchange->done_count, 2);
}

static void close_client(struct exchange *exchange)
{
    ds_http_close(exchange->http, note_closed, exchange);
    exchange->http = NULL;
}

static void the_client_may_be_closed_from_a_data_callback(void **state)
{
    struct exchange *exchange = ((struct loop_fixture *)*state)->data;
    exchange->in_data = close_client;
    get(state, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", &streaming);
    assert_true(loop_drain(exchange->fixture));
    assert_true(exchange->closed);
    assert_false(exchange->done);
}

static void the_client_may_be_closed_from_a_done_callback(void **state)
{
    struct exchange *exchange = ((struct loop_fixture *)*state)->data;
    exchange->in_done = close_client;
    get(state, "HTTP/1.1 204 x\r\n\r\n", &collecting);
    get(state, "HTTP/1.1 204 x\r\n\r\n", &collecting);
    assert_true(loop_drain(exchange->fixture));
    assert_true(exchange->closed);
    assert_int_equal(exchange->done_count, 1);
}

static void a_refusal_is_reported_when_nothing_else_runs(void **state)
{
    /* The case in which libcurl has no running handle left when it knows the result. */
    for (int i = 0; i < 5; i++) {
        struct exchange *exchange = ((struct loop_fixture *)*state)->data;
        exchange->done = false;
        free(exchange->message);
        send_request(exchange, (struct ds_http_request){.url = "http://127.0.0.1:1/"}, &collecting);
        assert_true(loop_run_until(exchange->fixture, &exchange->done));
        assert_int_equal(exchange->outcome, DS_HTTP_REFUSED);
    }
}

static void reuses_a_connection_unless_told_not_to(void **state)
{
    struct exchange *exchange = NULL;
    for (int i = 0; i < 3; i++) {
        exchange = get(state, "HTTP/1.1 204 x\r\n\r\n", &collecting);
        assert_true(loop_run_until(exchange->fixture, &exchange->done));
        exchange->done = false;
    }
    assert_int_equal(scripted_server_connections(exchange->server), 1);
    for (int i = 0; i < 2; i++) {
        send_request(exchange,
                     (struct ds_http_request){.url = "http://e/",
                                              .unix_socket = exchange->socket,
                                              .fresh_connection = true},
                     &collecting);
        assert_true(loop_run_until(exchange->fixture, &exchange->done));
        exchange->done = false;
    }
    assert_int_equal(scripted_server_connections(exchange->server), 3);
}

static void pause_own_call(struct exchange *exchange)
{
    ds_http_pause(exchange->call, true);
}

static void a_paused_call_loses_nothing(void **state)
{
    struct exchange *exchange = ((struct loop_fixture *)*state)->data;
    get(state, "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabc", &streaming);
    exchange->in_data = pause_own_call;
    assert_true(loop_run_until(exchange->fixture, &exchange->asked));
    while (exchange->data.length < 3)
        uv_run(&exchange->fixture->loop, UV_RUN_ONCE);
    exchange->in_data = NULL;
    scripted_peer_write(exchange->peer, "def", 3);
    /* Turns of the loop in which the bytes would come if the call were not paused. */
    for (int i = 0; i < 20; i++)
        uv_run(&exchange->fixture->loop, UV_RUN_NOWAIT);
    assert_int_equal(exchange->data.length, 3);
    ds_http_pause(exchange->call, false);
    assert_int_equal(exchange->data.length, 3);
    assert_true(loop_run_until(exchange->fixture, &exchange->done));
    assert_string_equal(exchange->data.data, "abcdef");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(collects_an_answer),
        TEST(streams_chunks),
        TEST(collects_the_body_of_an_error_even_when_streaming),
        TEST(sends_method_headers_and_body),
        TEST(an_empty_post_says_so),
        TEST(a_missing_socket_is_refused),
        TEST(a_port_without_listener_is_refused),
        TEST(names_the_peer_and_the_redirect_target),
        TEST(an_answer_that_breaks_off_is_closed),
        TEST(no_answer_at_all_is_closed),
        TEST(nonsense_is_a_failure),
        TEST(silence_times_out),
        TEST(a_body_over_the_limit_fails),
        TEST(a_server_without_tls_fails_the_handshake),
        TEST(an_unresolvable_host_is_told),
        TEST(cancelled_before_anything_calls_nobody),
        TEST(cancelled_from_its_own_data_calls_nobody_again),
        TEST(cancelling_in_its_own_done_is_harmless),
        TEST(a_request_may_be_sent_from_a_data_callback),
        TEST(the_client_may_be_closed_from_a_data_callback),
        TEST(the_client_may_be_closed_from_a_done_callback),
        TEST(a_refusal_is_reported_when_nothing_else_runs),
        TEST(reuses_a_connection_unless_told_not_to),
        TEST(a_paused_call_loses_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
