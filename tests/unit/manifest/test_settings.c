/* Lists of names with values, and commands. */
#include "read_fixture.h"

static char *words_of(const struct ds_command *command)
{
    struct ds_text out = {0};
    for (size_t i = 0; i < command->count; i++) {
        ds_auto_free char *source = ds_template_source(command->items[i]);
        ds_text_appendf(&out, "[%s]", source);
    }
    return ds_text_take(&out);
}

static void expect_arguments(const char *text, const char *expected)
{
    struct ds_manifest *manifest = read_right(text);
    ds_auto_free char *words = words_of(&service(manifest, "a")->container.command);
    assert_string_equal(words, expected);
    ds_manifest_free(manifest);
}

static void the_two_forms_of_a_mapping_are_one(void **state)
{
    (void)state;
    static const char *const files[] = {
        FILE_OF("run: x, environment: {A: 1, HOME: , NONE: , E: '', U: 'x=y'}"),
        FILE_OF("run: x, environment: [A=1, HOME, NONE, E=, U=x=y]")};
    for (size_t i = 0; i < DS_COUNT(files); i++) {
        struct ds_manifest *manifest = read_right(files[i]);
        const struct ds_settings *settings = &service(manifest, "a")->environment;
        assert_int_equal(settings->count, 4);
        assert_source(settings->items[0].value, "1");
        assert_source(settings->items[1].value, "/home/dev");
        assert_source(settings->items[2].value, "");
        assert_source(settings->items[3].value, "x=y");
        ds_manifest_free(manifest);
    }
}

static void names_stand_once(void **state)
{
    (void)state;
    expect_told(FILE_OF("run: x, environment: [A=1, A=2]"), "'A' stands here a second time");
    expect_told(FILE_OF("run: x, environment: [=1]"), "a name is missing before '='");
    expect_told(FILE_OF("run: x, environment: A=1"), "expected a mapping of names to values");
}

static void a_string_is_the_shells_and_a_list_is_not(void **state)
{
    (void)state;
    struct ds_manifest *shell = read_right(FILE_OF("run: 'x  $PORT | y'"));
    struct ds_manifest *list = read_right(FILE_OF("run: [x, '', 'a b']"));
    ds_auto_free char *line = words_of(&service(shell, "a")->command);
    ds_auto_free char *words = words_of(&service(list, "a")->command);
    assert_true(service(shell, "a")->command.shell);
    assert_false(service(list, "a")->command.shell);
    assert_string_equal(line, "[x  $PORT | y]");
    assert_string_equal(words, "[x][][a b]");
    ds_manifest_free(shell);
    ds_manifest_free(list);
}

static void a_containers_string_is_split_as_a_shell_would(void **state)
{
    (void)state;
    expect_arguments(FILE_OF("image: x, command: \"a 'b c' d\\\\ e\""), "[a][b c][d e]");
    expect_arguments(FILE_OF("image: x, command: \"a ''\""), "[a][]");
    expect_arguments(FILE_OF("image: x, command: '  a  '"), "[a]");
    expect_told(FILE_OF("image: x, command: \"a 'b\""), "a quote in the command is never closed");
}

static void a_command_has_a_program(void **state)
{
    (void)state;
    expect_told(FILE_OF("run: ''"), "expected a command");
    expect_told(FILE_OF("run: []"), "expected a command");
    expect_told(FILE_OF("run: ['', x]"), "a text that is not empty");
    expect_told(FILE_OF("run: ['${EMPTY}']"), "found '${EMPTY}', which is ''");
    expect_told(FILE_OF("image: x, command: \"'' x\""), "a text that is not empty");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_two_forms_of_a_mapping_are_one),
        cmocka_unit_test(names_stand_once),
        cmocka_unit_test(a_string_is_the_shells_and_a_list_is_not),
        cmocka_unit_test(a_containers_string_is_split_as_a_shell_would),
        cmocka_unit_test(a_command_has_a_program),
    };
    return cmocka_run_group_tests_name("manifest/settings", tests, NULL, NULL);
}
