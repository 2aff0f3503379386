/* The HTTP client under control: cancelling, sending and closing from anywhere, pausing, reuse. */
#include "tests/unit/loop/http_exchange.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
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
