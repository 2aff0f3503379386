/* Event streams: changes and lines as they come, gaps for who is slow, an end for everyone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "dashboard/server/private.h"
#include "wire.h"

static int open_stream(struct wire *wire, const char *query)
{
    int fd = wire_connect(wire);
    ds_auto_free char *head =
        ds_printf("GET /api/v1/stream?%s HTTP/1.1\nHost: devstack\n\n", query);
    wire_send(fd, head);
    return fd;
}

static void tells_changes_and_lines(void **state)
{
    struct wire *wire = *state;
    ds_auto_fd int fd = open_stream(wire, "topics=services,logs");
    ds_auto_text struct ds_text got = {0};
    assert_true(wire_until(wire, fd, &got, "event: stack\ndata: {\"version\":1,"));
    assert_non_null(strstr(ds_text_string(&got), "Content-Type: text/event-stream"));
    fake_stack_change(&wire->stack, DS_STACK_READY);
    assert_true(wire_until(wire, fd, &got, "data: {\"version\":2,\"phase\":\"ready\"}"));
    fake_stack_log(&wire->stack, "api", "listening", 9);
    assert_true(wire_until(wire, fd, &got, "id: 1\nevent: log\ndata: {\"seq\":1,"));
    fake_stack_log(&wire->stack, "api", "again", 5);
    fake_stack_change(&wire->stack, DS_STACK_DEGRADED);
    assert_true(wire_until(wire, fd, &got, "\"degraded\""));
    assert_non_null(strstr(ds_text_string(&got), "\"text\":\"again\""));
}

static void tells_only_the_topics_asked_for(void **state)
{
    struct wire *wire = *state;
    ds_auto_fd int services = open_stream(wire, "topics=services");
    ds_auto_fd int logs = open_stream(wire, "topics=logs");
    ds_auto_text struct ds_text got_services = {0}, got_logs = {0};
    assert_true(wire_until(wire, services, &got_services, "\"version\":1"));
    assert_true(wire_until(wire, logs, &got_logs, "text/event-stream"));
    fake_stack_log(&wire->stack, "api", "a line", 6);
    fake_stack_change(&wire->stack, DS_STACK_READY);
    assert_true(wire_until(wire, services, &got_services, "\"version\":2"));
    assert_true(wire_until(wire, logs, &got_logs, "a line"));
    assert_null(strstr(ds_text_string(&got_services), "a line"));
    assert_null(strstr(ds_text_string(&got_logs), "event: stack"));
}

static void replays_what_came_after_a_sequence(void **state)
{
    struct wire *wire = *state;
    fake_stack_log(&wire->stack, "api", "first", 5);
    fake_stack_log(&wire->stack, "api", "second", 6);
    ds_auto_fd int all = open_stream(wire, "topics=logs&after=0");
    ds_auto_text struct ds_text got = {0};
    assert_true(wire_until(wire, all, &got, "second"));
    assert_non_null(strstr(ds_text_string(&got), "first"));
    ds_auto_fd int rest = wire_connect(wire);
    wire_send(rest, "GET /api/v1/stream?topics=logs HTTP/1.1\nHost: x\nLast-Event-ID: 1\n\n");
    ds_auto_text struct ds_text later = {0};
    assert_true(wire_until(wire, rest, &later, "second"));
    assert_null(strstr(ds_text_string(&later), "first"));
}

static uint64_t sum_of_gaps(const char *got)
{
    uint64_t sum = 0;
    while ((got = strstr(got, "event: gap\ndata: {\"skipped\":"))) {
        got += strlen("event: gap\ndata: {\"skipped\":");
        sum += strtoull(got, NULL, 10);
    }
    return sum;
}

static uint64_t count_of(const char *got, const char *needle)
{
    uint64_t count = 0;
    for (; (got = strstr(got, needle)); got += strlen(needle))
        count++;
    return count;
}

/* Chunk heads may stand anywhere in the answer: they are taken out before events are counted. */
static char *without_chunks(const struct ds_text *raw)
{
    struct ds_text body = {0};
    const char *at = strstr(raw->data, "\r\n\r\n");
    const char *end = raw->data + raw->length;
    for (at = at ? at + 4 : end; at < end;) {
        char *head_end;
        size_t length = strtoul(at, &head_end, 16);
        if (length == 0)
            break;
        ds_text_append_bytes(&body, head_end + 2, length);
        at = head_end + 2 + length + 2;
    }
    return ds_text_take(&body);
}

