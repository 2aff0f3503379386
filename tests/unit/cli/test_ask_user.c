/* Asking on a terminal: no echo, and the terminal as it was afterwards. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "devstack/base/clock.h"
#include "devstack/base/file.h"
#include "devstack/base/memory.h"
#include "orchestrator/cli/ask.h"

#define PATIENCE (UINT64_C(20) * DS_NS_PER_S)

static bool is_silent(int terminal)
{
    struct termios modes;
    return tcgetattr(terminal, &modes) == 0 && !(modes.c_lflag & (tcflag_t)ECHO);
}

/* Exit codes of the child: 0 the answer was `expected`, 1 another, 2 none, 3 an error. */
static int ask_in_child(bool secret, const char *expected)
{
    ds_auto_error struct ds_error err = {0};
    if (!secret) {
        ds_auto_free char *line = ask_line("name? ", &err);
        return !line ? 3 : strcmp(line, expected) != 0;
    }
    struct ds_secret *answer = ask_secret("token? ", &err);
    if (!answer)
        return err.message ? 3 : 2;
    return ds_secret_length(answer) != strlen(expected) ||
           memcmp(ds_secret_bytes(answer), expected, strlen(expected)) != 0;
}

/* Types `keys` when the question is there; gives all that the terminal showed. */
static int converse(bool secret, const char *keys, const char *expected, struct ds_text *shown)
{
    int terminal;
    pid_t child = forkpty(&terminal, NULL, NULL, NULL);
    if (child == 0)
        _exit(ask_in_child(secret, expected));
    uint64_t deadline = ds_clock_monotonic(ds_clock_system()) + PATIENCE;
    bool typed = false;
    char buffer[256];
    ssize_t length = 1;
    while (length > 0 && ds_clock_monotonic(ds_clock_system()) < deadline) {
        if (!typed && strstr(ds_text_string(shown), "? ") && is_silent(terminal) == secret) {
            ds_fd_write_all(terminal, keys, strlen(keys));
            typed = true;
        }
        struct pollfd fd = {.fd = terminal, .events = POLLIN};
        if (poll(&fd, 1, 10) <= 0)
            continue;
        length = read(terminal, buffer, sizeof(buffer));
        if (length > 0)
            ds_text_append_bytes(shown, buffer, (size_t)length);
    }
    int status = -1;
    waitpid(child, &status, 0);
    close(terminal);
    return status;
}

static void a_secret_is_not_echoed(void **state)
{
    (void)state;
    ds_auto_text struct ds_text shown = {0};
    assert_int_equal(converse(true, "hush hush\n", "hush hush", &shown), 0);
    assert_string_equal(ds_text_string(&shown), "token? \r\n");
}

static void an_empty_line_is_no_error(void **state)
{
    (void)state;
    ds_auto_text struct ds_text shown = {0};
    int status = converse(true, "\n", "", &shown);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 2);
}

static void a_line_is_echoed(void **state)
{
    (void)state;
    ds_auto_text struct ds_text shown = {0};
    assert_int_equal(converse(false, "shop\n", "shop", &shown), 0);
    assert_string_equal(ds_text_string(&shown), "name? shop\r\n");
}

static void the_end_of_the_input_is_an_error(void **state)
{
    (void)state;
    ds_auto_text struct ds_text shown = {0};
    int status = converse(true, "\004", "", &shown);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 3);
}

static void an_interrupt_takes_its_course(void **state)
{
    (void)state;
    ds_auto_text struct ds_text shown = {0};
    int status = converse(true, "half\003", "", &shown);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGINT);
    assert_null(strstr(ds_text_string(&shown), "half"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_secret_is_not_echoed),
        cmocka_unit_test(an_empty_line_is_no_error),
        cmocka_unit_test(a_line_is_echoed),
        cmocka_unit_test(the_end_of_the_input_is_an_error),
        cmocka_unit_test(an_interrupt_takes_its_course),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
