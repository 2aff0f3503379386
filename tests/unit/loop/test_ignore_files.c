/* Rules from the files of a tree, and which of them wins. */
#include "tests/support/cmocka_headers.h"

#include <stdlib.h>
#include <string.h>

#include "devstack/base/file.h"
#include "devstack/base/memory.h"
#include "orchestrator/loop/ignore_files.h"

struct tree {
    char *root;
    struct ignore_files files;
};

static int setup(void **state)
{
    char folder[] = "/tmp/devstack-ignore-XXXXXX";
    struct tree *tree = DS_NEW(struct tree);
    tree->root = ds_strdup(mkdtemp(folder));
    *state = tree;
    return 0;
}

static int teardown(void **state)
{
    struct tree *tree = *state;
    ignore_files_finish(&tree->files);
    ds_tree_remove(tree->root, NULL);
    free(tree->root);
    free(tree);
    return 0;
}

static char *at(const struct tree *tree, const char *name)
{
    return name[0] ? ds_path_join(tree->root, name) : ds_strdup(tree->root);
}

static void folder(const struct tree *tree, const char *name)
{
    ds_auto_free char *path = at(tree, name);
    assert_true(ds_folder_make(path, 0700, NULL));
}

static void put(const struct tree *tree, const char *name, const char *text)
{
    ds_auto_free char *path = at(tree, name);
    assert_true(ds_file_write(path, text, strlen(text), 0600, NULL));
}

static void read_folder(struct tree *tree, const char *name)
{
    ds_auto_free char *path = at(tree, name);
    ignore_files_read(&tree->files, path);
}

static bool left_out(const struct tree *tree, const char *name)
{
    ds_auto_free char *path = at(tree, name);
    return ignore_files_leave_out(&tree->files, tree->root, path, false);
}

static void the_nearest_file_decides(void **state)
{
    struct tree *tree = *state;
    ignore_files_init(&tree->files, tree->root, NULL);
    folder(tree, "a");
    put(tree, ".gitignore", "*.log\n");
    put(tree, "a/.gitignore", "!keep.log\n");
    read_folder(tree, "a");
    read_folder(tree, "");
    assert_true(left_out(tree, "keep.log"));
    assert_true(left_out(tree, "a/x.log"));
    assert_false(left_out(tree, "a/keep.log"));
    assert_false(left_out(tree, "a/x.c"));
}

static void the_users_rules_come_first(void **state)
{
    struct tree *tree = *state;
    ds_auto_strings struct ds_strings lines = {0};
    ds_strings_add(&lines, "*.gen");
    ds_strings_add(&lines, "!x.log");
    ignore_files_init(&tree->files, tree->root, &lines);
    put(tree, ".gitignore", "*.log\n!x.gen\n");
    read_folder(tree, "");
    assert_true(left_out(tree, "x.gen"));
    assert_false(left_out(tree, "x.log"));
    assert_true(left_out(tree, "y.log"));
}

static void what_is_in_a_folder_goes_with_it(void **state)
{
    struct tree *tree = *state;
    ignore_files_init(&tree->files, tree->root, NULL);
    put(tree, ".gitignore", "out/\n");
    read_folder(tree, "");
    assert_true(left_out(tree, "out/deep/file"));
    assert_true(left_out(tree, "x/node_modules/y/index.js"));
    assert_true(left_out(tree, ".git/HEAD"));
    assert_true(left_out(tree, "src/.main.c.swp"));
    assert_false(left_out(tree, "src/main.c"));
}

static void reading_again_replaces(void **state)
{
    struct tree *tree = *state;
    ignore_files_init(&tree->files, tree->root, NULL);
    put(tree, ".gitignore", "a\n");
    read_folder(tree, "");
    put(tree, ".gitignore", "b\n");
    read_folder(tree, "");
    assert_false(left_out(tree, "a"));
    assert_true(left_out(tree, "b"));
}

static void files_above_count_within_a_repository(void **state)
{
    struct tree *tree = *state;
    ignore_files_init(&tree->files, tree->root, NULL);
    folder(tree, "repo/.git/info");
    folder(tree, "repo/sub");
    put(tree, ".gitignore", "x\n"); /* outside */
    put(tree, "repo/.git/info/exclude", "y\n");
    put(tree, "repo/.gitignore", "z\n");
    ds_auto_free char *sub = at(tree, "repo/sub");
    ignore_files_read_above(&tree->files, sub);
    assert_false(left_out(tree, "repo/sub/x"));
    assert_true(left_out(tree, "repo/sub/y"));
    assert_true(left_out(tree, "repo/sub/z"));
}

static void below_a_folder_is_a_matter_of_whole_names(void **state)
{
    (void)state;
    assert_string_equal(path_below("/a", "/a/b/c"), "b/c");
    assert_string_equal(path_below("/", "/b"), "b");
    assert_null(path_below("/a", "/ab"));
    assert_null(path_below("/a", "/a"));
    assert_null(path_below("/", "/"));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_nearest_file_decides),
        TEST(the_users_rules_come_first),
        TEST(what_is_in_a_folder_goes_with_it),
        TEST(reading_again_replaces),
        TEST(files_above_count_within_a_repository),
        cmocka_unit_test(below_a_folder_is_a_matter_of_whole_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
