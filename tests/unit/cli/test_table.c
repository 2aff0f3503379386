/* Aligned columns, cut to the terminal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "orchestrator/cli/table.h"

static void aligns_and_cuts(void **state)
{
    (void)state;
    struct table table = {.columns = 3};
    table_add(&table, (const char *const[]){"NAME", "STATE", "REASON"});
    table_add(&table, (const char *const[]){"größe", "healthy", NULL});
    table_add(&table, (const char *const[]){"db", "failed", "exit 1 after a long time"});
    const struct palette palette = {.utf8 = true};
    ds_auto_text struct ds_text whole = {0}, narrow = {0};
    table_render(&table, &palette, 0, &whole);
    assert_string_equal(ds_text_string(&whole), "NAME    STATE     REASON\n"
                                                "größe   healthy   -\n"
                                                "db      failed    exit 1 after a long time\n");
    table_render(&table, &palette, 30, &narrow);
    assert_string_equal(ds_text_string(&narrow), "NAME    STATE     REASON\n"
                                                 "größe   healthy   -\n"
                                                 "db      failed    exit 1 afte…\n");
    table_finish(&table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(aligns_and_cuts)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
