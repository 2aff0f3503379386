/* The encoded shapes of a secret, against what real encoders give. */
#include "support.h"

#include "orchestrator/logs/forms.h"

static void collect(void *data, const char *bytes, size_t length)
{
    ds_auto_free char *copy = ds_strndup(bytes, length);
    ds_strings_add(data, copy);
}

static void forms_of(const char *value, struct ds_strings *ret_forms)
{
    ds_auto_secret struct ds_secret *secret = ds_secret_create(value, strlen(value));
    log_forms(secret, collect, ret_forms);
}

static void assert_forms(const char *value, const char *const *expected, size_t count)
{
    ds_auto_strings struct ds_strings forms = {0};
    forms_of(value, &forms);
    for (size_t i = 0; i < count; i++)
        if (!ds_strings_contain(&forms, expected[i]))
            fail_msg("no form '%s' of '%s'", expected[i], value);
}

static void percent_encodes(void **state)
{
    (void)state;
    static const char *const expected[] = {
        "p@ss w/rd:\xc3\xa9*",                                      /* itself */
        "p%40ss%20w%2Frd%3A%C3%A9%2A",                              /* Python's quote(safe='') */
        "p%40ss%20w%2frd%3a%c3%a9%2a", "p%40ss%20w%2Frd%3A%C3%A9*", /* encodeURIComponent */
        "p%40ss+w%2Frd%3A%C3%A9*",                                  /* URLSearchParams */
        "p%40ss+w%2Frd%3A%C3%A9%2A",                                /* Python's quote_plus */
    };
    assert_forms("p@ss w/rd:\xc3\xa9*", expected, DS_COUNT(expected));
}

static void base64_at_each_alignment(void **state)
{
    (void)state;
    static const char *const expected[] = {
        "aHVudGVyMjI+", /* alone */
        "h1bnRlcjIyP",  /* after one byte, and more follows */
        "odW50ZXIyMj4", /* after two bytes */
        "aHVudGVyMjI-", /* the URL alphabet */
    };
    /* base64("hunter22>"), base64("xhunter22>") and base64("xxhunter22>") by coreutils:
     * aHVudGVyMjI+  eGh1bnRlcjIyPg==  eHhodW50ZXIyMj4= */
    assert_forms("hunter22>", expected, DS_COUNT(expected));
    static const char *const padded[] = {"aHVudGVyMjIh", "h1bnRlcjIyIQ==", "h1bnRlcjIyIQ",
                                         "odW50ZXIyMiE="};
    assert_forms("hunter22!", padded, DS_COUNT(padded));
}

static void escapes_for_json(void **state)
{
    (void)state;
    static const char *const expected[] = {
        "a\\\"b\\\\c/d\\n\\u0001<\xc3\xa9\xf0\x9f\x94\x91", /* JSON.stringify */
        "a\\\"b\\\\c\\/d\\n\\u0001<\\u00e9\\ud83d\\udd11",  /* PHP */
        "a\\\"b\\\\c/d\\n\\u0001<\\u00e9\\ud83d\\udd11",    /* Python */
        "a\\\"b\\\\c/d\\n\\u0001<\\u00E9\\uD83D\\uDD11",    /* jansson with JSON_ENSURE_ASCII */
        "a\\\"b\\\\c/d\\n\\u0001\\u003c\xc3\xa9\xf0\x9f\x94\x91", /* Go */
    };
    assert_forms("a\"b\\c/d\n\001<\xc3\xa9\xf0\x9f\x94\x91", expected, DS_COUNT(expected));
}

static void doubles_quotes_for_sql(void **state)
{
    (void)state;
    static const char *const expected[] = {"it''s secret"};
    assert_forms("it's secret", expected, 1);
}

static void malformed_utf8_is_no_trap(void **state)
{
    (void)state;
    static const char *const expected[] = {"abcdefg\xf0\x9f", "abcdefg%F0%9F"};
    assert_forms("abcdefg\xf0\x9f", expected, DS_COUNT(expected));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(percent_encodes),           cmocka_unit_test(base64_at_each_alignment),
        cmocka_unit_test(escapes_for_json),          cmocka_unit_test(doubles_quotes_for_sql),
        cmocka_unit_test(malformed_utf8_is_no_trap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
