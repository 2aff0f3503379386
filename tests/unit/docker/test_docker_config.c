/* Where the user's Docker configuration is, and what one that is missing or broken comes to. */
#include "tests/support/cmocka_headers.h"

#include <stdlib.h>
#include <string.h>

#include "devstack/base/file.h"
#include "orchestrator/docker/internal.h"

static void the_folder_is_said_or_in_the_home(void **state)
{
    (void)state;
    ds_auto_variables struct ds_variables environment = {0};
    ds_variables_set(&environment, "HOME", "/home/x");
    ds_auto_free char *usual = docker_config_folder(&environment);
    assert_string_equal(usual, "/home/x/.docker");
    ds_variables_set(&environment, "DOCKER_CONFIG", "/elsewhere");
    ds_auto_free char *said = docker_config_folder(&environment);
    assert_string_equal(said, "/elsewhere");
}

static void none_is_empty_and_a_broken_one_is_an_error(void **state)
{
    (void)state;
    char folder[] = "/tmp/devstack-config-XXXXXX";
    assert_non_null(mkdtemp(folder));
    ds_auto_error struct ds_error err = {0};
    json_t *none = docker_config_load(folder, &err);
    size_t members = json_object_size(none);
    bool is_object = json_is_object(none);
    json_decref(none);
    ds_auto_free char *path = ds_path_join(folder, "config.json");
    bool written = ds_file_write(path, "{\"auths\":", 9, 0600, NULL);
    json_t *broken = docker_config_load(folder, &err);
    ds_tree_remove(folder, NULL);
    assert_true(is_object);
    assert_int_equal(members, 0);
    assert_true(written);
    assert_null(broken);
    assert_non_null(strstr(err.message, "config.json"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_folder_is_said_or_in_the_home),
        cmocka_unit_test(none_is_empty_and_a_broken_one_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
