/* The error object: untouched without a reason, replaced whole, given context. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>

#include "devstack/base/error.h"

static void is_set_and_replaced(void **state)
{
    (void)state;
    ds_auto_error struct ds_error err = {0};
    assert_false(ds_error_set(&err, DS_ERROR_PORT, "port %d is taken", 8000));
    assert_false(ds_error_hint(&err, "stop %s", "it"));
    assert_int_equal(err.code, DS_ERROR_PORT);
    assert_string_equal(err.message, "port 8000 is taken");
    assert_string_equal(err.hint, "stop it");
    ds_error_set(&err, DS_ERROR_FAILED, "then: %s", err.message);
    assert_int_equal(err.code, DS_ERROR_FAILED);
    assert_string_equal(err.message, "then: port 8000 is taken");
    assert_null(err.hint);
    ds_error_clear(&err);
    assert_int_equal(err.code, DS_OK);
    assert_null(err.message);
}

static void tells_errno(void **state)
{
    (void)state;
    ds_auto_error struct ds_error err = {0};
    assert_false(ds_error_set_errno(&err, DS_ERROR_MISSING, ENOENT, "cannot read %s", "x"));
    assert_string_equal(err.message, "cannot read x: No such file or directory");
}

static void takes_context_on_the_way_up(void **state)
{
    (void)state;
    ds_auto_error struct ds_error err = {0};
    ds_error_set(&err, DS_ERROR_SERVICE, "exit 1");
    ds_error_hint(&err, "look");
    assert_false(ds_error_prefix(&err, "service %s", "api"));
    assert_string_equal(err.message, "service api: exit 1");
    assert_string_equal(err.hint, "look");
    assert_int_equal(err.code, DS_ERROR_SERVICE);
    ds_auto_error struct ds_error empty = {0};
    ds_error_prefix(&empty, "x");
    assert_string_equal(empty.message, "x: unknown error");
}

static void moves(void **state)
{
    (void)state;
    struct ds_error from = {0};
    ds_auto_error struct ds_error to = {0};
    ds_error_set(&from, DS_ERROR_USAGE, "one");
    ds_error_set(&to, DS_ERROR_FAILED, "two");
    assert_false(ds_error_move(&to, &from));
    assert_null(from.message);
    assert_int_equal(to.code, DS_ERROR_USAGE);
    assert_string_equal(to.message, "one");
    ds_error_set(&from, DS_ERROR_USAGE, "three");
    assert_false(ds_error_move(NULL, &from));
    assert_null(from.message);
}

static void nobody_needs_to_listen(void **state)
{
    (void)state;
    assert_false(ds_error_set(NULL, DS_ERROR_FAILED, "x"));
    assert_false(ds_error_set_errno(NULL, DS_ERROR_FAILED, EIO, "x"));
    assert_false(ds_error_hint(NULL, "x"));
    assert_false(ds_error_prefix(NULL, "x"));
    ds_error_clear(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_set_and_replaced),         cmocka_unit_test(tells_errno),
        cmocka_unit_test(takes_context_on_the_way_up), cmocka_unit_test(moves),
        cmocka_unit_test(nobody_needs_to_listen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
