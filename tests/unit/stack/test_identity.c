/* The stack's id and its folders. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "devstack/base/memory.h"
#include "devstack/stack/identity.h"

static void fill(struct ds_variables *shell)
{
    ds_variables_set(shell, "HOME", "/home/u");
    ds_variables_set(shell, "XDG_RUNTIME_DIR", "/tmp");
    ds_variables_set(shell, "XDG_STATE_HOME", "relative/is/ignored");
}

static void the_id_tells_folders_and_environments_apart(void **state)
{
    (void)state;
    ds_auto_variables struct ds_variables shell = {0};
    struct ds_identity one, other, staging, again;
    fill(&shell);
    assert_true(ds_identity_make("shop", "local", "/src/a", NULL, &shell, &one, NULL));
    assert_true(ds_identity_make("shop", "local", "/src/b", NULL, &shell, &other, NULL));
    assert_true(ds_identity_make("shop", "staging", "/src/a", NULL, &shell, &staging, NULL));
    assert_true(ds_identity_make("shop", "local", "/src/a", NULL, &shell, &again, NULL));
    assert_int_equal(strlen(one.id), strlen("shop-7f3a"));
    assert_string_not_equal(one.id, other.id);
    assert_true(ds_string_starts(staging.id, "shop-staging-"));
    assert_string_equal(one.id, again.id);
    assert_string_equal(one.runtime_root, "/tmp/devstack");
    assert_true(ds_string_starts(one.state_folder, "/home/u/.local/state/devstack/shop-"));
    ds_identity_finish(&one);
    ds_identity_finish(&other);
    ds_identity_finish(&staging);
    ds_identity_finish(&again);
}

static void an_instance_replaces_the_hash(void **state)
{
    (void)state;
    ds_auto_variables struct ds_variables shell = {0};
    ds_auto_error struct ds_error err = {0};
    struct ds_identity identity;
    fill(&shell);
    assert_true(ds_identity_make("shop", "local", "/src/a", "pr-12", &shell, &identity, NULL));
    assert_string_equal(identity.id, "shop-pr-12");
    ds_identity_finish(&identity);
    assert_false(ds_identity_make("shop", "local", "/src/a", "../x", &shell, &identity, &err));
    assert_int_equal(err.code, DS_ERROR_USAGE);
}

static void a_socket_path_that_is_too_long_is_said(void **state)
{
    (void)state;
    ds_auto_variables struct ds_variables shell = {0};
    ds_auto_error struct ds_error err = {0};
    struct ds_identity identity;
    char name[120];
    memset(name, 'n', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    fill(&shell);
    assert_false(ds_identity_make(name, "local", "/src/a", NULL, &shell, &identity, &err));
    assert_non_null(strstr(err.message, "too long"));
    assert_non_null(err.hint);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_id_tells_folders_and_environments_apart),
        cmocka_unit_test(an_instance_replaces_the_hash),
        cmocka_unit_test(a_socket_path_that_is_too_long_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
