/* The lock of a stack's secrets, and the marks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <unistd.h>

#include "devstack/base/file.h"
#include "devstack/base/memory.h"
#include "orchestrator/secrets/folder.h"

static int setup(void **state)
{
    char *folder = ds_strdup("/tmp/ds-secrets-XXXXXX");
    *state = folder;
    return mkdtemp(folder) ? 0 : -1;
}

static int teardown(void **state)
{
    bool removed = ds_tree_remove(*state, NULL);
    free(*state);
    return removed ? 0 : -1;
}

static void one_holds_the_lock(void **state)
{
    const char *folder = *state;
    int first = secret_folder_try_lock(folder, "shop", NULL);
    assert_true(first >= 0);
    assert_int_equal(secret_folder_try_lock(folder, "shop", NULL), -2);
    int other = secret_folder_try_lock(folder, "other", NULL);
    assert_true(other >= 0);
    secret_folder_unlock(folder, "shop", first);
    ds_auto_free char *path = secret_file_path(folder, "shop", ".lock");
    assert_false(ds_file_exists(path));
    int second = secret_folder_try_lock(folder, "shop", NULL);
    assert_true(second >= 0);
    secret_folder_unlock(folder, "shop", second);
    secret_folder_unlock(folder, "other", other);
}

static void a_lock_that_nobody_holds_is_taken_over(void **state)
{
    const char *folder = *state;
    ds_auto_free char *path = secret_file_path(folder, "shop", ".lock");
    assert_true(secret_folder_make(folder, "shop", NULL));
    assert_true(ds_file_write(path, "", 0, 0600, NULL));
    int fd = secret_folder_try_lock(folder, "shop", NULL);
    assert_true(fd >= 0);
    secret_folder_unlock(folder, "shop", fd);
}

static void marks_stay(void **state)
{
    const char *folder = *state;
    assert_false(secret_mark_exists(folder, "shop", "a"));
    secret_mark_write(folder, "shop", "a");
    secret_mark_write(folder, "shop", "a");
    assert_true(secret_mark_exists(folder, "shop", "a"));
    assert_false(secret_mark_exists(folder, "shop", "b"));
    assert_false(secret_mark_exists(folder, "other", "a"));
}

static void a_file_in_the_way_is_named(void **state)
{
    const char *folder = *state;
    ds_auto_free char *path = ds_path_join(folder, "secrets");
    ds_auto_error struct ds_error err = {0};
    assert_true(ds_file_write(path, "", 0, 0600, NULL));
    assert_int_equal(secret_folder_try_lock(folder, "shop", &err), -1);
    assert_int_equal(err.code, DS_ERROR_SECRET);
    assert_non_null(err.hint);
}

#define FOLDER_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FOLDER_TEST(one_holds_the_lock),
        FOLDER_TEST(a_lock_that_nobody_holds_is_taken_over),
        FOLDER_TEST(marks_stay),
        FOLDER_TEST(a_file_in_the_way_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
