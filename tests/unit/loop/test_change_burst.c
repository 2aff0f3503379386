/* Which of many changes is told. */
#include "tests/support/cmocka_headers.h"

#include <stdlib.h>

#include "devstack/base/file.h"
#include "devstack/base/memory.h"
#include "devstack/base/text.h"
#include "orchestrator/loop/change_burst.h"

static int setup(void **state)
{
    char folder[] = "/tmp/devstack-burst-XXXXXX";
    *state = ds_strdup(mkdtemp(folder));
    return *state ? 0 : -1;
}

static int teardown(void **state)
{
    ds_tree_remove(*state, NULL);
    free(*state);
    return 0;
}

static char *make(void **state, const char *name)
{
    char *path = ds_path_join(*state, name);
    assert_true(ds_file_write(path, "x", 1, 0600, NULL));
    return path;
}

static void what_is_still_there_is_told_before_what_is_gone(void **state)
{
    struct change_burst burst = {0};
    ds_auto_free char *there = make(state, "there");
    burst_note_changed(&burst, "/nowhere/gone", 7);
    burst_note_changed(&burst, there, 9);
    assert_int_equal(burst.begun, 7);
    ds_auto_free char *told = burst_take(&burst);
    assert_string_equal(told, there);
    assert_int_equal(burst.count, 0);
    assert_int_equal(burst.begun, 0);
}

static void a_removal_alone_is_told(void **state)
{
    (void)state;
    struct change_burst burst = {0};
    burst_note_changed(&burst, "/nowhere/gone", 1);
    ds_auto_free char *told = burst_take(&burst);
    assert_string_equal(told, "/nowhere/gone");
}

static void what_came_and_went_is_nothing(void **state)
{
    (void)state;
    struct change_burst burst = {0};
    burst_note_created(&burst, "/nowhere/brief");
    burst_note_changed(&burst, "/nowhere/brief", 1);
    assert_null(burst_take(&burst));
}

static void one_that_was_there_before_is_not_new_when_it_is_made_again(void **state)
{
    (void)state;
    struct change_burst burst = {0};
    burst_note_changed(&burst, "/nowhere/old", 1);
    burst_note_created(&burst, "/nowhere/old");
    ds_auto_free char *told = burst_take(&burst);
    assert_string_equal(told, "/nowhere/old");
}

static void an_empty_new_file_is_no_change(void **state)
{
    struct change_burst burst = {0};
    ds_auto_free char *path = make(state, "empty");
    burst_note_created(&burst, path);
    assert_int_equal(burst.begun, 0);
    assert_null(burst_take(&burst));
}

static void more_than_it_holds_is_never_nothing(void **state)
{
    (void)state;
    struct change_burst burst = {0};
    for (int i = 0; i < 1000; i++) {
        ds_auto_free char *path = ds_printf("/nowhere/%d", i);
        burst_note_created(&burst, path);
        burst_note_changed(&burst, path, 1);
    }
    assert_true(burst.count < 1000);
    ds_auto_free char *told = burst_take(&burst);
    assert_non_null(told);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_still_there_is_told_before_what_is_gone),
        TEST(a_removal_alone_is_told),
        TEST(what_came_and_went_is_nothing),
        TEST(one_that_was_there_before_is_not_new_when_it_is_made_again),
        TEST(an_empty_new_file_is_no_change),
        TEST(more_than_it_holds_is_never_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
