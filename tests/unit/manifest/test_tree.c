/* The YAML tree: places, scalars, aliases, merge keys. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "devstack/base/memory.h"
#include "orchestrator/manifest/tree.h"

static struct ds_node *parse(struct ds_node_pool *pool, const char *text)
{
    struct ds_faults faults = {0};
    struct ds_node *root = ds_yaml_parse(pool, "f.yaml", text, strlen(text), &faults);
    assert_int_equal(faults.count, 0);
    assert_non_null(root);
    return root;
}

static void every_node_knows_its_place(void **state)
{
    (void)state;
    struct ds_node_pool pool = {0};
    const struct ds_node *root = parse(&pool, "a: 1\nüb:\n  - x\n  -   \"y\"\n");
    const struct ds_node *list = ds_node_get(root, "üb");
    assert_int_equal(root->where.line, 1);
    assert_int_equal(ds_node_get(root, "a")->where.column, 4);
    assert_int_equal(ds_node_entry(root, "üb")->key->where.line, 2);
    assert_int_equal(list->kind, DS_NODE_LIST);
    assert_int_equal(list->items[1]->where.line, 4);
    assert_int_equal(list->items[1]->where.column, 7);
    assert_string_equal(list->where.file, "f.yaml");
    ds_node_pool_finish(&pool);
}

static void tells_plain_from_quoted(void **state)
{
    (void)state;
    struct ds_node_pool pool = {0};
    const struct ds_node *root =
        parse(&pool, "a: true\nb: \"true\"\nc: ~\nd: ''\ne:\nf: \"x\\n\"\ng: 'it''s'\n");
    assert_true(ds_node_get(root, "a")->plain);
    assert_true(ds_node_get(root, "a")->exact);
    assert_false(ds_node_get(root, "b")->plain);
    assert_true(ds_node_get(root, "b")->exact);
    assert_true(ds_node_is_null(ds_node_get(root, "c")));
    assert_false(ds_node_is_null(ds_node_get(root, "d")));
    assert_true(ds_node_is_null(ds_node_get(root, "e")));
    assert_false(ds_node_get(root, "f")->exact);
    assert_false(ds_node_get(root, "g")->exact);
    assert_string_equal(ds_node_get(root, "g")->text, "it's");
    ds_node_pool_finish(&pool);
}

static void aliases_share_what_they_name(void **state)
{
    (void)state;
    struct ds_node_pool pool = {0};
    const struct ds_node *root = parse(&pool, "a: &x {k: v}\nb: *x\nc: &x 2\nd: *x\n");
    assert_ptr_equal(ds_node_get(root, "a"), ds_node_get(root, "b"));
    assert_string_equal(ds_node_get(root, "d")->text, "2");
    ds_node_pool_finish(&pool);
}

static void merge_keys_fill_what_is_not_there(void **state)
{
    (void)state;
    struct ds_node_pool pool = {0};
    const struct ds_node *root = parse(&pool, "a: &a {k: a, l: a}\n"
                                              "b: &b {k: b, m: b}\n"
                                              "c: {<<: [*a, *b], l: own}\n"
                                              "d: {\"<<\": text}\n");
    const struct ds_node *c = ds_node_get(root, "c");
    assert_int_equal(c->count, 3);
    assert_string_equal(ds_node_get(c, "k")->text, "a");
    assert_string_equal(ds_node_get(c, "l")->text, "own");
    assert_string_equal(ds_node_get(c, "m")->text, "b");
    assert_null(ds_node_get(c, "<<"));
    assert_string_equal(ds_node_get(ds_node_get(root, "d"), "<<")->text, "text");
    ds_node_pool_finish(&pool);
}

static void describes_nodes_in_messages(void **state)
{
    (void)state;
    struct ds_node_pool pool = {0};
    const struct ds_node *root = parse(
        &pool,
        "a: []\nb: {}\nc:\nd: word\n"
        "e: a text that is far too long to be shown as a whole in a message\nf: |\n  x\n  y\n");
    static const char *const expected[] = {
        "a list", "a mapping", "nothing", "'word'", "'a text that is far too long to be shown …'",
        "'x…'"};
    for (size_t i = 0; i < DS_COUNT(expected); i++) {
        ds_auto_free char *text = ds_node_describe(root->entries[i].value);
        assert_string_equal(text, expected[i]);
    }
    ds_node_pool_finish(&pool);
}

static void refuses_what_is_too_big(void **state)
{
    (void)state;
    struct ds_node_pool pool = {0};
    struct ds_faults faults = {0};
    ds_auto_free char *big = ds_alloc(DS_YAML_SIZE_LIMIT + 2);
    memset(big, 'a', DS_YAML_SIZE_LIMIT + 1);
    assert_null(ds_yaml_parse(&pool, "f", big, DS_YAML_SIZE_LIMIT + 1, &faults));
    assert_int_equal(faults.errors, 1);
    ds_faults_finish(&faults);
    ds_node_pool_finish(&pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_node_knows_its_place),
        cmocka_unit_test(tells_plain_from_quoted),
        cmocka_unit_test(aliases_share_what_they_name),
        cmocka_unit_test(merge_keys_fill_what_is_not_there),
        cmocka_unit_test(describes_nodes_in_messages),
        cmocka_unit_test(refuses_what_is_too_big),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
