/* The reference of the keys. */
#include "read_fixture.h"

#include "orchestrator/manifest/docs.h"
#include "orchestrator/manifest/keys.h"

static void has_a_row_for_every_supported_key(void **state)
{
    (void)state;
    ds_auto_free char *text = ds_manifest_reference();
    for (size_t i = 0; i < ds_table_service.count; i++) {
        const struct ds_field *field = &ds_table_service.fields[i];
        ds_auto_free char *row = ds_printf("\n| `%s` ", field->name);
        ds_auto_free char *required = ds_printf("\n| `%s` (required) ", field->name);
        bool there = strstr(text, row) || strstr(text, required);
        assert_int_equal(there, field->type != DS_FIELD_LATER);
    }
}

static void a_bar_does_not_end_a_cell(void **state)
{
    (void)state;
    ds_auto_free char *text = ds_manifest_reference();
    for (const char *line = text; *line; line += strcspn(line, "\n") + 1) {
        size_t bars = 0, length = strcspn(line, "\n");
        for (size_t i = 0; *line == '|' && i < length; i++)
            bars += line[i] == '|' && (i == 0 || line[i - 1] != '\\');
        assert_true(bars == 0 || bars == 4 || bars == 5);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(has_a_row_for_every_supported_key),
        cmocka_unit_test(a_bar_does_not_end_a_cell),
    };
    return cmocka_run_group_tests_name("manifest/docs", tests, NULL, NULL);
}
