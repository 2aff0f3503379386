/* Which value a secret has where no keyring answers. */
#include "no_bus_fixture.h"

#include "orchestrator/secrets/folder.h"

struct talk {
    const char *answer; /* NULL: no answer; "": just Enter */
    int asked;
    struct ds_text notices;
};

static struct ds_secret *answer(void *data, const struct ds_wanted_secret *wanted,
                                struct ds_error *err)
{
    struct talk *talk = data;
    (void)wanted;
    talk->asked++;
    if (!talk->answer)
        ds_error_set(err, DS_ERROR_SECRET, "no answer");
    return talk->answer && *talk->answer ? ds_secret_create(talk->answer, strlen(talk->answer))
                                         : NULL;
}

static void notice(void *data, const char *line)
{
    ds_text_appendf(&((struct talk *)data)->notices, "%s\n", line);
}

static bool resolve_with(const struct ds_resolve_options *given, const char *folder,
                         const struct ds_wanted_secret *wanted, size_t count,
                         struct ds_secret_resolution *ret, struct ds_error *err)
{
    struct ds_resolve_options options = *given;
    options.stack = "shop-7f3a";
    options.data_folder = folder;
    options.ask = answer;
    options.notice = notice;
    return ds_secrets_resolve(wanted, count, &options, ret, err);
}

static const struct ds_wanted_secret generable = {.name = "pw", .generate_length = 12};
static const struct ds_wanted_secret given_only = {.name = "token"};

static void a_variable_beats_everything(void **state)
{
    struct talk talk = {0};
    ds_auto_variables struct ds_variables variables = {0};
    ds_variables_set(&variables, "DEVSTACK_SECRET_PW", "given");
    const struct ds_resolve_options options = {.environment = &variables, .data = &talk};
    struct ds_secret_resolution found;
    assert_true(resolve_with(&options, *state, &generable, 1, &found, NULL));
    assert_string_equal(found.items[0].source, "environment");
    assert_string_equal(ds_secret_bytes(found.items[0].value), "given");
    assert_int_equal(talk.notices.length, 0);
    ds_secret_resolution_finish(&found);
}

static void what_is_generated_is_found_again(void **state)
{
    struct talk talk = {0};
    const struct ds_resolve_options options = {.data = &talk};
    struct ds_secret_resolution first, second;
    assert_true(resolve_with(&options, *state, &generable, 1, &first, NULL));
    assert_string_equal(first.items[0].source, "generated");
    assert_int_equal(ds_secret_length(first.items[0].value), 12);
    assert_non_null(strstr(ds_text_string(&talk.notices), "no keyring answers"));
    assert_true(resolve_with(&options, *state, &generable, 1, &second, NULL));
    assert_string_equal(second.items[0].source, "file");
    assert_string_equal(ds_secret_bytes(second.items[0].value),
                        ds_secret_bytes(first.items[0].value));
    ds_text_finish(&talk.notices);
    ds_secret_resolution_finish(&first);
    ds_secret_resolution_finish(&second);
}

static void asks_where_somebody_is_there(void **state)
{
    struct talk typed = {.answer = "typed"}, enter = {.answer = ""}, gone = {0};
    struct ds_resolve_options options = {.interactive = true, .data = &typed};
    struct ds_secret_resolution found;
    assert_true(resolve_with(&options, *state, &given_only, 1, &found, NULL));
    assert_string_equal(found.items[0].source, "prompt");
    assert_int_equal(typed.asked, 1);
    ds_secret_resolution_finish(&found);
    options.data = &enter;
    assert_true(resolve_with(&options, *state, &generable, 1, &found, NULL));
    assert_string_equal(found.items[0].source, "generated");
    ds_secret_resolution_finish(&found);
    const struct ds_wanted_secret another = {.name = "another"};
    ds_auto_error struct ds_error unanswered = {0}, err = {0};
    assert_false(resolve_with(&options, *state, &another, 1, &found, &unanswered));
    assert_non_null(strstr(unanswered.message, "'another' was not given"));
    options.data = &gone;
    assert_false(resolve_with(&options, *state, &another, 1, &found, &err));
    assert_string_equal(err.message, "no answer");
    assert_int_equal(gone.asked, 1);
    ds_text_finish(&typed.notices);
    ds_text_finish(&enter.notices);
}

static void names_all_that_nobody_can_be_asked_for(void **state)
{
    struct talk talk = {0};
    const struct ds_resolve_options options = {.data = &talk};
    const struct ds_wanted_secret wanted[] = {given_only, generable, {.name = "key"}};
    struct ds_secret_resolution found;
    ds_auto_error struct ds_error err = {0};
    assert_false(resolve_with(&options, *state, wanted, 3, &found, &err));
    assert_non_null(strstr(err.message, "'token', 'key' are missing"));
    assert_non_null(strstr(err.hint, "DEVSTACK_SECRET_TOKEN and DEVSTACK_SECRET_KEY"));
    assert_int_equal(talk.asked, 0);
}

static void what_was_in_the_keyring_is_not_made_anew(void **state)
{
    struct talk talk = {0};
    const struct ds_resolve_options options = {.data = &talk};
    struct ds_secret_resolution found;
    ds_auto_error struct ds_error err = {0};
    assert_true(secret_folder_make(*state, "shop-7f3a", NULL));
    secret_mark_write(*state, "shop-7f3a", "pw");
    assert_false(resolve_with(&options, *state, &generable, 1, &found, &err));
    assert_non_null(strstr(err.message, "its value is in the keyring"));
}

static void a_required_keyring_forbids_the_file(void **state)
{
    struct talk talk = {0};
    const struct ds_resolve_options options = {.keyring_required = true, .data = &talk};
    struct ds_secret_resolution found;
    ds_auto_error struct ds_error err = {0};
    assert_false(resolve_with(&options, *state, &generable, 1, &found, &err));
    assert_non_null(strstr(err.message, "keyring: required"));
    ds_auto_free char *path = secret_file_path(*state, "shop-7f3a", "pw");
    assert_false(ds_file_exists(path));
}

static void nothing_wanted_is_nothing_done(void **state)
{
    struct ds_secret_resolution found = {.count = 9};
    const struct ds_resolve_options options = {0};
    assert_true(resolve_with(&options, *state, NULL, 0, &found, NULL));
    assert_int_equal(found.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_variable_beats_everything, setup_no_bus, teardown_no_bus),
        cmocka_unit_test_setup_teardown(what_is_generated_is_found_again, setup_no_bus,
                                        teardown_no_bus),
        cmocka_unit_test_setup_teardown(asks_where_somebody_is_there, setup_no_bus,
                                        teardown_no_bus),
        cmocka_unit_test_setup_teardown(names_all_that_nobody_can_be_asked_for, setup_no_bus,
                                        teardown_no_bus),
        cmocka_unit_test_setup_teardown(what_was_in_the_keyring_is_not_made_anew, setup_no_bus,
                                        teardown_no_bus),
        cmocka_unit_test_setup_teardown(a_required_keyring_forbids_the_file, setup_no_bus,
                                        teardown_no_bus),
        cmocka_unit_test_setup_teardown(nothing_wanted_is_nothing_done, setup_no_bus,
                                        teardown_no_bus),
    };
    return cmocka_run_group_tests_name("secrets/resolve", tests, NULL, NULL);
}
