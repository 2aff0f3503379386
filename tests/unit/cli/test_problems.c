/* Problems: aligned, wrapped, each with its fix. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "devstack/base/memory.h"
#include "orchestrator/cli/problems.h"

static const struct palette unicode = {.utf8 = true};

static void are_told_together(void **state)
{
    (void)state;
    struct ds_problem items[] = {
        {DS_ERROR_MISSING, (char *)"docker",
         (char
              *)"Cannot reach the Docker Engine at unix:///var/run/docker.sock: permission denied.",
         (char *)"sudo usermod -aG docker $USER, then log in again"},
        {DS_ERROR_PORT, (char *)"port 8000",
         (char *)"Taken by `python3 -m http.server` (pid 812), wanted by api (services.yaml:31).",
         (char *)"stop it, or run: devstack up --auto-ports"},
    };
    struct ds_problems problems = {.items = items, .count = 2};
    ds_auto_text struct ds_text text = {0};
    problems_render(&problems, "shop", &unicode, 100, &text);
    assert_string_equal(ds_text_string(&text),
                        "2 things to fix before shop can start:\n\n"
                        "  docker     Cannot reach the Docker Engine at "
                        "unix:///var/run/docker.sock: permission denied.\n"
                        "             → sudo usermod -aG docker $USER, then log in again\n"
                        "  port 8000  Taken by `python3 -m http.server` (pid 812), wanted by api "
                        "(services.yaml:31).\n"
                        "             → stop it, or run: devstack up --auto-ports\n");
}

static void wrap_to_the_terminal(void **state)
{
    (void)state;
    struct ds_problem item = {DS_ERROR_MISSING, (char *)"prism",
                              (char *)"Not in node_modules/.bin, needed by mock's `npx prism`.",
                              (char *)"npm ci   (in examples/shop/mock, where it belongs)"};
    struct ds_problems problems = {.items = &item, .count = 1};
    ds_auto_text struct ds_text text = {0};
    problems_render(&problems, "shop", &unicode, 48, &text);
    assert_string_equal(ds_text_string(&text), "1 thing to fix before shop can start:\n\n"
                                               "  prism  Not in node_modules/.bin, needed by\n"
                                               "         mock's `npx prism`.\n"
                                               "         → npm ci   (in examples/shop/mock,\n"
                                               "           where it belongs)\n");
}

static void without_a_subject_there_is_no_column(void **state)
{
    (void)state;
    struct ds_problem items[] = {
        {DS_ERROR_FAILED, (char *)"", (char *)"The disk is full.", (char *)"df -h"},
        {DS_ERROR_FAILED, NULL, (char *)"Nobody knows.", NULL},
    };
    struct ds_problems problems = {.items = items, .count = 2};
    ds_auto_text struct ds_text text = {0};
    problems_render(&problems, "shop", &unicode, 80, &text);
    assert_string_equal(ds_text_string(&text), "2 things to fix before shop can start:\n\n"
                                               "  The disk is full.\n"
                                               "  → df -h\n"
                                               "  Nobody knows.\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(are_told_together),
        cmocka_unit_test(wrap_to_the_terminal),
        cmocka_unit_test(without_a_subject_there_is_no_column),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
