/* How ends read. */
#include "tests/support/cmocka_headers.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "devstack/base/memory.h"
#include "orchestrator/service/exit_reason.h"

static void assert_reads(int wait_status, enum ds_reason_code code, int number, const char *text)
{
    struct ds_reason reason = {0};
    ds_exit_reason(&reason, wait_status);
    assert_int_equal(reason.code, code);
    assert_int_equal(reason.number, number);
    assert_string_equal(reason.text, text);
    ds_reason_clear(&reason);
}

static void assert_named(int number, const char *name)
{
    ds_auto_free char *got = ds_signal_name(number);
    assert_string_equal(got, name);
}

static void codes_are_told(void **state)
{
    (void)state;
    assert_reads(W_EXITCODE(0, 0), DS_REASON_EXITED, 0, "exited with code 0");
    assert_reads(W_EXITCODE(3, 0), DS_REASON_EXITED, 3, "exited with code 3");
    assert_reads(W_EXITCODE(255, 0), DS_REASON_EXITED, 255, "exited with code 255");
}

static void codes_that_mean_something_say_it(void **state)
{
    (void)state;
    assert_reads(W_EXITCODE(126, 0), DS_REASON_EXITED, 126,
                 "exited with code 126 (a command could not be executed)");
    assert_reads(W_EXITCODE(127, 0), DS_REASON_EXITED, 127,
                 "exited with code 127 (a command was not found)");
    assert_reads(W_EXITCODE(128, 0), DS_REASON_EXITED, 128, "exited with code 128");
    assert_reads(W_EXITCODE(128 + SIGTERM, 0), DS_REASON_EXITED, 128 + SIGTERM,
                 "exited with code 143 (as after SIGTERM)");
}

static void signals_are_named(void **state)
{
    (void)state;
    assert_reads(W_EXITCODE(0, SIGKILL), DS_REASON_SIGNALED, SIGKILL, "killed by SIGKILL");
    assert_reads(W_EXITCODE(0, SIGSEGV) | WCOREFLAG, DS_REASON_SIGNALED, SIGSEGV,
                 "killed by SIGSEGV (core dumped)");
    assert_named(SIGINT, "SIGINT");
    assert_named(40, "signal 40");
}

static void what_was_there_is_replaced(void **state)
{
    (void)state;
    struct ds_reason reason = {0};
    ds_exit_reason(&reason, W_EXITCODE(0, SIGABRT));
    ds_exit_reason(&reason, W_EXITCODE(2, 0));
    assert_int_equal(reason.code, DS_REASON_EXITED);
    assert_int_equal(reason.number, 2);
    assert_string_equal(reason.text, "exited with code 2");
    ds_reason_clear(&reason);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(codes_are_told),
        cmocka_unit_test(codes_that_mean_something_say_it),
        cmocka_unit_test(signals_are_named),
        cmocka_unit_test(what_was_there_is_replaced),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
