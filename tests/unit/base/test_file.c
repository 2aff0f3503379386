/* Files and folders: paths, modes, limits, replacing, removing, finding programs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "devstack/base/file.h"
#include "devstack/base/memory.h"

static int set_up(void **state)
{
    const char *base = getenv("TMPDIR");
    char *folder = ds_printf("%s/devstack-file-XXXXXX", base && *base ? base : "/tmp");
    if (!mkdtemp(folder))
        return -1;
    *state = folder;
    return 0;
}

static int tear_down(void **state)
{
    bool removed = ds_tree_remove(*state, NULL);
    free(*state);
    return removed ? 0 : -1;
}

static mode_t mode_of(const char *path)
{
    struct stat status;
    assert_int_equal(stat(path, &status), 0);
    return status.st_mode & 07777;
}

static void takes_paths_apart(void **state)
{
    (void)state;
    static const struct {
        const char *path, *folder, *name;
    } cases[] = {{"/a/b", "/a", "b"}, {"/a", "/", "a"}, {"a", ".", "a"}, {"a/b/c", "a/b", "c"}};
    for (size_t i = 0; i < DS_COUNT(cases); i++) {
        ds_auto_free char *folder = ds_path_folder(cases[i].path);
        assert_string_equal(folder, cases[i].folder);
        assert_string_equal(ds_path_name(cases[i].path), cases[i].name);
    }
    static const char *const joins[][3] = {
        {"/a", "b", "/a/b"}, {"/a/", "b", "/a/b"}, {"/a", "/b", "/b"}, {"/", "b", "/b"}};
    for (size_t i = 0; i < DS_COUNT(joins); i++) {
        ds_auto_free char *path = ds_path_join(joins[i][0], joins[i][1]);
        assert_string_equal(path, joins[i][2]);
    }
}

static void makes_folders_with_the_mode_whatever_the_umask(void **state)
{
    ds_auto_free char *outer = ds_path_join(*state, "one");
    ds_auto_free char *inner = ds_path_join(outer, "two/");
    mode_t before = umask(077);
    bool made = ds_folder_make(inner, 0755, NULL);
    umask(before);
    assert_true(made);
    assert_int_equal(mode_of(outer), 0755);
    assert_int_equal(mode_of(inner), 0755);
    assert_true(ds_folder_make(inner, 0700, NULL));
    assert_int_equal(mode_of(inner), 0755); /* what was there is left as it is */
    assert_true(ds_folder_exists(inner));
    assert_false(ds_file_exists(inner));
    ds_auto_free char *file = ds_path_join(*state, "file");
    assert_true(ds_file_write(file, "", 0, 0600, NULL));
    ds_auto_free char *below = ds_path_join(file, "x");
    ds_auto_error struct ds_error err = {0};
    assert_false(ds_folder_make(below, 0700, &err));
    assert_int_equal(err.code, DS_ERROR_FAILED);
}

static void writes_and_reads_whole_files(void **state)
{
    ds_auto_free char *path = ds_path_join(*state, "data");
    char *data = NULL;
    size_t length = 0;
    mode_t before = umask(0);
    bool wrote = ds_file_write(path, "a\0b", 3, 0640, NULL);
    umask(before);
    assert_true(wrote);
    assert_int_equal(mode_of(path), 0640);
    assert_true(ds_file_read(path, 3, &data, &length, NULL));
    assert_int_equal(length, 3);
    assert_memory_equal(data, "a\0b", 4);
    free(data);
    assert_true(ds_file_write(path, "new", 3, 0600, NULL));
    assert_int_equal(mode_of(path), 0600);
    assert_true(ds_file_read(path, 100, &data, NULL, NULL));
    assert_string_equal(data, "new");
    free(data);
}

static void reads_files_that_tell_no_size(void **state)
{
    (void)state;
    ds_auto_free char *data = NULL;
    size_t length = 0;
    assert_true(ds_file_read("/proc/self/status", 100000, &data, &length, NULL));
    assert_true(length > 100);
    assert_int_equal(strlen(data), length);
    char *none = NULL;
    assert_false(ds_file_read("/proc/self/status", 100, &none, NULL, NULL));
    assert_null(none);
}

