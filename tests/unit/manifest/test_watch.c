/* Watched paths: from the working folder on, and tidied. */
#include "read_fixture.h"

static void expect_paths(const char *text, const char *expected)
{
    struct ds_manifest *manifest = read_right(text);
    const struct ds_watch_spec *watch = &service(manifest, "a")->watch;
    ds_auto_free char *paths = ds_strings_join(&watch->paths, " ");
    assert_string_equal(paths, expected);
    ds_manifest_free(manifest);
}

static void paths_are_made_absolute_and_tidy(void **state)
{
    (void)state;
    expect_paths(FILE_OF("run: x, watch: src"), "/project/src");
    expect_paths(FILE_OF("run: x, watch: [./a//b/, ., ~/c, /d/../e]"),
                 "/project/a/b /project /home/dev/c /e");
    expect_paths(FILE_OF("run: x, watch: {paths: [../l]}, working_dir: api"), "/project/l");
}

static void the_mapping_has_more_to_say(void **state)
{
    (void)state;
    struct ds_manifest *manifest =
        read_right(FILE_OF("run: x, watch: {paths: src, ignore: ['*.log'], debounce: 1s}"));
    const struct ds_watch_spec *watch = &service(manifest, "a")->watch;
    assert_string_equal(watch->ignore.items[0], "*.log");
    assert_int_equal(watch->debounce, DS_NS_PER_S);
    ds_manifest_free(manifest);
}

static void a_watch_names_a_path(void **state)
{
    (void)state;
    expect_told(FILE_OF("run: x, watch: []"), "'watch' names no path");
    expect_told(FILE_OF("run: x, watch: ''"), "a text that is not empty");
    expect_told(FILE_OF("run: x, watch: {ignore: [a]}"), "lacks the key 'paths'");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_are_made_absolute_and_tidy),
        cmocka_unit_test(the_mapping_has_more_to_say),
        cmocka_unit_test(a_watch_names_a_path),
    };
    return cmocka_run_group_tests_name("manifest/watch", tests, NULL, NULL);
}
