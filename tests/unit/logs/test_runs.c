/* Run folders: their names, their mode, and which are removed. */
#include "support.h"

#include <sys/stat.h>

#include "orchestrator/logs/runs.h"

static char *begin(const char *folder, const char *run, unsigned keep, struct test_clock *clock)
{
    clock->wall += (int64_t)DS_NS_PER_S;
    ds_auto_error struct ds_error err = {0};
    char *path = log_runs_begin(folder, run, keep, &clock->clock, &err);
    assert_non_null(path);
    assert_true(ds_folder_exists(path));
    return path;
}

static void names_a_folder_by_time_and_run(void **state)
{
    (void)state;
    struct test_clock clock;
    test_clock_init(&clock);
    char *folder = test_folder_make();
    ds_auto_free char *path = begin(folder, "ab/12", 5, &clock);
    assert_string_equal(ds_path_name(path), "20260101T000001.123456789Z-ab%2F12");
    struct stat status;
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0700);
    test_folder_remove(folder);
}

static void removes_the_oldest_and_nothing_else(void **state)
{
    (void)state;
    struct test_clock clock;
    test_clock_init(&clock);
    char *folder = test_folder_make();
    ds_auto_free char *foreign = ds_path_join(folder, "runs/0-notes");
    assert_true(ds_folder_make(foreign, 0755, NULL));
    char *paths[5];
    for (size_t i = 0; i < DS_COUNT(paths); i++) {
        paths[i] = begin(folder, "run", 3, &clock);
        ds_auto_free char *file = ds_path_join(paths[i], "api.log");
        assert_true(ds_file_write(file, "x", 1, 0600, NULL));
    }
    for (size_t i = 0; i < DS_COUNT(paths); i++) {
        assert_int_equal(ds_folder_exists(paths[i]), i >= 2);
        free(paths[i]);
    }
    assert_true(ds_folder_exists(foreign));
    test_folder_remove(folder);
}

static void a_clock_that_was_set_back_does_not_remove_the_new_run(void **state)
{
    (void)state;
    struct test_clock clock;
    test_clock_init(&clock);
    char *folder = test_folder_make();
    ds_auto_free char *later = begin(folder, "a", 1, &clock);
    clock.wall -= 1000 * (int64_t)DS_NS_PER_S;
    ds_auto_free char *now = begin(folder, "b", 1, &clock);
    assert_true(ds_folder_exists(now));
    assert_false(ds_folder_exists(later));
    test_folder_remove(folder);
}

static void tells_why_there_is_no_folder(void **state)
{
    (void)state;
    struct test_clock clock;
    test_clock_init(&clock);
    ds_auto_error struct ds_error err = {0};
    assert_null(log_runs_begin("/dev/null/x", "a", 1, &clock.clock, &err));
    assert_int_equal(err.code, DS_ERROR_FAILED);
    assert_non_null(strstr(err.message, "/dev/null"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_a_folder_by_time_and_run),
        cmocka_unit_test(removes_the_oldest_and_nothing_else),
        cmocka_unit_test(a_clock_that_was_set_back_does_not_remove_the_new_run),
        cmocka_unit_test(tells_why_there_is_no_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
