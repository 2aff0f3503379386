/* Server-sent events, whole and cut into single bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "orchestrator/cli/sse.h"

static void note(void *data, const char *name, const char *payload, size_t length)
{
    assert_int_equal(strlen(payload), length);
    ds_text_appendf(data, "%s=%s;", name, payload);
}

static const char stream[] = ": a comment\n\n"
                             "id: 1\nevent: log\ndata: {\"a\":1}\n\n"
                             "data:one\r\ndata: two\r\n\r\n"
                             "event: nothing\n\n"
                             "event: end\ndata\n\n"
                             "event: unfinished\ndata: x\n";
static const char expected[] = "log={\"a\":1};message=one\ntwo;end=;";

static void tells_events(void **state)
{
    (void)state;
    ds_auto_text struct ds_text got = {0};
    struct sse sse = {.on_event = note, .data = &got};
    sse_feed(&sse, stream, strlen(stream));
    assert_string_equal(ds_text_string(&got), expected);
    sse_finish(&sse);
}

static void does_not_care_where_bytes_are_cut(void **state)
{
    (void)state;
    ds_auto_text struct ds_text got = {0};
    struct sse sse = {.on_event = note, .data = &got};
    for (const char *at = stream; *at; at++)
        sse_feed(&sse, at, 1);
    assert_string_equal(ds_text_string(&got), expected);
    sse_finish(&sse);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_events),
        cmocka_unit_test(does_not_care_where_bytes_are_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
