/* A region that is drawn again in place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "orchestrator/cli/live.h"

static void draw(struct live *live, const char *first, const char *second, struct ds_text *out)
{
    ds_auto_strings struct ds_strings lines = {0};
    ds_strings_add(&lines, first);
    if (second)
        ds_strings_add(&lines, second);
    live_draw(live, &lines, out);
}

static void is_drawn_over_itself(void **state)
{
    (void)state;
    struct live live = {.columns = 80};
    ds_auto_text struct ds_text out = {0};
    draw(&live, "one", "two", &out);
    assert_string_equal(ds_text_string(&out), "\rone\033[K\ntwo\033[K\n\033[J");
    ds_text_clear(&out);
    draw(&live, "three", NULL, &out);
    assert_string_equal(ds_text_string(&out), "\r\033[2Athree\033[K\n\033[J");
    live_finish(&live);
}

static void is_erased_once(void **state)
{
    (void)state;
    struct live live = {.columns = 80};
    ds_auto_text struct ds_text out = {0};
    draw(&live, "one", NULL, &out);
    ds_text_clear(&out);
    live_erase(&live, &out);
    live_erase(&live, &out);
    assert_string_equal(ds_text_string(&out), "\r\033[1A\033[J");
}

static void counts_the_rows_that_a_narrower_terminal_made_of_it(void **state)
{
    (void)state;
    struct live live = {.columns = 80};
    ds_auto_text struct ds_text out = {0};
    draw(&live, "0123456789", "01234", &out);
    ds_text_clear(&out);
    live.columns = 5;
    live_erase(&live, &out);
    assert_string_equal(ds_text_string(&out), "\r\033[3A\033[J");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_drawn_over_itself),
        cmocka_unit_test(is_erased_once),
        cmocka_unit_test(counts_the_rows_that_a_narrower_terminal_made_of_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
