/* Events through fragments, nonsense and outages. */
#include "tests/support/cmocka_headers.h"

#include <string.h>

#include "tests/support/scripted_engine.h"

struct heard {
    struct ds_text log; /* "die:c1:7 ", "again " */
    bool enough;
    const char *until;
    struct ds_engine_call *call;
    bool cancel_in_event;
};

static void note(struct heard *heard)
{
    if (heard->until && ds_string_ends(ds_text_string(&heard->log), heard->until))
        heard->enough = true;
}

static void on_event(void *data, const struct ds_engine_event *event)
{
    struct heard *heard = data;
    if (event)
        ds_text_appendf(&heard->log, "%s:%s:%d ", event->action, event->container,
                        event->exit_code);
    else
        ds_text_append(&heard->log, "again ");
    note(heard);
    if (heard->cancel_in_event)
        ds_engine_cancel(heard->call);
}

#define HEAD "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"

static void write_chunk(struct scripted_peer *peer, const char *text)
{
    ds_auto_free char *chunk = ds_printf("%zx\r\n%s\r\n", strlen(text), text);
    scripted_peer_write(peer, chunk, strlen(chunk));
}

/* The first connection breaks off in the middle of an object, the second sends nonsense, the third
 * goes on. */
static void serve(void *data, struct scripted_peer *peer, const struct scripted_request *request)
{
    struct scripted_engine *scripted = data;
    if (!ds_string_starts(request->target, "/events?since="))
        abort();
    scripted_peer_write(peer, HEAD, strlen(HEAD));
    switch (scripted_server_connections(scripted->server)) {
    case 1:
        write_chunk(peer,
                    "{\"Type\":\"container\",\"Action\":\"start\",\"Actor\":{\"ID\":\"c1\"}}");
        write_chunk(peer, "\n{\"Type\":\"container\",\"Action\":\"die\",\"Actor\":{\"ID\":\"c1\",");
        write_chunk(peer, "\"Attributes\":{\"exitCode\":\"7\"}}}{\"Act");
        scripted_peer_close(peer);
        break;
    case 2:
        write_chunk(peer, "<html>");
        break;
    default:
        write_chunk(peer, "{\"Action\":\"destroy\",\"Actor\":{\"ID\":\"c1\"}}{\"Action\":\"x\","
                          "\"Actor\":{\"ID\":\"c2\"}}");
        break;
    }
}

static void every_outage_is_followed_by_a_call_to_look(void **state)
{
    struct scripted_engine *scripted = *state;
    scripted_engine_listen(scripted, serve);
    struct heard heard = {.until = "x:c2:-1 "};
    ds_engine_events(scripted->engine, "dev.devstack.run=x", on_event, &heard);
    bool enough = loop_run_until(scripted->base, &heard.enough);
    ds_auto_free char *log = ds_text_take(&heard.log);
    assert_true(enough);
    assert_string_equal(log, "start:c1:-1 die:c1:7 again again destroy:c1:-1 x:c2:-1 ");
}

static void serve_one_event(void *data, struct scripted_peer *peer,
                            const struct scripted_request *request)
{
    (void)data, (void)request;
    scripted_peer_write(peer, HEAD, strlen(HEAD));
    write_chunk(peer, "{\"Action\":\"a\",\"Actor\":{\"ID\":\"c\"}}{\"Action\":\"b\",\"Actor\":"
                      "{\"ID\":\"c\"}}");
}

static void an_engine_that_was_away_for_long_is_told_of_once(void **state)
{
    struct scripted_engine *scripted = *state;
    struct heard heard = {.until = "b:c:-1 "};
    ds_engine_events(scripted->engine, NULL, on_event, &heard);
    /* Time for some attempts that fail. */
    uint64_t until = uv_now(&scripted->base->loop) + 300;
    while (uv_now(&scripted->base->loop) < until)
        uv_run(&scripted->base->loop, UV_RUN_ONCE);
    scripted_engine_listen(scripted, serve_one_event);
    bool enough = loop_run_until(scripted->base, &heard.enough);
    ds_auto_free char *log = ds_text_take(&heard.log);
    assert_true(enough);
    assert_string_equal(log, "again a:c:-1 b:c:-1 ");
}

static void cancelling_in_an_event_stops_at_once(void **state)
{
    struct scripted_engine *scripted = *state;
    scripted_engine_listen(scripted, serve_one_event);
    struct heard heard = {.until = "a:c:-1 ", .cancel_in_event = true};
    heard.call = ds_engine_events(scripted->engine, NULL, on_event, &heard);
    bool enough = loop_run_until(scripted->base, &heard.enough);
    bool drained = loop_drain(scripted->base);
    ds_auto_free char *log = ds_text_take(&heard.log);
    assert_true(enough);
    assert_true(drained);
    assert_string_equal(log, "a:c:-1 ");
}

static void hang_up(void *data, struct scripted_peer *peer, const struct scripted_request *request)
{
    (void)request;
    bool *asked = ((struct scripted_engine *)data)->data;
    *asked = true;
    scripted_peer_close(peer);
}

static void cancelling_between_attempts_leaves_nothing(void **state)
{
    struct scripted_engine *scripted = *state;
    bool asked = false;
    scripted->data = &asked;
    scripted_engine_listen(scripted, hang_up);
    struct heard heard = {0};
    heard.call = ds_engine_events(scripted->engine, NULL, on_event, &heard);
    assert_true(loop_run_until(scripted->base, &asked));
    /* The pause after a broken connection lasts longer than to see that it is broken. */
    while (scripted_server_connected(scripted->server))
        uv_run(&scripted->base->loop, UV_RUN_ONCE);
    uv_run(&scripted->base->loop, UV_RUN_NOWAIT);
    ds_engine_cancel(heard.call);
    assert_true(loop_drain(scripted->base));
    assert_null(heard.log.data);
}

#define TEST(function)                                                                             \
    cmocka_unit_test_setup_teardown(function, scripted_engine_setup, scripted_engine_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_outage_is_followed_by_a_call_to_look),
        TEST(an_engine_that_was_away_for_long_is_told_of_once),
        TEST(cancelling_in_an_event_stops_at_once),
        TEST(cancelling_between_attempts_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
