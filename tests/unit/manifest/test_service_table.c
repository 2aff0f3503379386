/* Every key of the table can be read and explained. */
#include "read_fixture.h"

#include "orchestrator/manifest/keys.h"

static void every_supported_key_is_explained(void **state)
{
    (void)state;
    for (size_t i = 0; i < ds_table_service.count; i++) {
        const struct ds_field *field = &ds_table_service.fields[i];
        if (field->type == DS_FIELD_LATER)
            continue;
        assert_non_null(field->description);
        assert_true(ds_string_ends(field->description, "."));
        if (field->type == DS_FIELD_CUSTOM) {
            assert_non_null(field->read);
            assert_non_null(field->shape);
            assert_non_null(field->schema);
        }
        if (field->type == DS_FIELD_TABLE)
            assert_non_null(field->table);
        if (field->type == DS_FIELD_WORD)
            assert_non_null(field->words);
    }
}

static void a_key_stands_once(void **state)
{
    (void)state;
    for (size_t i = 0; i < ds_table_service.count; i++)
        assert_ptr_equal(ds_table_find(&ds_table_service, ds_table_service.fields[i].name),
                         &ds_table_service.fields[i]);
    assert_null(ds_table_find(&ds_table_service, "nothing"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_supported_key_is_explained),
        cmocka_unit_test(a_key_stands_once),
    };
    return cmocka_run_group_tests_name("manifest/service_table", tests, NULL, NULL);
}
