/* Nodes: making them, finding in them, naming them. */
#include "read_fixture.h"

#include "orchestrator/manifest/tree.h"

static void a_mapping_is_searched_by_key(void **state)
{
    (void)state;
    struct ds_node_pool pool = {0};
    const struct ds_where where = {"f.yaml", 2, 3};
    struct ds_node *map = ds_node_create(&pool, DS_NODE_MAP, where);
    struct ds_node *key = ds_node_create_text(&pool, "k", where);
    struct ds_node *value = ds_node_create_text(&pool, "v", where);
    ds_node_add_entry(map, key, value);
    assert_ptr_equal(ds_node_get(map, "k"), value);
    assert_ptr_equal(ds_node_entry(map, "k")->key, key);
    assert_null(ds_node_get(map, "other"));
    assert_null(ds_node_get(value, "k"));
    assert_null(ds_node_get(NULL, "k"));
    assert_int_equal(map->where.line, 2);
    ds_node_pool_finish(&pool);
}

static void weight_and_height_count_what_is_below(void **state)
{
    (void)state;
    struct ds_node_pool pool = {0};
    const struct ds_where where = {"f.yaml", 1, 1};
    struct ds_node *shared = ds_node_create(&pool, DS_NODE_LIST, where);
    ds_node_add_item(shared, ds_node_create_text(&pool, "x", where));
    struct ds_node *list = ds_node_create(&pool, DS_NODE_LIST, where);
    ds_node_add_item(list, shared);
    ds_node_add_item(list, shared);
    assert_int_equal(list->count, 2);
    assert_int_equal(list->weight, 5);
    assert_int_equal(list->height, shared->height + 1);
    ds_node_pool_finish(&pool);
}

static void describes_itself(void **state)
{
    (void)state;
    struct ds_node_pool pool = {0};
    const struct ds_where where = {"f.yaml", 1, 1};
    ds_auto_free char *list = ds_node_describe(ds_node_create(&pool, DS_NODE_LIST, where));
    ds_auto_free char *map = ds_node_describe(ds_node_create(&pool, DS_NODE_MAP, where));
    ds_auto_free char *text = ds_node_describe(ds_node_create_text(&pool, "abc", where));
    assert_string_equal(list, "a list");
    assert_string_equal(map, "a mapping");
    assert_non_null(strstr(text, "'abc'"));
    ds_node_pool_finish(&pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_mapping_is_searched_by_key),
        cmocka_unit_test(weight_and_height_count_what_is_below),
        cmocka_unit_test(describes_itself),
    };
    return cmocka_run_group_tests_name("manifest/node", tests, NULL, NULL);
}
