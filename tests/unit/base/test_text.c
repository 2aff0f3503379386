/* Growing strings, lists, and ordered variables. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "devstack/base/memory.h"
#include "devstack/base/text.h"

static void text_grows(void **state)
{
    (void)state;
    ds_auto_text struct ds_text text = {0};
    assert_string_equal(ds_text_string(&text), "");
    for (int i = 0; i < 1000; i++)
        ds_text_appendf(&text, "%d,", i % 10);
    ds_text_append_char(&text, '!');
    ds_text_append_bytes(&text, "a\0b", 3);
    assert_int_equal(text.length, 2004);
    assert_memory_equal(text.data + 1994, "7,8,9,!a\0b", 11);
    ds_text_drop_front(&text, 2001);
    assert_memory_equal(text.data, "a\0b", 4);
    ds_text_drop_front(&text, 3);
    assert_int_equal(text.length, 0);
    ds_text_append_bytes(&text, NULL, 0);
    assert_string_equal(ds_text_string(&text), "");
}

static void text_is_handed_out(void **state)
{
    (void)state;
    struct ds_text text = {0};
    ds_auto_free char *empty = ds_text_take(&text);
    assert_string_equal(empty, "");
    ds_text_append(&text, "hello");
    ds_text_clear(&text);
    ds_text_append(&text, "you");
    ds_auto_free char *taken = ds_text_take(&text);
    assert_string_equal(taken, "you");
    assert_null(text.data);
}

static void lists_of_strings(void **state)
{
    (void)state;
    ds_auto_strings struct ds_strings list = {0}, more = {0};
    ds_auto_free char *none = ds_strings_join(&list, ",");
    assert_string_equal(none, "");
    assert_false(ds_strings_contain(&list, "a"));
    ds_strings_add(&more, "x");
    ds_strings_take(&more, ds_strdup("y"));
    for (int i = 0; i < 20; i++) {
        ds_strings_addf(&list, "%d", i);
        assert_null(list.items[list.count]);
    }
    ds_strings_copy(&list, &more);
    assert_int_equal(list.count, 22);
    assert_true(ds_strings_contain(&list, "19"));
    assert_true(ds_strings_contain(&list, "y"));
    assert_null(list.items[22]);
    ds_auto_free char *joined = ds_strings_join(&more, ", ");
    assert_string_equal(joined, "x, y");
}

static void variables_keep_their_order(void **state)
{
    (void)state;
    ds_auto_variables struct ds_variables vars = {0};
    ds_variables_set(&vars, "B", "1");
    ds_variables_set(&vars, "A", "2");
    ds_variables_setf(&vars, "C", "%d", 3);
    ds_variables_set(&vars, "B", "4");
    ds_variables_setf(&vars, "A", "%s%s", ds_variables_get(&vars, "A"), "+");
    assert_int_equal(vars.count, 3);
    assert_string_equal(ds_variables_get(&vars, "B"), "4");
    assert_null(ds_variables_get(&vars, "b"));
    ds_auto_strings struct ds_strings exported = {0};
    ds_variables_export(&vars, &exported);
    ds_auto_free char *text = ds_strings_join(&exported, " ");
    assert_string_equal(text, "B=4 A=2+ C=3");
    ds_variables_unset(&vars, "A");
    ds_variables_unset(&vars, "nothing");
    assert_int_equal(vars.count, 2);
    assert_string_equal(vars.items[1].name, "C");
}

static void variables_come_from_an_environment(void **state)
{
    (void)state;
    char a[] = "A=1", b[] = "B=x=y", empty[] = "E=", odd[] = "=odd", bare[] = "bare",
         again[] = "A=2";
    char *const environment[] = {a, b, empty, odd, bare, again, NULL};
    ds_auto_variables struct ds_variables vars = {0};
    ds_variables_import(&vars, environment);
    assert_int_equal(vars.count, 3);
    assert_string_equal(ds_variables_get(&vars, "A"), "2");
    assert_string_equal(ds_variables_get(&vars, "B"), "x=y");
    assert_string_equal(ds_variables_get(&vars, "E"), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_grows),
        cmocka_unit_test(text_is_handed_out),
        cmocka_unit_test(lists_of_strings),
        cmocka_unit_test(variables_keep_their_order),
        cmocka_unit_test(variables_come_from_an_environment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