static void refuses_what_it_cannot_read(void **state)
{
    ds_auto_free char *large = ds_path_join(*state, "large");
    ds_auto_free char *fifo = ds_path_join(*state, "fifo");
    ds_auto_free char *missing = ds_path_join(*state, "missing");
    assert_true(ds_file_write(large, "12345", 5, 0600, NULL));
    assert_int_equal(mkfifo(fifo, 0600), 0);
    const char *const wrong[] = {large, fifo, missing, *state};
    for (size_t i = 0; i < DS_COUNT(wrong); i++) {
        ds_auto_error struct ds_error err = {0};
        char *data = NULL;
        assert_false(ds_file_read(wrong[i], 4, &data, NULL, &err));
        assert_null(data);
        assert_non_null(strstr(err.message, wrong[i]));
    }
}

static void a_failed_write_leaves_nothing(void **state)
{
    ds_auto_free char *folder = ds_path_join(*state, "target");
    ds_auto_free char *inside = ds_path_join(folder, "inside");
    assert_true(ds_folder_make(inside, 0700, NULL));
    ds_auto_error struct ds_error err = {0};
    assert_false(ds_file_write(folder, "x", 1, 0600, &err)); /* a folder is not replaced */
    assert_int_equal(err.code, DS_ERROR_FAILED);
    assert_true(ds_tree_remove(folder, NULL));
    assert_int_equal(rmdir(*state), 0);
    assert_int_equal(mkdir(*state, 0700), 0);
}

static void removes_trees_and_follows_no_link(void **state)
{
    ds_auto_free char *tree = ds_path_join(*state, "tree");
    ds_auto_free char *deep = ds_path_join(tree, "a/b/c");
    ds_auto_free char *file = ds_path_join(tree, "a/file");
    ds_auto_free char *link = ds_path_join(tree, "a/link");
    ds_auto_free char *outside = ds_path_join(*state, "outside");
    ds_auto_free char *kept = ds_path_join(outside, "kept");
    assert_true(ds_folder_make(deep, 0700, NULL) && ds_folder_make(outside, 0700, NULL));
    assert_true(ds_file_write(file, "x", 1, 0400, NULL) && ds_file_write(kept, "x", 1, 0600, NULL));
    assert_int_equal(symlink(outside, link), 0);
    assert_true(ds_tree_remove(tree, NULL));
    assert_false(ds_folder_exists(tree));
    assert_true(ds_file_exists(kept));
    ds_auto_error struct ds_error err = {0};
    assert_true(ds_tree_remove(tree, &err));
    assert_null(err.message);
    assert_int_equal(symlink(outside, tree), 0);
    assert_true(ds_tree_remove(tree, NULL));
    assert_true(ds_file_exists(kept));
}

static void finds_programs(void **state)
{
    ds_auto_free char *bin = ds_path_join(*state, "bin");
    ds_auto_free char *tool = ds_path_join(bin, "tool");
    ds_auto_free char *text = ds_path_join(bin, "text");
    assert_true(ds_folder_make(bin, 0755, NULL));
    assert_true(ds_file_write(tool, "#!/bin/sh\n", 10, 0755, NULL));
    assert_true(ds_file_write(text, "x", 1, 0644, NULL));
    ds_auto_free char *search = ds_printf("/nonexistent:%s:/bin", bin);
    static const struct {
        const char *name, *path;
        bool absolute, found;
    } cases[] = {{"tool", NULL, true, true},
                 {"tool", "bin", false, true},
                 {"tool", "/nonexistent", false, false},
                 {"text", NULL, true, false},
                 {"bin/tool", "", false, true},
                 {"./bin/tool", "", false, true},
                 {"bin/other", "", false, false},
                 {"bin", ":", false, false},
                 {"", NULL, true, false}};
    for (size_t i = 0; i < DS_COUNT(cases); i++) {
        ds_auto_free char *found =
            ds_find_executable(cases[i].name, cases[i].absolute ? search : cases[i].path, *state);
        assert_int_equal(found != NULL, cases[i].found);
        assert_true(!found || access(found, X_OK) == 0);
    }
}

static void a_descriptor_that_takes_nothing_is_an_error(void **state)
{
    (void)state;
    ds_auto_fd int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    assert_false(ds_fd_write_all(full, "x", 1));
    assert_int_equal(errno, ENOSPC);
    assert_true(ds_fd_write_all(full, "", 0));
}

#define FILE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_paths_apart),
        FILE_TEST(makes_folders_with_the_mode_whatever_the_umask),
        FILE_TEST(writes_and_reads_whole_files),
        cmocka_unit_test(reads_files_that_tell_no_size),
        FILE_TEST(refuses_what_it_cannot_read),
        FILE_TEST(a_failed_write_leaves_nothing),
        FILE_TEST(removes_trees_and_follows_no_link),
        FILE_TEST(finds_programs),
        cmocka_unit_test(a_descriptor_that_takes_nothing_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
