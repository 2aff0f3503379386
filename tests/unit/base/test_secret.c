/* Secrets: kept whole, shared by reference, generated, and gone after the last. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "devstack/base/memory.h"
#include "devstack/base/secret.h"

static void keeps_bytes_as_they_are(void **state)
{
    (void)state;
    ds_auto_secret struct ds_secret *secret = ds_secret_create("a\0b", 3);
    ds_auto_secret struct ds_secret *empty = ds_secret_create(NULL, 0);
    assert_int_equal(ds_secret_length(secret), 3);
    assert_memory_equal(ds_secret_bytes(secret), "a\0b", 4);
    assert_int_equal(ds_secret_length(empty), 0);
    assert_string_equal(ds_secret_bytes(empty), "");
}

static void holds_more_than_a_page(void **state)
{
    (void)state;
    enum { LENGTH = 100000 };
    ds_auto_free char *value = ds_alloc(LENGTH);
    memset(value, 'x', LENGTH);
    ds_auto_secret struct ds_secret *secret = ds_secret_create(value, LENGTH);
    assert_memory_equal(ds_secret_bytes(secret), value, LENGTH);
    assert_int_equal(ds_secret_bytes(secret)[LENGTH], '\0');
}

static bool is_mapped(const void *address)
{
    unsigned char resident;
    uintptr_t page = (uintptr_t)address & ~((uintptr_t)sysconf(_SC_PAGESIZE) - 1);
    return mincore((void *)page, 1, &resident) == 0 || errno != ENOMEM;
}

static void goes_with_the_last_reference(void **state)
{
    (void)state;
    struct ds_secret *secret = ds_secret_create("hunter22", 8);
    const char *bytes = ds_secret_bytes(secret);
    assert_ptr_equal(ds_secret_ref(secret), secret);
    ds_secret_unref(secret);
    assert_string_equal(bytes, "hunter22");
    ds_secret_unref(secret);
    assert_false(is_mapped(bytes));
    ds_secret_unref(NULL);
}

static void generates_letters_and_digits(void **state)
{
    (void)state;
    ds_auto_secret struct ds_secret *one = ds_secret_generate(2000);
    ds_auto_secret struct ds_secret *two = ds_secret_generate(2000);
    const char *text = ds_secret_bytes(one);
    assert_int_equal(strlen(text), 2000);
    assert_int_equal(strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"),
                     2000);
    /* Each of the 62 is missing from 2000 with a chance of 8e-15. */
    for (const char *at = "AZaz09"; *at; at++)
        assert_non_null(strchr(text, *at));
    assert_string_not_equal(text, ds_secret_bytes(two));
}

static void wipes(void **state)
{
    (void)state;
    char bytes[] = "abcd";
    ds_wipe(bytes, 4);
    assert_memory_equal(bytes, "\0\0\0\0", 4);
}

static void writes_random_hex(void **state)
{
    (void)state;
    ds_auto_free char *one = ds_random_hex(16), *none = ds_random_hex(0);
    ds_auto_free char *two = ds_random_hex(16);
    assert_int_equal(strspn(one, "0123456789abcdef"), 32);
    assert_int_equal(strlen(one), 32);
    assert_string_not_equal(one, two);
    assert_string_equal(none, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_bytes_as_they_are),
        cmocka_unit_test(holds_more_than_a_page),
        cmocka_unit_test(goes_with_the_last_reference),
        cmocka_unit_test(generates_letters_and_digits),
        cmocka_unit_test(wipes),
        cmocka_unit_test(writes_random_hex),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
