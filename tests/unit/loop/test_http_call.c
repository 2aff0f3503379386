/* What a request becomes on the wire, and what curl's results mean. */
#include "tests/unit/loop/http_exchange.h"

#include "orchestrator/loop/http_internal.h"

static const char *outcome_name(enum ds_http_outcome outcome)
{
    switch (outcome) {
    case DS_HTTP_ANSWERED:
        return "answered";
    case DS_HTTP_FORBIDDEN:
        return "forbidden";
    case DS_HTTP_REFUSED:
        return "refused";
    case DS_HTTP_UNRESOLVED:
        return "unresolved";
    case DS_HTTP_TIMED_OUT:
        return "timed out";
    case DS_HTTP_TLS:
        return "tls";
    case DS_HTTP_CLOSED:
        return "closed";
    case DS_HTTP_FAILED:
        return "failed";
    }
    return "unknown";
}

struct report {
    enum ds_http_outcome outcome;
    char *message;
};

static void note(void *data, const struct ds_http_answer *answer)
{
    struct report *report = data;
    report->outcome = answer->outcome;
    free(report->message);
    report->message = ds_strdup(answer->message);
}

static void results_are_told_apart(void **state)
{
    (void)state;
    static const struct {
        CURLcode result;
        const char *outcome;
    } cases[] = {
        {CURLE_OK, "answered"},
        {CURLE_OPERATION_TIMEDOUT, "timed out"},
        {CURLE_COULDNT_RESOLVE_HOST, "unresolved"},
        {CURLE_GOT_NOTHING, "closed"},
        {CURLE_PARTIAL_FILE, "closed"},
        {CURLE_PEER_FAILED_VERIFICATION, "tls"},
        {CURLE_COULDNT_CONNECT, "failed"}, /* with no errno that tells why */
        {CURLE_URL_MALFORMAT, "failed"},
    };
    curl_global_init(CURL_GLOBAL_DEFAULT);
    for (size_t i = 0; i < DS_COUNT(cases); i++) {
        struct report report = {0};
        struct ds_http_events events = {.on_done = note, .data = &report};
        struct ds_http_call *call =
            http_call_create(NULL, &(struct ds_http_request){.url = "http://127.0.0.1/"}, &events);
        assert_int_equal(call->state, HTTP_CALL_NEW);
        http_call_report(call, cases[i].result);
        http_call_free(call);
        assert_string_equal(outcome_name(report.outcome), cases[i].outcome);
        if (cases[i].result == CURLE_OK)
            assert_null(report.message);
        else
            assert_non_null(report.message);
        free(report.message);
    }
    curl_global_cleanup();
}

static void a_request_goes_out_as_it_was_asked_for(void **state)
{
    struct exchange *exchange = ((struct loop_fixture *)*state)->data;
    exchange->script = "HTTP/1.1 204 x\r\n\r\n";
    ds_auto_strings struct ds_strings headers = {0};
    ds_strings_add(&headers, "X-One: 1");
    send_request(exchange,
                 (struct ds_http_request){.method = "PUT",
                                          .url = "http://engine/a?b=c",
                                          .unix_socket = exchange->socket,
                                          .headers = &headers,
                                          .body = "a\0b",
                                          .body_length = 3,
                                          .content_type = "application/x-tar"},
                 &collecting);
    assert_true(loop_run_until(exchange->fixture, &exchange->done));
    const char *head = ds_text_string(&exchange->head);
    assert_true(ds_string_starts(head, "PUT /a?b=c HTTP/1.1\r\n"));
    assert_non_null(strstr(head, "\r\nX-One: 1\r\n"));
    assert_non_null(strstr(head, "\r\nContent-Type: application/x-tar\r\n"));
    assert_null(strstr(head, "Expect:"));
    assert_int_equal(exchange->request_body.length, 3);
    assert_memory_equal(exchange->request_body.data, "a\0b", 3);
    assert_int_equal(exchange->status, 204);
}

static void an_answer_past_the_limit_is_refused(void **state)
{
    struct exchange *exchange = ((struct loop_fixture *)*state)->data;
    exchange->script = "HTTP/1.1 200 x\r\nContent-Length: 9\r\n\r\n123456789";
    send_request(exchange,
                 (struct ds_http_request){
                     .url = "http://engine/", .unix_socket = exchange->socket, .body_limit = 8},
                 &collecting);
    assert_true(loop_run_until(exchange->fixture, &exchange->done));
    assert_int_equal(exchange->outcome, DS_HTTP_FAILED);
    assert_string_equal(exchange->message, "the answer is too large");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(results_are_told_apart),
        TEST(a_request_goes_out_as_it_was_asked_for),
        TEST(an_answer_past_the_limit_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
