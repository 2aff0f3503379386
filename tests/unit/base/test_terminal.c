/* What a terminal can do, and the width of text on it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "devstack/base/memory.h"
#include "devstack/base/terminal.h"

static int clean_environment(void **state)
{
    (void)state;
    static const char *const names[] = {
        "TERM", "NO_COLOR", "CLICOLOR_FORCE", "COLUMNS", "LC_ALL", "LC_CTYPE", "LANG"};
    for (size_t i = 0; i < DS_COUNT(names); i++)
        unsetenv(names[i]);
    return 0;
}

/* Opens a pseudo terminal of 100 columns and 30 rows; both ends are the caller's. */
static void open_terminal(int *ret_master, int *ret_fd)
{
    *ret_master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    assert_true(*ret_master >= 0);
    assert_int_equal(grantpt(*ret_master), 0);
    assert_int_equal(unlockpt(*ret_master), 0);
    *ret_fd = open(ptsname(*ret_master), O_RDWR | O_NOCTTY | O_CLOEXEC);
    assert_true(*ret_fd >= 0);
    const struct winsize size = {.ws_col = 100, .ws_row = 30};
    assert_int_equal(ioctl(*ret_fd, TIOCSWINSZ, &size), 0);
}

static void a_terminal_is_interactive(void **state)
{
    (void)state;
    ds_auto_fd int master = -1, fd = -1;
    open_terminal(&master, &fd);
    setenv("TERM", "xterm", 1);
    setenv("LANG", "en_US.UTF-8", 1);
    struct ds_terminal terminal;
    ds_terminal_inspect(fd, &terminal);
    assert_true(terminal.interactive && terminal.color && terminal.utf8);
    assert_int_equal(terminal.columns, 100);
    assert_int_equal(terminal.rows, 30);
    setenv("LC_ALL", "C", 1);
    setenv("NO_COLOR", "1", 1);
    ds_terminal_inspect(fd, &terminal);
    assert_true(terminal.interactive);
    assert_false(terminal.color || terminal.utf8);
    setenv("TERM", "dumb", 1);
    setenv("NO_COLOR", "", 1); /* no-color.org: an empty one does not count */
    ds_terminal_inspect(fd, &terminal);
    assert_false(terminal.interactive || terminal.color);
}

static void a_pipe_is_not(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    setenv("TERM", "xterm", 1);
    struct ds_terminal terminal;
    ds_terminal_inspect(ends[1], &terminal);
    assert_false(terminal.interactive || terminal.color);
    assert_int_equal(terminal.columns, 80);
    assert_int_equal(terminal.rows, 24);
    setenv("COLUMNS", "132", 1);
    setenv("CLICOLOR_FORCE", "1", 1);
    ds_terminal_inspect(ends[1], &terminal);
    assert_true(terminal.color);
    assert_int_equal(terminal.columns, 132);
    setenv("CLICOLOR_FORCE", "0", 1);
    setenv("COLUMNS", "wide", 1);
    ds_terminal_inspect(ends[1], &terminal);
    assert_false(terminal.color);
    assert_int_equal(terminal.columns, 80);
    close(ends[0]);
    close(ends[1]);
}

static void measures_text(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int width;
    } cases[] = {
        {"", 0},
        {"hello", 5},
        {"h\xc3\xa9llo \xe2\x97\x8f", 7},
        {"\xe6\x97\xa5\xe6\x9c\xac", 4},             /* two wide characters */
        {"\xf0\x9f\x94\x91", 2},                     /* an emoji */
        {"e\xcc\x81", 1},                            /* a combining accent */
        {"\033[1;31mred\033[0m", 3},                 /* CSI */
        {"\033]8;;http://x\033\\link\033]8;;\a", 4}, /* OSC, ended both ways */
        {"\033[1;31", 0},                            /* cut short */
        {"\033", 0},
        {"a\tb\x7f", 2},
        {"\xff\x85\xc3", 3}, /* malformed: a column each */
        {"\xe2\x82", 2},
    };
    for (size_t i = 0; i < DS_COUNT(cases); i++)
        if (ds_terminal_width(cases[i].text) != cases[i].width)
            fail_msg("case %zu: width %d, not %d", i, ds_terminal_width(cases[i].text),
                     cases[i].width);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_terminal_is_interactive, clean_environment),
        cmocka_unit_test_setup(a_pipe_is_not, clean_environment),
        cmocka_unit_test(measures_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
