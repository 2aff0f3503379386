/* The last lines, with partial entries joined. */
#include "support.h"

#include "orchestrator/logs/tail.h"

static void add(struct ds_log_tail *tail, enum ds_log_source source, const char *text,
                size_t length, bool partial)
{
    const struct ds_log_entry entry = {
        .source = source, .text = text, .length = length, .partial = partial};
    ds_log_tail_add(tail, &entry);
}

static void assert_tail(size_t count, const char *expected)
{
    struct ds_log_tail tail;
    ds_log_tail_init(&tail, count);
    add(&tail, DS_LOG_STDOUT, "one", 3, false);
    add(&tail, DS_LOG_STDERR, "tw", 2, true);
    add(&tail, DS_LOG_STDOUT, "three", 5, false);
    add(&tail, DS_LOG_SYSTEM, "o\0", 2, false);
    add(&tail, DS_LOG_STDOUT, "", 0, false);
    add(&tail, DS_LOG_STDOUT, "prompt> ", 8, true);
    ds_auto_free char *text = ds_log_tail_take(&tail);
    assert_string_equal(text, expected);
    ds_log_tail_finish(&tail);
}

static void gives_the_last_lines(void **state)
{
    (void)state;
    assert_tail(0, "");
    assert_tail(1, "prompt> ");
    assert_tail(3, "two\xef\xbf\xbd\n\nprompt> ");
    assert_tail(5, "one\nthree\ntwo\xef\xbf\xbd\n\nprompt> ");
    assert_tail(99, "one\nthree\ntwo\xef\xbf\xbd\n\nprompt> ");
}

static void nothing_gives_an_empty_text(void **state)
{
    (void)state;
    struct ds_log_tail tail;
    ds_log_tail_init(&tail, 3);
    ds_auto_free char *text = ds_log_tail_take(&tail);
    assert_string_equal(text, "");
    ds_log_tail_finish(&tail);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_the_last_lines),
        cmocka_unit_test(nothing_gives_an_empty_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
