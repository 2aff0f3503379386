/* Signals by their names. */
#include "read_fixture.h"

#include <signal.h>

#include "orchestrator/manifest/keys.h"

static void knows_names_with_and_without_sig(void **state)
{
    (void)state;
    static const struct {
        const char *word;
        int number;
    } cases[] = {{"SIGINT", SIGINT}, {"INT", SIGINT}, {"SIGQUIT", SIGQUIT}, {"USR1", SIGUSR1}};
    for (size_t i = 0; i < DS_COUNT(cases); i++) {
        ds_auto_free char *text =
            ds_printf("name: t\nservices: {a: {run: x, stop_signal: %s}}\n", cases[i].word);
        struct ds_manifest *manifest = read_right(text);
        assert_int_equal(service(manifest, "a")->stop_signal, cases[i].number);
        ds_manifest_free(manifest);
    }
}

static void names_a_number(void **state)
{
    (void)state;
    assert_string_equal(ds_stop_signal_name(SIGHUP), "SIGHUP");
    assert_string_equal(ds_stop_signal_name(SIGTERM), "SIGTERM");
}

static void refuses_what_stops_nothing(void **state)
{
    (void)state;
    expect_told(FILE_OF("run: x, stop_signal: SIGSTOP"), "expected a signal (SIGTERM, SIGINT");
    expect_told(FILE_OF("run: x, stop_signal: 15"), "expected a signal (SIGTERM, SIGINT");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_names_with_and_without_sig),
        cmocka_unit_test(names_a_number),
        cmocka_unit_test(refuses_what_stops_nothing),
    };
    return cmocka_run_group_tests_name("manifest/signal", tests, NULL, NULL);
}
