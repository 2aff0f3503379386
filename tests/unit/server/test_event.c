/* JSON strings out of any bytes, and the shape of events. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "dashboard/server/event.h"

static void assert_json(const char *bytes, size_t length, const char *expected)
{
    ds_auto_text struct ds_text text = {0};
    event_append_json_string(&text, bytes, length);
    assert_string_equal(ds_text_string(&text), expected);
}

static void keeps_text_and_escapes_what_json_demands(void **state)
{
    (void)state;
    assert_json("", 0, "\"\"");
    assert_json("plain text", 10, "\"plain text\"");
    assert_json("a\"b\\c\td\ne\rf\x01\x7f\0", 14,
                "\"a\\\"b\\\\c\\td\\ne\\rf\\u0001\\u007f\\u0000\"");
    assert_json("größe 值 😀", strlen("größe 值 😀"), "\"größe 值 😀\"");
}

static void replaces_what_is_no_utf8(void **state)
{
    (void)state;
    assert_json("a\xff\xfe"
                "b",
                4,
                "\"a\xef\xbf\xbd\xef\xbf\xbd"
                "b\"");
    /* Overlong, surrogate, past U+10FFFF, cut short. */
    assert_json("\xc0\xaf", 2, "\"\xef\xbf\xbd\xef\xbf\xbd\"");
    assert_json("\xed\xa0\x80", 3, "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
    assert_json("\xf5\x80", 2, "\"\xef\xbf\xbd\xef\xbf\xbd\"");
    assert_json("\xe4\xbd", 2, "\"\xef\xbf\xbd\xef\xbf\xbd\"");
}

static void writes_a_log_event(void **state)
{
    (void)state;
    ds_auto_text struct ds_text json = {0};
    struct ds_log_entry entry = {
        .sequence = 7,
        .service = "api",
        .source = DS_LOG_STDERR,
        .partial = true,
        .text = "hello",
        .length = 5,
    };
    event_append_log_json(&json, &entry);
    assert_string_equal(ds_text_string(&json),
                        "{\"seq\":7,\"time\":\"1970-01-01T00:00:00.000000000Z\","
                        "\"service\":\"api\",\"stream\":\"stderr\",\"partial\":true,"
                        "\"text\":\"hello\"}");
    ds_auto_text struct ds_text text = {0};
    event_append(&text, "log", 7, "{}");
    event_append(&text, "end", 0, "{}");
    assert_string_equal(ds_text_string(&text),
                        "id: 7\nevent: log\ndata: {}\n\nevent: end\ndata: {}\n\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_text_and_escapes_what_json_demands),
        cmocka_unit_test(replaces_what_is_no_utf8),
        cmocka_unit_test(writes_a_log_event),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
