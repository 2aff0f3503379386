/* JSON values written as YAML. */
#include "read_fixture.h"

#include "orchestrator/manifest/tree.h"
#include "orchestrator/manifest/yaml_writer.h"

static void texts_that_yaml_reads_otherwise_come_back_as_they_were(void **state)
{
    (void)state;
    static const char *const texts[] = {"plain",  "",      "true", "no",  "~",   "12",
                                        "1e3",    "a: b",  "# c",  "- d", "'q'", "\"",
                                        "x\ny\n", " lead", "ü",    "{a}"};
    for (size_t i = 0; i < DS_COUNT(texts); i++) {
        json_t *value = json_pack("{s:s}", "key", texts[i]);
        ds_auto_free char *yaml = ds_yaml_write(value);
        struct ds_faults faults = {0};
        struct ds_node_pool pool = {0};
        const struct ds_node *root = ds_yaml_parse(&pool, "f.yaml", yaml, strlen(yaml), &faults);
        assert_int_equal(faults.count, 0);
        assert_string_equal(ds_node_get(root, "key")->text, texts[i]);
        ds_node_pool_finish(&pool);
        json_decref(value);
    }
}

static void nests_in_block_style(void **state)
{
    (void)state;
    json_t *value = json_pack("{s:{s:[s,i]}, s:[], s:{}, s:b}", "a", "b", "x", 1, "c", "d", "e", 1);
    ds_auto_free char *yaml = ds_yaml_write(value);
    struct ds_faults faults = {0};
    struct ds_node_pool pool = {0};
    const struct ds_node *root = ds_yaml_parse(&pool, "f.yaml", yaml, strlen(yaml), &faults);
    const struct ds_node *list = ds_node_get(ds_node_get(root, "a"), "b");
    assert_int_equal(list->count, 2);
    assert_string_equal(list->items[1]->text, "1");
    assert_int_equal(ds_node_get(root, "c")->kind, DS_NODE_LIST);
    assert_int_equal(ds_node_get(root, "d")->kind, DS_NODE_MAP);
    assert_string_equal(ds_node_get(root, "e")->text, "true");
    ds_node_pool_finish(&pool);
    json_decref(value);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_that_yaml_reads_otherwise_come_back_as_they_were),
        cmocka_unit_test(nests_in_block_style),
    };
    return cmocka_run_group_tests_name("manifest/yaml_writer", tests, NULL, NULL);
}
