/* gitignore(5), line by line. The expectations are what `git check-ignore` says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "devstack/base/memory.h"
#include "orchestrator/loop/ignore_rules.h"

static const struct {
    const char *lines;
    const char *path; /* with a slash at the end: a folder */
    enum ignore_verdict verdict;
} cases[] = {
    /* A bare name counts at any level. */
    {"a.log", "a.log", IGNORE_YES},
    {"a.log", "deep/er/a.log", IGNORE_YES},
    {"a.log", "a.log.txt", IGNORE_UNSAID},
    {"*.log", "deep/x.log", IGNORE_YES},
    {"*.log", ".log", IGNORE_YES},
    {"*", ".hidden", IGNORE_YES},
    {"?.c", "a.c", IGNORE_YES},
    {"?.c", "ab.c", IGNORE_UNSAID},
    {"[a-c].c", "b.c", IGNORE_YES},
    {"[!a-c].c", "b.c", IGNORE_UNSAID},
    {"[!a-c].c", "d.c", IGNORE_YES},
    {"[[:digit:]]x", "7x", IGNORE_YES},
    /* A slash at the start or within ties it to the file's folder. */
    {"/a.log", "a.log", IGNORE_YES},
    {"/a.log", "deep/a.log", IGNORE_UNSAID},
    {"doc/a.txt", "doc/a.txt", IGNORE_YES},
    {"doc/a.txt", "x/doc/a.txt", IGNORE_UNSAID},
    {"doc/*.txt", "doc/a.txt", IGNORE_YES},
    {"doc/*.txt", "doc/deep/a.txt", IGNORE_UNSAID},
    /* One at the end: folders only, at any level. */
    {"out/", "out/", IGNORE_YES},
    {"out/", "x/out/", IGNORE_YES},
    {"out/", "out", IGNORE_UNSAID},
    {"/out/", "x/out/", IGNORE_UNSAID},
    /* Two asterisks cross levels. */
    {"**/a", "a", IGNORE_YES},
    {"**/a", "x/y/a", IGNORE_YES},
    {"a/**", "a/x/y", IGNORE_YES},
    {"a/**", "a/", IGNORE_UNSAID},
    {"a/**/b", "a/b", IGNORE_YES},
    {"a/**/b", "a/x/y/b", IGNORE_YES},
    {"a/**/b", "x/a/b", IGNORE_UNSAID},
    {"a/**/b/*.c", "a/b/x/b/y.c", IGNORE_YES},
    {"**/x/**/y/**/z", "x/y/x/z/y/x/z", IGNORE_YES},
    {"**", "any/thing", IGNORE_YES},
    {"a**b", "axxb", IGNORE_YES},
    /* The last line that matches decides. */
    {"*.log\n!keep.log", "keep.log", IGNORE_NO},
    {"!keep.log\n*.log", "keep.log", IGNORE_YES},
    {"*.log\n!keep.log", "other.log", IGNORE_YES},
    /* Comments, blanks, escapes. */
    {"# a\n\n   \nb", "b", IGNORE_YES},
    {"#a", "#a", IGNORE_UNSAID},
    {"\\#a", "#a", IGNORE_YES},
    {"\\!a", "!a", IGNORE_YES},
    {"a   ", "a", IGNORE_YES},
    {"a\\ ", "a ", IGNORE_YES},
    {"a\\*", "a*", IGNORE_YES},
    {"a\\*", "ab", IGNORE_UNSAID},
    {"a\r\nb\r\n", "a", IGNORE_YES},
    {"\xef\xbb\xbf"
     "a",
     "a", IGNORE_YES},
    /* Lines that say nothing. */
    {"/", "a", IGNORE_UNSAID},
    {"//", "a", IGNORE_UNSAID},
    {"!", "a", IGNORE_UNSAID},
    {"", "a", IGNORE_UNSAID},
};

static void lines_say_what_git_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < DS_COUNT(cases); i++) {
        struct ignore_rules rules = {0};
        ignore_rules_parse(&rules, cases[i].lines);
        ds_auto_free char *path = ds_strdup(cases[i].path);
        size_t length = strlen(path);
        bool is_folder = path[length - 1] == '/';
        path[length - is_folder] = '\0';
        enum ignore_verdict verdict = ignore_rules_match(&rules, path, is_folder);
        if (verdict != cases[i].verdict)
            print_error("'%s' on %s: %d\n", cases[i].lines, cases[i].path, (int)verdict);
        assert_int_equal(verdict, cases[i].verdict);
        ignore_rules_finish(&rules);
    }
}

/* Trying each `**` at each level would take longer than anybody waits. */
static void many_asterisks_end_soon(void **state)
{
    (void)state;
    struct ds_text pattern = {0}, path = {0};
    for (int i = 0; i < 200; i++) {
        ds_text_append(&pattern, "**/a/");
        ds_text_append(&path, "a/a/");
    }
    ds_text_append(&pattern, "b");
    ds_text_append(&path, "c");
    struct ignore_rules rules = {0};
    ignore_rules_parse(&rules, pattern.data);
    assert_int_equal(ignore_rules_match(&rules, path.data, false), IGNORE_UNSAID);
    ignore_rules_finish(&rules);
    ds_text_finish(&pattern);
    ds_text_finish(&path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_say_what_git_says),
        cmocka_unit_test(many_asterisks_end_soon),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
