/* The HTTP client: every outcome, bodies, headers, redirects. */
#include "tests/unit/loop/http_exchange.h"

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
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
