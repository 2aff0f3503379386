/* Nothing a service prints may act on the terminal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "orchestrator/cli/logline.h"

static void assert_clean(const char *line, size_t length, bool color, const char *expected)
{
    ds_auto_text struct ds_text text = {0};
    logline_append_clean(&text, line, length, color);
    assert_string_equal(ds_text_string(&text), expected);
}
#define CLEAN(line, expected) assert_clean(line, sizeof(line) - 1, false, expected)
#define COLOR(line, expected) assert_clean(line, sizeof(line) - 1, true, expected)

static void keeps_text(void **state)
{
    (void)state;
    CLEAN("", "");
    CLEAN("listening on 8000\tfast", "listening on 8000\tfast");
    CLEAN("größe 值 😀", "größe 值 😀");
}

static void passes_colours_only_when_colour_is_on(void **state)
{
    (void)state;
    COLOR("\033[1;31mred\033[0m", "\033[1;31mred\033[0m\033[0m");
    COLOR("\033[38:2:1:2:3mx", "\033[38:2:1:2:3mx\033[0m");
    CLEAN("\033[1;31mred\033[0m", "red");
    COLOR("plain", "plain");
}

static void drops_what_acts_on_a_terminal(void **state)
{
    (void)state;
    COLOR("a\033[2J\033[3Ab", "ab");
    COLOR("a\033]0;title\ab", "ab");
    COLOR("a\033]52;c;aGVsbG8=\033\\b", "ab");
    COLOR("a\033P1$r0m\033\\b", "ab");
    COLOR("a\033cb\033(0c", "abc");
    COLOR("a\033[>0mb\033[?25lc", "abc");
    COLOR("a\x08\x07\x00\x7f"
          "b",
          "ab");
    COLOR("a\xc2\x9b"
          "31mb",
          "a31mb");
    COLOR("cut \033", "cut ");
    COLOR("cut \033[12", "cut ");
    COLOR("cut \033]0;x", "cut ");
}

static void shows_the_last_version_of_an_overwritten_line(void **state)
{
    (void)state;
    CLEAN("10%\r20%\r30%", "30%");
    CLEAN("windows\r", "windows");
    CLEAN("\r\r", "");
}

static void cleans_strings(void **state)
{
    (void)state;
    assert_null(logline_clean(NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_text),
        cmocka_unit_test(passes_colours_only_when_colour_is_on),
        cmocka_unit_test(drops_what_acts_on_a_terminal),
        cmocka_unit_test(shows_the_last_version_of_an_overwritten_line),
        cmocka_unit_test(cleans_strings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
