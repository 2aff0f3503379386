/* Colours, glyphs and lines that fit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "devstack/base/memory.h"
#include "orchestrator/cli/palette.h"

static const struct palette plain = {0}, unicode = {.utf8 = true},
                            colored = {.color = true, .utf8 = true};

static void assert_fits(const struct palette *palette, const char *line, int columns,
                        const char *expected)
{
    ds_auto_text struct ds_text text = {0};
    palette_append_fit(palette, &text, line, columns);
    assert_string_equal(ds_text_string(&text), expected);
    assert_true(ds_terminal_width(expected) <= columns);
}

static void cuts_by_columns_and_not_by_bytes(void **state)
{
    (void)state;
    assert_fits(&plain, "abc", 3, "abc");
    assert_fits(&plain, "abcd", 3, "ab~");
    assert_fits(&unicode, "äöüß", 3, "äö…");
    assert_fits(&unicode, "日本語", 4, "日…");
    assert_fits(&unicode, "abc", 0, "");
}

static void colours_take_no_columns_and_end_at_the_cut(void **state)
{
    (void)state;
    assert_fits(&colored, "\033[31mabc\033[0m", 3, "\033[31mabc\033[0m");
    assert_fits(&colored, "\033[31mabcd\033[0m", 3, "\033[31mab…\033[0m");
}

static void styles_only_where_there_are_colours(void **state)
{
    (void)state;
    ds_auto_text struct ds_text text = {0};
    palette_append(&unicode, &text, STYLE_BAD, "no");
    palette_append(&colored, &text, STYLE_NONE, "no");
    palette_append(&colored, &text, STYLE_BAD, "");
    assert_string_equal(ds_text_string(&text), "nono");
    ds_text_clear(&text);
    palette_append(&colored, &text, STYLE_BAD, "bad");
    assert_string_equal(ds_text_string(&text), "\033[31mbad\033[0m");
}

static void every_state_has_a_glyph_of_one_column(void **state)
{
    (void)state;
    for (int i = 0; i < DS_STATE_COUNT; i++) {
        for (unsigned frame = 0; frame < 12; frame++) {
            assert_int_equal(ds_terminal_width(palette_glyph(&unicode, (enum ds_state)i, frame)),
                             1);
            assert_int_equal(ds_terminal_width(palette_glyph(&plain, (enum ds_state)i, frame)), 1);
        }
        assert_int_not_equal(palette_state_style((enum ds_state)i), STYLE_NONE);
    }
    /* A line that stays has no spinner that stands still. */
    assert_string_equal(palette_mark(&unicode, DS_STATE_STARTING), "…");
    assert_string_equal(palette_mark(&unicode, DS_STATE_FAILED), "✗");
}

static void names_are_padded_by_columns(void **state)
{
    (void)state;
    ds_auto_text struct ds_text text = {0};
    palette_append_name(&plain, &text, 0, "äb", 4);
    append_padding(&text, "too wide", 3);
    ds_text_append_char(&text, '|');
    assert_string_equal(ds_text_string(&text), "äb  |");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cuts_by_columns_and_not_by_bytes),
        cmocka_unit_test(colours_take_no_columns_and_end_at_the_cut),
        cmocka_unit_test(styles_only_where_there_are_colours),
        cmocka_unit_test(every_state_has_a_glyph_of_one_column),
        cmocka_unit_test(names_are_padded_by_columns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
