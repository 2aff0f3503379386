/* Preflight: names are checked first, then all that is chosen, and every problem is told once. */
#include "fixture.h"

#include <string.h>

#include "devstack/base/memory.h"
#include "devstack/stack/preflight.h"

static struct ds_problems run(struct run_fixture *f, const char *name, bool no_dependencies)
{
    struct ds_problems problems = {0};
    ds_auto_strings struct ds_strings names = {0};
    if (name)
        ds_strings_add(&names, name);
    const struct ds_preflight preflight = {
        .manifest = f->manifest,
        .identity = &f->identity,
        .shell = &f->shell,
        .services = &names,
        .no_dependencies = no_dependencies,
    };
    ds_preflight_run(&preflight, &problems);
    return problems;
}

/* The subjects of what is found, in order. */
static void assert_found(struct run_fixture *f, const char *name, bool no_dependencies,
                         const char *expected)
{
    struct ds_problems problems = run(f, name, no_dependencies);
    ds_auto_strings struct ds_strings subjects = {0};
    for (size_t i = 0; i < problems.count; i++)
        ds_strings_add(&subjects, problems.items[i].subject);
    ds_auto_free char *list = ds_strings_join(&subjects, " ");
    assert_string_equal(list, expected);
    ds_problems_finish(&problems);
}

static const char services[] = "services:\n"
                               "  db: {run: ./no-db}\n"
                               "  api: {run: ./no-api, depends_on: [db]}\n"
                               "  late: {run: ./no-late, autostart: false}\n"
                               "  good: {run: sh}\n"
                               "  off: {run: ./no-off, disabled: true}\n";

static void all_that_start_by_themselves_are_looked_at(void **state)
{
    run_fixture_load(*state, services);
    assert_found(*state, NULL, false, "./no-db ./no-api");
}

static void names_bring_what_they_depend_on_or_stand_alone(void **state)
{
    run_fixture_load(*state, services);
    assert_found(*state, "api", false, "./no-db ./no-api");
    assert_found(*state, "api", true, "./no-api");
    assert_found(*state, "late", false, "./no-late");
    assert_found(*state, "good", false, "");
}

static void a_name_that_is_not_there_ends_it(void **state)
{
    run_fixture_load(*state, services);
    struct ds_problems problems = run(*state, "goood", false);
    assert_int_equal(problems.count, 1);
    assert_int_equal(problems.items[0].code, DS_ERROR_USAGE);
    assert_string_equal(problems.items[0].subject, "goood");
    assert_non_null(strstr(problems.items[0].message, "no service of that name"));
    assert_string_equal(problems.items[0].fix, "did you mean good?");
    ds_problems_finish(&problems);
}

static void a_name_that_resembles_none_has_no_advice(void **state)
{
    run_fixture_load(*state, services);
    struct ds_problems problems = run(*state, "something-else", false);
    assert_int_equal(problems.count, 1);
    assert_null(problems.items[0].fix);
    ds_problems_finish(&problems);
}

static void a_disabled_service_cannot_be_named(void **state)
{
    run_fixture_load(*state, services);
    struct ds_problems problems = run(*state, "off", false);
    assert_int_equal(problems.count, 1);
    assert_int_equal(problems.items[0].code, DS_ERROR_USAGE);
    assert_non_null(strstr(problems.items[0].message, "disabled"));
    assert_null(problems.items[0].fix);
    ds_problems_finish(&problems);
}

static void what_is_lacking_twice_is_told_once(void **state)
{
    (void)state;
    struct ds_problems problems = {0};
    struct ds_problem *first =
        ds_problems_add(&problems, DS_ERROR_MISSING, "prism", "npm ci", "Not there (%d).", 1);
    assert_string_equal(first->message, "Not there (1).");
    assert_ptr_equal(
        ds_problems_add(&problems, DS_ERROR_MISSING, "prism", NULL, "Not there (%d).", 1), first);
    assert_int_equal(problems.count, 1);
    ds_problems_add(&problems, DS_ERROR_MISSING, "prism", NULL, "Not there (%d).", 2);
    ds_problems_add(&problems, DS_ERROR_MISSING, "vite", NULL, "Not there (%d).", 1);
    assert_int_equal(problems.count, 3);
    assert_string_equal(problems.items[0].fix, "npm ci");
    ds_problems_finish(&problems);
    assert_null(problems.items);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_RUN(all_that_start_by_themselves_are_looked_at),
        WITH_RUN(names_bring_what_they_depend_on_or_stand_alone),
        WITH_RUN(a_name_that_is_not_there_ends_it),
        WITH_RUN(a_name_that_resembles_none_has_no_advice),
        WITH_RUN(a_disabled_service_cannot_be_named),
        cmocka_unit_test(what_is_lacking_twice_is_told_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
