/* Quoting, encoding, and guessing what was meant. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "devstack/base/memory.h"
#include "devstack/base/text.h"

static void quotes_only_what_the_shell_would_touch(void **state)
{
    (void)state;
    ds_auto_free char *plain = ds_shell_quote("/usr/bin/env-1.2");
    ds_auto_free char *spaced = ds_shell_quote("it's $HOME");
    ds_auto_free char *empty = ds_shell_quote("");
    assert_string_equal(plain, "/usr/bin/env-1.2");
    assert_string_equal(spaced, "'it'\\''s $HOME'");
    assert_string_equal(empty, "''");
}

static void percent_encodes_all_but_unreserved(void **state)
{
    (void)state;
    ds_auto_free char *encoded = ds_percent_encode("a-Z_0.~ @/:\xc3\xa9");
    assert_string_equal(encoded, "a-Z_0.~%20%40%2F%3A%C3%A9");
}

static void finds_the_nearest_spelling(void **state)
{
    (void)state;
    static const char *const keys[] = {"healthcheck", "environment", "depends_on", "port", "ports"};
    assert_string_equal(ds_nearest("helthcheck", keys, 5), "healthcheck");
    assert_string_equal(ds_nearest("dependson", keys, 5), "depends_on");
    assert_string_equal(ds_nearest("prot", keys, 5), "port");
    assert_null(ds_nearest("volumes", keys, 5));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quotes_only_what_the_shell_would_touch),
        cmocka_unit_test(percent_encodes_all_but_unreserved),
        cmocka_unit_test(finds_the_nearest_spelling),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