static void a_slow_reader_gets_a_gap_and_bounded_memory(void **state)
{
    struct wire *wire = *state;
    ds_auto_fd int fd = open_stream(wire, "topics=services,logs");
    ds_auto_text struct ds_text got = {0};
    assert_true(wire_until(wire, fd, &got, "\"version\":1"));
    char line[1000];
    memset(line, 'x', sizeof(line));
    const uint64_t lines = 3 * STREAM_LIMIT / sizeof(line);
    for (uint64_t i = 0; i < lines; i++) {
        fake_stack_log(&wire->stack, "api", line, sizeof(line));
        wire_turns(wire, i % 100 == 0);
    }
    for (int i = 0; i < 50; i++)
        fake_stack_change(&wire->stack, DS_STACK_DEGRADED);
    fake_stack_log(&wire->stack, "api", "still skipped", 13);
    /* The newest picture comes, after the gap; those between are left out. */
    assert_true(wire_until(wire, fd, &got, "\"version\":51,"));
    fake_stack_log(&wire->stack, "api", "the last", 8);
    assert_true(wire_until(wire, fd, &got, "the last"));
    wire_close(wire);
    assert_true(wire_until_end(wire, fd, &got));
    ds_auto_free char *body = without_chunks(&got);
    uint64_t skipped = sum_of_gaps(body);
    assert_true(skipped > 0);
    assert_int_equal(count_of(body, "event: log\n") + skipped, lines + 2);
    assert_true(got.length < STREAM_LIMIT + 1024 * 1024);
    assert_true(count_of(body, "event: stack\n") < 10);
}

static void closing_ends_every_stream_with_the_last_picture(void **state)
{
    struct wire *wire = *state;
    ds_auto_fd int one = open_stream(wire, "topics=services,logs");
    ds_auto_fd int two = open_stream(wire, "topics=logs");
    ds_auto_text struct ds_text got_one = {0}, got_two = {0};
    assert_true(wire_until(wire, one, &got_one, "\"version\":1"));
    assert_true(wire_until(wire, two, &got_two, "text/event-stream"));
    wire->stack.phase = DS_STACK_STOPPED;
    wire->stack.version = 9;
    wire_close(wire);
    assert_true(wire_until_end(wire, one, &got_one));
    assert_true(wire_until_end(wire, two, &got_two));
    const char *last = strstr(ds_text_string(&got_one), "\"phase\":\"stopped\"");
    assert_non_null(last);
    assert_non_null(strstr(last, "event: end"));
    assert_non_null(strstr(ds_text_string(&got_two), "event: end"));
}

static void closing_does_not_wait_for_a_reader_that_is_stuck(void **state)
{
    struct wire *wire = *state;
    ds_auto_fd int fd = open_stream(wire, "topics=logs");
    ds_auto_text struct ds_text got = {0};
    assert_true(wire_until(wire, fd, &got, "text/event-stream"));
    char line[1000] = {0};
    for (int i = 0; i < 2000; i++)
        fake_stack_log(&wire->stack, "api", line, sizeof(line));
    wire_turns(wire, 5);
    wire_close(wire);
    assert_true(wire_until_closed(wire));
}

static void a_reader_that_leaves_is_forgotten(void **state)
{
    struct wire *wire = *state;
    int fd = open_stream(wire, "topics=services");
    ds_auto_text struct ds_text got = {0};
    assert_true(wire_until(wire, fd, &got, "\"version\":1"));
    close(fd);
    /* It is noticed when something is to be written. */
    for (int i = 0; i < 1000 && wire->server->streams; i++) {
        fake_stack_change(&wire->stack, DS_STACK_READY);
        wire_turns(wire, 3);
    }
    assert_null(wire->server->streams);
    assert_int_equal(wire->server->requests, 0);
}

static void a_quiet_stream_is_kept_alive(void **state)
{
    struct wire *wire = *state;
    ds_auto_fd int fd = open_stream(wire, "topics=logs");
    ds_auto_text struct ds_text got = {0};
    assert_true(wire_until(wire, fd, &got, "text/event-stream"));
    wire_turns(wire, 3);
    streams_keep_alive(wire->server);
    assert_true(wire_until(wire, fd, &got, ": still here\n\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(tells_changes_and_lines, wire_setup, wire_teardown),
        cmocka_unit_test_setup_teardown(tells_only_the_topics_asked_for, wire_setup, wire_teardown),
        cmocka_unit_test_setup_teardown(replays_what_came_after_a_sequence, wire_setup,
                                        wire_teardown),
        cmocka_unit_test_setup_teardown(a_slow_reader_gets_a_gap_and_bounded_memory, wire_setup,
                                        wire_teardown),
        cmocka_unit_test_setup_teardown(closing_ends_every_stream_with_the_last_picture, wire_setup,
                                        wire_teardown),
        cmocka_unit_test_setup_teardown(closing_does_not_wait_for_a_reader_that_is_stuck,
                                        wire_setup, wire_teardown),
        cmocka_unit_test_setup_teardown(a_reader_that_leaves_is_forgotten, wire_setup,
                                        wire_teardown),
        cmocka_unit_test_setup_teardown(a_quiet_stream_is_kept_alive, wire_setup, wire_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
