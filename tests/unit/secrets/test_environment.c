/* Secrets from variables. */
#include "store_fixture.h"

static void names_the_variable(void **state)
{
    (void)state;
    static const struct {
        const char *name, *variable;
    } cases[] = {{"db_password", "DEVSTACK_SECRET_DB_PASSWORD"},
                 {"api-key2", "DEVSTACK_SECRET_API_KEY2"}};
    for (size_t i = 0; i < DS_COUNT(cases); i++) {
        ds_auto_free char *variable = ds_secret_variable_name(cases[i].name);
        assert_string_equal(variable, cases[i].variable);
    }
}

static void finds_what_is_set_and_copies_it(void **state)
{
    struct loop_fixture *fixture = *state;
    struct ds_variables variables = {0};
    ds_variables_set(&variables, "DEVSTACK_SECRET_DB_PASSWORD", "given");
    ds_variables_set(&variables, "DEVSTACK_SECRET_EMPTY", "");
    struct ds_secret_store *store = ds_secret_store_environment(&fixture->loop, &variables);
    ds_variables_finish(&variables);
    assert_string_equal(ds_secret_store_name(store), "environment");
    auto_outcome struct outcome found = {0}, empty = {0}, unset = {0};
    assert_int_equal(look_up(fixture, store, &key, &found), DS_SECRET_FOUND);
    assert_string_equal(ds_secret_bytes(found.value), "given");
    struct ds_secret_key other = {.stack = key.stack, .name = "empty"};
    assert_int_equal(look_up(fixture, store, &other, &empty), DS_SECRET_ABSENT);
    other.name = "unset";
    assert_int_equal(look_up(fixture, store, &other, &unset), DS_SECRET_ABSENT);
    assert_null(unset.message);
    ds_secret_store_destroy(store);
}

static void cannot_save(void **state)
{
    struct loop_fixture *fixture = *state;
    struct ds_secret_store *store = ds_secret_store_environment(&fixture->loop, NULL);
    auto_outcome struct outcome saved = {0};
    assert_int_equal(save(fixture, store, &key, "value", &saved), DS_SECRET_FAILED);
    assert_non_null(saved.message);
    assert_non_null(saved.hint);
    ds_secret_store_destroy(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_the_variable),
        cmocka_unit_test_setup_teardown(finds_what_is_set_and_copies_it, loop_fixture_setup,
                                        loop_fixture_teardown),
        cmocka_unit_test_setup_teardown(cannot_save, loop_fixture_setup, loop_fixture_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
