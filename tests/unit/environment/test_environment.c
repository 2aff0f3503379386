/* Which environment is chosen, and where its settings come from. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "devstack/base/file.h"
#include "devstack/base/memory.h"
#include "devstack/environment/environment.h"

static void make_folder(char *path)
{
    assert_non_null(mkdtemp(path));
}

static void put(const char *folder, const char *name, const char *text)
{
    ds_auto_free char *path = ds_path_join(folder, name);
    assert_true(ds_file_write(path, text, strlen(text), 0600, NULL));
}

static void chooses_what_was_asked_for_first(void **state)
{
    (void)state;
    ds_auto_variables struct ds_variables shell = {0};
    assert_string_equal(ds_environment_choose(NULL, NULL), "local");
    assert_string_equal(ds_environment_choose(NULL, &shell), "local");
    ds_variables_set(&shell, "DEVSTACK_ENV", "staging");
    assert_string_equal(ds_environment_choose(NULL, &shell), "staging");
    assert_string_equal(ds_environment_choose("ci", &shell), "ci");
}

static void nearer_files_win(void **state)
{
    (void)state;
    char folder[] = "/tmp/environment-test-XXXXXX";
    make_folder(folder);
    put(folder, ".env", "A=env\nB=env\nC=env\nD=env\n");
    put(folder, ".env.local", "B=local\nC=local\nD=local\n");
    put(folder, ".env.staging", "C=staging\nD=${C}-${B}\n");
    put(folder, ".env.staging.local", "D=${D}!\n");
    put(folder, ".env.other", "A=other\n");
    ds_auto_variables struct ds_variables settings = {0};
    struct ds_faults faults = {0};
    ds_environment_read_settings(folder, "staging", NULL, &settings, &faults);
    assert_int_equal(faults.count, 0);
    assert_string_equal(ds_variables_get(&settings, "A"), "env");
    assert_string_equal(ds_variables_get(&settings, "B"), "local");
    assert_string_equal(ds_variables_get(&settings, "C"), "staging");
    assert_string_equal(ds_variables_get(&settings, "D"), "staging-local!");
    assert_true(ds_tree_remove(folder, NULL));
}

static void the_shell_wins_and_the_file_itself_comes_last(void **state)
{
    (void)state;
    char folder[] = "/tmp/environment-test-XXXXXX";
    make_folder(folder);
    put(folder, ".env", "LEVEL=dotenv\nNAME=dotenv\n");
    put(folder, "services.yaml",
        "name: t\n"
        "services:\n"
        "  a: {run: x, environment: {ALL: \"${NAME} ${LEVEL} ${LAST}\"}}\n"
        "environments: {local: {environment: {NAME: file, LEVEL: file, LAST: file}}}\n");
    ds_auto_variables struct ds_variables shell = {0};
    ds_variables_set(&shell, "NAME", "shell");
    ds_auto_free char *path = ds_path_join(folder, "services.yaml");
    struct ds_faults faults = {0};
    struct ds_manifest *manifest = ds_environment_load_manifest(path, NULL, &shell, &faults);
    assert_non_null(manifest);
    assert_string_equal(
        ds_template_literal(ds_manifest_service(manifest, "a")->environment.items[0].value),
        "shell dotenv file");
    ds_manifest_free(manifest);
    assert_true(ds_tree_remove(folder, NULL));
}

static void a_fault_in_a_dotenv_file_stops_the_load(void **state)
{
    (void)state;
    char folder[] = "/tmp/environment-test-XXXXXX";
    make_folder(folder);
    put(folder, ".env", "A=1\nB='open\n");
    put(folder, "services.yaml", "name: t\nservices: {a: {run: x}}\n");
    ds_auto_free char *path = ds_path_join(folder, "services.yaml");
    struct ds_faults faults = {0};
    assert_null(ds_environment_load_manifest(path, NULL, NULL, &faults));
    assert_int_equal(faults.errors, 1);
    ds_auto_free char *text = ds_fault_format(&faults.items[0]);
    assert_string_equal(text, ".env:2:3: error: this quote is never closed");
    ds_faults_finish(&faults);
    assert_true(ds_tree_remove(folder, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chooses_what_was_asked_for_first),
        cmocka_unit_test(nearer_files_win),
        cmocka_unit_test(the_shell_wins_and_the_file_itself_comes_last),
        cmocka_unit_test(a_fault_in_a_dotenv_file_stops_the_load),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
