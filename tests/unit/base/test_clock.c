/* Durations and timestamps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "devstack/base/clock.h"
#include "devstack/base/memory.h"

static void parses_durations(void **state)
{
    (void)state;
    uint64_t ns;
    assert_true(ds_duration_parse("250ms", &ns, NULL));
    assert_int_equal(ns, 250 * DS_NS_PER_MS);
    assert_true(ds_duration_parse("1m30s", &ns, NULL));
    assert_int_equal(ns, 90 * DS_NS_PER_S);
    assert_true(ds_duration_parse("90d", &ns, NULL));
    assert_int_equal(ns, 90 * 86400 * DS_NS_PER_S);
    assert_true(ds_duration_parse("1.5s", &ns, NULL));
    assert_int_equal(ns, 1500 * DS_NS_PER_MS);
}

static void refuses_what_is_no_duration(void **state)
{
    (void)state;
    static const char *const wrong[] = {"",     "5",   "s",     "5 s", "-1s",      "1e3s",
                                        "0x5s", "5sx", "1..5s", "5y",  "99999999w"};
    for (size_t i = 0; i < DS_COUNT(wrong); i++) {
        uint64_t ns = 42;
        ds_auto_error struct ds_error err = {0};
        assert_false(ds_duration_parse(wrong[i], &ns, &err));
        assert_int_equal(err.code, DS_ERROR_INVALID);
        assert_int_equal(ns, 42);
    }
}

static void formats_durations(void **state)
{
    (void)state;
    static const struct {
        uint64_t ns;
        const char *text;
    } cases[] = {{410 * DS_NS_PER_MS, "0.41s"},     {12300 * DS_NS_PER_MS, "12.3s"},
                 {59970 * DS_NS_PER_MS, "1m00s"},   {125 * DS_NS_PER_S, "2m05s"},
                 {3599700 * DS_NS_PER_MS, "1h00m"}, {11520 * DS_NS_PER_S, "3h12m"},
                 {352800 * DS_NS_PER_S, "4d02h"}};
    for (size_t i = 0; i < DS_COUNT(cases); i++) {
        ds_auto_free char *text = ds_duration_format(cases[i].ns);
        assert_string_equal(text, cases[i].text);
    }
}

static void timestamps_survive_the_round_trip(void **state)
{
    (void)state;
    char text[DS_TIMESTAMP_SIZE];
    int64_t back;
    ds_timestamp_format(INT64_C(1767225600123456789), text);
    assert_string_equal(text, "2026-01-01T00:00:00.123456789Z");
    assert_true(ds_timestamp_parse(text, &back));
    assert_int_equal(back, INT64_C(1767225600123456789));
    assert_true(ds_timestamp_parse("2024-02-29T23:59:59.5Z", &back));
    assert_int_equal(back, INT64_C(1709251199500000000));
    ds_timestamp_format(-1, text);
    assert_string_equal(text, "1969-12-31T23:59:59.999999999Z");
    assert_true(ds_timestamp_parse(text, &back));
    assert_int_equal(back, -1);
}

static void refuses_what_is_no_timestamp(void **state)
{
    (void)state;
    static const char *const wrong[] = {"",
                                        "2026-01-01 00:00:00Z",
                                        "2026-01-01T00:00:00",
                                        "2026-01-01T00:00:00+01:00",
                                        " 2026-01-01T00:00:00Z",
                                        "2026-1-01T00:00:00Z",
                                        "2026-13-01T00:00:00Z",
                                        "2026-02-29T00:00:00Z",
                                        "2026-01-01T00:00:00.1234567890Z",
                                        "9999-12-31T00:00:00Z"};
    for (size_t i = 0; i < DS_COUNT(wrong); i++) {
        int64_t back = 42;
        if (ds_timestamp_parse(wrong[i], &back))
            fail_msg("'%s' was taken", wrong[i]);
        assert_int_equal(back, 42);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parses_durations),
        cmocka_unit_test(refuses_what_is_no_duration),
        cmocka_unit_test(formats_durations),
        cmocka_unit_test(timestamps_survive_the_round_trip),
        cmocka_unit_test(refuses_what_is_no_timestamp),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
