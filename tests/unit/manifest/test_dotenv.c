/* Dotenv files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "devstack/base/memory.h"
#include "devstack/manifest/dotenv.h"

static void parse(const char *text, struct ds_variables *vars, struct ds_faults *faults)
{
    ds_auto_variables struct ds_variables shell = {0};
    ds_variables_set(&shell, "SHELL_VAR", "from shell");
    ds_dotenv_parse(".env", text, &shell, vars, faults);
}

/* The value of X, which the text sets. */
static void check(const char *text, const char *expected)
{
    ds_auto_variables struct ds_variables vars = {0};
    struct ds_faults faults = {0};
    parse(text, &vars, &faults);
    const char *found = ds_variables_get(&vars, "X");
    assert_int_equal(faults.count, 0);
    assert_non_null(found);
    assert_string_equal(found, expected);
}

static void reads_every_form_of_a_value(void **state)
{
    (void)state;
    check("X=word", "word");
    check("X=", "");
    check("X=two words  \n", "two words");
    check("X=word # comment\n", "word");
    check("X=a#b\n", "a#b");
    check("X=#only\n", "");
    check("X: yaml\n", "yaml");
    check("  export X = spaced\n", "spaced");
    check("X=crlf\r\n", "crlf");
    check("\xef\xbb\xbfX=bom\n", "bom");
    check("X='single $SHELL_VAR \\n'\n", "single $SHELL_VAR \\n");
    check("X='two\nlines' # comment\n", "two\nlines");
    check("X=\"a\\tb\\n\\\"q\\\" \\\\ \\$5 \\z\"\n", "a\tb\n\"q\" \\ $5 \\z");
    check("X=\"two\nlines\"\n", "two\nlines");
    check("X=1\nX=2\n", "2");
}

static void replaces_variables(void **state)
{
    (void)state;
    check("A=a\nX=${A}-$A\n", "a-a");
    check("X=${SHELL_VAR}\n", "from shell");
    check("SHELL_VAR=mine\nX=$SHELL_VAR\n", "from shell");
    check("X=<${NONE}>${NONE:-default}\n", "<>default");
    check("A=a\nX=\"<$A>\"\n", "<a>");
    check("X=a\\$b\n", "a$b");
    check("X=5$\n", "5$");
}

static void a_bare_name_comes_from_the_shell(void **state)
{
    (void)state;
    ds_auto_variables struct ds_variables vars = {0};
    struct ds_faults faults = {0};
    parse("SHELL_VAR\nNONE\n", &vars, &faults);
    assert_int_equal(faults.count, 0);
    assert_int_equal(vars.count, 1);
    assert_string_equal(ds_variables_get(&vars, "SHELL_VAR"), "from shell");
}

static void tells_what_is_wrong_and_reads_on(void **state)
{
    (void)state;
    static const char *const expected[] = {
        ".env:1:1: error: expected NAME=value",
        ".env:2:3: error: expected '=' after 'A'",
        ".env:3:7: error: nothing can follow a quoted value",
        ".env:5:3: error: '${a.b}': references have no values yet when this file is read",
        ".env:6:3: error: this quote is never closed",
    };
    ds_auto_variables struct ds_variables vars = {0};
    struct ds_faults faults = {0};
    parse("=x\nA b\nB='x' y\nC=good\nD=${a.b}\nE=\"open\n", &vars, &faults);
    assert_int_equal(faults.count, DS_COUNT(expected));
    for (size_t i = 0; i < DS_COUNT(expected); i++) {
        ds_auto_free char *text = ds_fault_format(&faults.items[i]);
        assert_string_equal(text, expected[i]);
    }
    assert_string_equal(ds_variables_get(&vars, "C"), "good");
    ds_faults_finish(&faults);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_every_form_of_a_value),
        cmocka_unit_test(replaces_variables),
        cmocka_unit_test(a_bare_name_comes_from_the_shell),
        cmocka_unit_test(tells_what_is_wrong_and_reads_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
