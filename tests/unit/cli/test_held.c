/* Lines kept back: in order, by service, within bounds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "devstack/base/text.h"
#include "orchestrator/cli/held.h"

static void add(struct held *held, const char *service, const char *text)
{
    struct ds_log_entry entry = {.service = service, .text = text, .length = strlen(text)};
    held_add(held, &entry);
}

static void note(void *data, const struct held_line *line)
{
    ds_text_appendf(data, "%s:%.*s ", line->service, (int)line->length, line->text);
}

static void gives_the_last_lines_of_a_service(void **state)
{
    (void)state;
    struct held held = {0};
    add(&held, "api", "1");
    add(&held, "db", "2");
    add(&held, "api", "3");
    add(&held, "api", "4");
    ds_auto_text struct ds_text got = {0};
    held_take(&held, "api", 2, note, &got);
    assert_string_equal(ds_text_string(&got), "api:3 api:4 ");
    held_take(&held, NULL, SIZE_MAX, note, &got);
    assert_string_equal(ds_text_string(&got), "api:3 api:4 db:2 ");
    assert_int_equal(held.count, 0);
    assert_int_equal(held.bytes, 0);
    held_finish(&held);
}

static void drops_and_counts_the_oldest(void **state)
{
    (void)state;
    struct held held = {0};
    char line[1001];
    memset(line, 'x', 1000);
    line[1000] = '\0';
    for (int i = 0; i < 1000; i++)
        add(&held, "api", line);
    add(&held, "api", "the newest");
    assert_true(held.bytes <= HELD_LIMIT);
    assert_true(held.dropped > 0);
    assert_int_equal(held.dropped + held.count, 1001);
    ds_auto_text struct ds_text got = {0};
    held_take(&held, "api", 1, note, &got);
    assert_string_equal(ds_text_string(&got), "api:the newest ");
    held_finish(&held);
}

static void tells_how_many_lines_fit(void **state)
{
    (void)state;
    struct held held = {0};
    add(&held, "api", "a line that is longer than the ten columns");
    add(&held, "api", "two rows..");
    add(&held, "api", "one");
    assert_int_equal(held_fitting(&held, 10, 4, 0), 0);
    assert_int_equal(held_fitting(&held, 10, 4, 1), 1);
    assert_int_equal(held_fitting(&held, 10, 4, 2), 1);
    assert_int_equal(held_fitting(&held, 10, 4, 3), 2);
    assert_int_equal(held_fitting(&held, 10, 4, 100), 3);
    held_finish(&held);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_how_many_lines_fit),
        cmocka_unit_test(gives_the_last_lines_of_a_service),
        cmocka_unit_test(drops_and_counts_the_oldest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
