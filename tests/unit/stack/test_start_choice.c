/* Which services a start is for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "devstack/base/memory.h"
#include "devstack/stack/start.h"

/* db ← api ← web; late does not start by itself; off is disabled. */
static struct ds_dependency on_db = {.service = (char *)"db"}, on_api = {.service = (char *)"api"};
static struct ds_service_spec specs[] = {
    {.name = (char *)"db", .autostart = true},
    {.name = (char *)"api", .autostart = true, .depends_on = &on_db, .depends_on_count = 1},
    {.name = (char *)"web", .autostart = true, .depends_on = &on_api, .depends_on_count = 1},
    {.name = (char *)"late"},
    {.name = (char *)"off", .autostart = true, .disabled = true},
};
static const struct ds_manifest manifest = {.services = specs, .service_count = 5};

static void assert_chosen(const char *first, const char *second, bool alone, const char *expected)
{
    ds_auto_strings struct ds_strings names = {0};
    if (first)
        ds_strings_add(&names, first);
    if (second)
        ds_strings_add(&names, second);
    bool wanted[DS_COUNT(specs)] = {false};
    ds_start_choose(&manifest, &names, alone, wanted);
    ds_auto_strings struct ds_strings chosen = {0};
    for (size_t i = 0; i < DS_COUNT(specs); i++)
        if (wanted[i])
            ds_strings_add(&chosen, specs[i].name);
    ds_auto_free char *list = ds_strings_join(&chosen, " ");
    assert_string_equal(list, expected);
}

static void without_names_all_that_start_by_themselves(void **state)
{
    (void)state;
    assert_chosen(NULL, NULL, false, "db api web");
    assert_chosen(NULL, NULL, true, "db api web");
}

static void names_bring_what_they_depend_on(void **state)
{
    (void)state;
    assert_chosen("api", NULL, false, "db api");
    assert_chosen("late", "web", false, "db api web late");
}

static void or_stand_alone(void **state)
{
    (void)state;
    assert_chosen("api", "late", true, "api late");
}

static void what_is_not_there_or_disabled_marks_nothing(void **state)
{
    (void)state;
    assert_chosen("off", "nobody", false, "");
    assert_chosen("off", "nobody", true, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_names_all_that_start_by_themselves),
        cmocka_unit_test(names_bring_what_they_depend_on),
        cmocka_unit_test(or_stand_alone),
        cmocka_unit_test(what_is_not_there_or_disabled_marks_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
