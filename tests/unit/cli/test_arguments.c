/* Reading the command line. The verbs themselves are replaced, so that nothing of them is linked.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "devstack/base/memory.h"
#include "orchestrator/cli/verb.h"

#define FAKE(name)                                                                                 \
    int name(struct context *context)                                                              \
    {                                                                                              \
        (void)context;                                                                             \
        return 0;                                                                                  \
    }
FAKE(cmd_check)
FAKE(cmd_config)
FAKE(cmd_doctor)
FAKE(cmd_down)
FAKE(cmd_help)
FAKE(cmd_orchestrator)
FAKE(cmd_ps)
FAKE(cmd_schema)
FAKE(cmd_sweep)
FAKE(cmd_up)
FAKE(cmd_version)

#define PARSE(arguments, err, ...)                                                                 \
    parse((char *[]){(char *)"devstack", __VA_ARGS__, NULL}, arguments, err)

static bool parse(char **argv, struct arguments *arguments, struct ds_error *err)
{
    int argc = 0;
    while (argv[argc])
        argc++;
    return arguments_parse(argc, argv, arguments, err);
}

static void tables_are_sorted(void **state)
{
    (void)state;
    for (size_t i = 1; i < verb_count; i++)
        assert_true(strcmp(verbs[i - 1].name, verbs[i].name) < 0);
    for (size_t i = 1; i < flag_count; i++)
        assert_true(strcmp(flags[i - 1].name, flags[i].name) < 0);
    assert_int_equal(flag_count, FLAG_COUNT - 1);
}

static void takes_flags_before_and_after_the_verb(void **state)
{
    (void)state;
    struct arguments arguments;
    assert_true(PARSE(&arguments, NULL, "--env", "staging", "-d", "up", "api", "--timeout=30s",
                      "-fother.yaml", "db"));
    assert_string_equal(arguments.verb->name, "up");
    assert_string_equal(arguments.values[FLAG_ENVIRONMENT], "staging");
    assert_string_equal(arguments.values[FLAG_TIMEOUT], "30s");
    assert_string_equal(arguments.values[FLAG_FILE], "other.yaml");
    assert_true(arguments.given[FLAG_DETACH]);
    assert_false(arguments.given[FLAG_JSON]);
    assert_int_equal(arguments.words.count, 2);
    assert_string_equal(arguments.words.items[1], "db");
    arguments_finish(&arguments);
}

static void takes_letters_together_and_words_after_two_dashes(void **state)
{
    (void)state;
    struct arguments arguments;
    assert_true(PARSE(&arguments, NULL, "up", "-dq", "-C", "/tmp", "--", "-d"));
    assert_true(arguments.given[FLAG_DETACH] && arguments.given[FLAG_QUIET]);
    assert_string_equal(arguments.values[FLAG_DIRECTORY], "/tmp");
    assert_string_equal(arguments.words.items[0], "-d");
    arguments_finish(&arguments);
}

static void assert_refused(struct ds_error *err, bool parsed, const char *message, const char *hint)
{
    assert_false(parsed);
    assert_int_equal(err->code, DS_ERROR_USAGE);
    assert_string_equal(err->message, message);
    if (hint)
        assert_string_equal(err->hint, hint);
    ds_error_clear(err);
}

static void names_the_nearest_spelling(void **state)
{
    (void)state;
    struct arguments arguments;
    struct ds_error err = {0};
    assert_refused(&err, PARSE(&arguments, &err, "chekc"), "there is no verb \"chekc\"",
                   "did you mean check?");
    assert_refused(&err, PARSE(&arguments, &err, "sweeep"), "there is no verb \"sweeep\"",
                   "devstack help lists them");
    assert_refused(&err, PARSE(&arguments, &err, "up", "--timout", "3s"),
                   "there is no flag --timout", "did you mean --timeout?");
    assert_refused(&err, PARSE(&arguments, &err, "up", "-x"), "there is no flag -x", NULL);
}

static void refuses_what_does_not_fit(void **state)
{
    (void)state;
    struct arguments arguments;
    struct ds_error err = {0};
    assert_refused(&err, PARSE(&arguments, &err, "ps", "--volumes"), "ps takes no --volumes",
                   "devstack help ps");
    assert_refused(&err, PARSE(&arguments, &err, "up", "--detach=yes"), "--detach takes no value",
                   NULL);
    assert_refused(&err, PARSE(&arguments, &err, "up", "--env"), "--env needs a value: NAME", NULL);
    assert_refused(&err, PARSE(&arguments, &err, "check", "it"), "too many arguments for check",
                   NULL);
    assert_refused(&err, PARSE(&arguments, &err, "sweep", "x"), "too few arguments for sweep",
                   NULL);
}

static void no_verb_is_no_error_here(void **state)
{
    (void)state;
    struct arguments arguments;
    assert_true(arguments_parse(1, (char *[]){(char *)"devstack", NULL}, &arguments, NULL));
    assert_null(arguments.verb);
    arguments_finish(&arguments);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables_are_sorted),
        cmocka_unit_test(takes_flags_before_and_after_the_verb),
        cmocka_unit_test(takes_letters_together_and_words_after_two_dashes),
        cmocka_unit_test(names_the_nearest_spelling),
        cmocka_unit_test(refuses_what_does_not_fit),
        cmocka_unit_test(no_verb_is_no_error_here),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
