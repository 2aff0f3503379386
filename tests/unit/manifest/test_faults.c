/*
 * Wrong files and what is said about them: each faults/NAME.yaml has what is expected beside it, in
 * NAME.expected. A first line `# environment: NAME` chooses one. After a change of words,
 * `UPDATE_EXPECTED=1 test-manifest-faults FOLDER` writes the expectations anew, to be read in the
 * diff.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "devstack/base/file.h"
#include "devstack/base/memory.h"
#include "devstack/manifest/manifest.h"

static const char *folder;

static char *first_line_environment(const char *text)
{
    static const char prefix[] = "# environment: ";
    if (!ds_string_starts(text, prefix))
        return NULL;
    text += strlen(prefix);
    return ds_strndup(text, strcspn(text, "\n"));
}

/* Everything that is said about the file, a line each. */
static char *told(const char *name, const char *text, size_t length)
{
    ds_auto_free char *environment = first_line_environment(text);
    ds_auto_variables struct ds_variables shell = {0};
    ds_variables_set(&shell, "A", "1");
    ds_variables_set(&shell, "HOME", "/home/dev");
    const struct ds_manifest_options options = {.environment = environment, .shell = &shell};
    struct ds_faults faults = {0};
    struct ds_manifest *manifest =
        ds_manifest_parse(name, "/no/such/folder", text, length, &options, &faults);
    struct ds_text lines = {0};
    for (size_t i = 0; i < faults.count; i++) {
        ds_auto_free char *line = ds_fault_format(&faults.items[i]);
        ds_text_appendf(&lines, "%s\n", line);
    }
    assert_null(manifest);
    assert_true(faults.errors > 0);
    ds_faults_finish(&faults);
    return ds_text_take(&lines);
}

static int is_yaml(const struct dirent *entry)
{
    return ds_string_ends(entry->d_name, ".yaml");
}

static bool check_file(const char *name)
{
    ds_auto_free char *path = ds_path_join(folder, name);
    ds_auto_free char *base = ds_strndup(path, strlen(path) - strlen(".yaml"));
    ds_auto_free char *expected_path = ds_printf("%s.expected", base);
    ds_auto_free char *text = NULL, *expected = NULL;
    size_t length;
    assert_true(ds_file_read(path, 1 << 20, &text, &length, NULL));
    ds_auto_free char *lines = told(name, text, length);
    if (getenv("UPDATE_EXPECTED"))
        assert_true(ds_file_write(expected_path, lines, strlen(lines), 0644, NULL));
    if (!ds_file_read(expected_path, 1 << 20, &expected, NULL, NULL))
        expected = ds_strdup("");
    if (strcmp(lines, expected) == 0)
        return true;
    print_error("%s\nexpected:\n%sfound:\n%s\n", name, expected, lines);
    return false;
}

static void every_wrong_file_is_told_as_expected(void **state)
{
    (void)state;
    struct dirent **entries;
    int count = scandir(folder, &entries, is_yaml, alphasort), wrong = 0;
    assert_true(count > 40);
    for (int i = 0; i < count; i++) {
        wrong += !check_file(entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
    assert_int_equal(wrong, 0);
}

int main(int argc, char **argv)
{
    folder = argc > 1 ? argv[1] : "faults";
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_wrong_file_is_told_as_expected),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
