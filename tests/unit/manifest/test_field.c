/* Reading a mapping by its table. */
#include "read_fixture.h"

#include "orchestrator/manifest/field.h"

struct thing {
    char *text;
    unsigned number;
    int word;
    bool flag;
};

static const struct ds_field fields[] = {
    {.name = "text",
     .type = DS_FIELD_TEXT,
     .offset = offsetof(struct thing, text),
     .required = true},
    {.name = "number",
     .type = DS_FIELD_NUMBER,
     .offset = offsetof(struct thing, number),
     .most = 9,
     .fallback = "4"},
    {.name = "word",
     .type = DS_FIELD_WORD,
     .offset = offsetof(struct thing, word),
     .words = (const char *const[]){"one", "=uno", "two", NULL}},
    {.name = "flag", .type = DS_FIELD_BOOL, .offset = offsetof(struct thing, flag)},
    {.name = "future", .type = DS_FIELD_LATER},
};
static const struct ds_table table = {"thing", fields, DS_COUNT(fields)};

/* Reads a mapping and returns what is told, a line each. */
static char *read_thing(const char *text, struct thing *thing)
{
    struct ds_faults faults = {0};
    struct ds_node_pool pool = {0};
    struct ds_node *node = ds_yaml_parse(&pool, "f.yaml", text, strlen(text), &faults);
    struct ds_reader reader = {.faults = &faults};
    *thing = (struct thing){0};
    ds_table_read_defaults(&reader, &table, 0, thing);
    ds_table_read(&reader, &table, node, "a thing", 0, thing);
    struct ds_text lines = {0};
    ds_faults_sort(&faults);
    for (size_t i = 0; i < faults.count; i++) {
        ds_auto_free char *line = ds_fault_format(&faults.items[i]);
        ds_text_appendf(&lines, "%s\n", line);
    }
    ds_node_pool_finish(&pool);
    ds_faults_finish(&faults);
    return ds_text_take(&lines);
}

static void fills_the_struct_and_keeps_fallbacks(void **state)
{
    (void)state;
    struct thing thing;
    ds_auto_free char *told = read_thing("{text: x, word: two, flag: true, x-mine: [1]}", &thing);
    assert_string_equal(told, "");
    assert_string_equal(thing.text, "x");
    assert_int_equal(thing.number, 4);
    assert_int_equal(thing.word, 1);
    assert_true(thing.flag);
    free(thing.text);
}

static void a_synonym_counts_as_its_word(void **state)
{
    (void)state;
    struct thing thing;
    ds_auto_free char *told = read_thing("{text: x, word: uno}", &thing);
    assert_string_equal(told, "");
    assert_int_equal(thing.word, 0);
    free(thing.text);
}

static void tells_everything_that_is_wrong(void **state)
{
    (void)state;
    struct thing thing;
    ds_auto_free char *told =
        read_thing("number: 10\nword: twoo\nfutur: 1\nfuture: 1\nflagg: true\n", &thing);
    assert_string_equal(
        told,
        "f.yaml:1:1: error: a thing lacks the key 'text'\n"
        "f.yaml:1:9: error: expected a number from 0 to 9, found '10'\n"
        "f.yaml:2:7: error: 'word' must be one of one, two, not 'twoo' (did you mean 'two'?)\n"
        "f.yaml:3:1: error: unknown key 'futur' in a thing\n"
        "f.yaml:4:1: error: 'future' in a thing is not supported by this version of devstack\n"
        "f.yaml:5:1: error: unknown key 'flagg' in a thing (did you mean 'flag'?)\n");
    assert_int_equal(thing.number, 4);
    assert_int_equal(thing.word, 0);
}

static void a_thing_is_a_mapping(void **state)
{
    (void)state;
    struct thing thing;
    ds_auto_free char *told = read_thing("[1]", &thing);
    assert_non_null(strstr(told, "a thing must be a mapping of keys, found a list"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fills_the_struct_and_keeps_fallbacks),
        cmocka_unit_test(a_synonym_counts_as_its_word),
        cmocka_unit_test(tells_everything_that_is_wrong),
        cmocka_unit_test(a_thing_is_a_mapping),
    };
    return cmocka_run_group_tests_name("manifest/field", tests, NULL, NULL);
}
