/* What is said of a service. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "orchestrator/cli/words.h"
#include "snapshots.h"

static void assert_reason(enum ds_state state, enum ds_reason_code code, const char *text,
                          const char *expected)
{
    struct ds_snapshot *snapshot = snapshot_new(DS_STACK_STARTING);
    snapshot_set_reason(snapshot_add(snapshot, "api", state), code, text, NULL);
    ds_auto_free char *words = words_reason(&snapshot->services[0]);
    assert_string_equal(words, expected);
    ds_snapshot_unref(snapshot);
}

static void what_is_well_needs_no_words(void **state)
{
    (void)state;
    assert_reason(DS_STATE_COMPLETED, DS_REASON_EXITED, "exited with code 0", "");
    assert_reason(DS_STATE_STOPPED, DS_REASON_STOP_REQUESTED, "stopped on request", "");
    assert_reason(DS_STATE_HEALTHY, DS_REASON_NONE, NULL, "");
}

static void silence_is_said_in_words_for_people(void **state)
{
    (void)state;
    assert_reason(DS_STATE_STARTING, DS_REASON_PROBING, "not probed yet", "not answering yet");
    assert_reason(DS_STATE_STARTING, DS_REASON_PROBING, "server closed the connection unexpectedly",
                  "not answering yet");
    assert_reason(DS_STATE_STARTING, DS_REASON_PROBING, "HTTP 503", "HTTP 503");
    /* Of one that was ready it is the news itself. */
    assert_reason(DS_STATE_UNHEALTHY, DS_REASON_PROBE_FAILED, "connection refused",
                  "connection refused");
}

static void an_exit_before_it_was_ready_says_so(void **state)
{
    (void)state;
    assert_reason(DS_STATE_STOPPED, DS_REASON_EXITED, "exited with code 0",
                  "exited with code 0 before it was ready");
}

static void every_reason_without_a_text_has_words(void **state)
{
    (void)state;
    for (int code = DS_REASON_NOT_STARTED; code < DS_REASON_COUNT; code++) {
        struct ds_snapshot *snapshot = snapshot_new(DS_STACK_STARTING);
        snapshot_set_reason(snapshot_add(snapshot, "api", DS_STATE_WAITING),
                            (enum ds_reason_code)code, NULL, NULL);
        ds_auto_free char *words = words_reason(&snapshot->services[0]);
        assert_int_equal(*words != '\0', code != DS_REASON_STOP_REQUESTED);
        ds_snapshot_unref(snapshot);
    }
}

static void what_is_not_ready_is_listed_with_news_only(void **state)
{
    (void)state;
    struct ds_snapshot *snapshot = snapshot_new(DS_STACK_DEGRADED);
    snapshot_set_reason(snapshot_add(snapshot, "a", DS_STATE_FAILED), DS_REASON_EXITED,
                        "exited with code 3 (a long story)", NULL);
    snapshot_set_reason(snapshot_add(snapshot, "b", DS_STATE_WAITING), DS_REASON_DEPENDENCY_FAILED,
                        "a failed", "a");
    snapshot_make_ready(snapshot_add(snapshot, "c", DS_STATE_HEALTHY), MS, NULL);
    snapshot_set_reason(snapshot_add(snapshot, "d", DS_STATE_STOPPED), DS_REASON_NOT_STARTED, NULL,
                        NULL);
    ds_auto_free char *missing = words_not_ready(snapshot);
    assert_string_equal(missing, "a (failed), b (waiting: a failed)");
    ds_auto_free char *alive = words_alive(snapshot);
    assert_string_equal(alive, "c");
    assert_null(words_left_behind(snapshot));
    snapshot->services[0].reason.code = DS_REASON_LEFT_BEHIND;
    ds_auto_free char *left = words_left_behind(snapshot);
    assert_int_equal(strncmp(left, "a: exited with code 3", 21), 0);
    ds_snapshot_unref(snapshot);
}

static void bytes_have_units_and_a_bar(void **state)
{
    (void)state;
    const struct palette ascii = {0};
    ds_auto_free char *both = words_progress(45200000, 152000000);
    assert_string_equal(both, "45.2/152 MB");
    ds_auto_free char *first = words_progress(999, 0);
    assert_string_equal(first, "999 B");
    ds_auto_text struct ds_text bar = {0};
    words_append_bar(&ascii, &bar, 1, 2, 4);
    words_append_bar(&ascii, &bar, 9, 2, 2);
    words_append_bar(&ascii, &bar, 9, 0, 2);
    assert_string_equal(ds_text_string(&bar), "##..##..");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_well_needs_no_words),
        cmocka_unit_test(silence_is_said_in_words_for_people),
        cmocka_unit_test(an_exit_before_it_was_ready_says_so),
        cmocka_unit_test(every_reason_without_a_text_has_words),
        cmocka_unit_test(what_is_not_ready_is_listed_with_news_only),
        cmocka_unit_test(bytes_have_units_and_a_bar),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
