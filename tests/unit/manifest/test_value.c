/* Single values: their types, what is filled into variables, and paths. */
#include "read_fixture.h"

#include "orchestrator/manifest/field.h"

struct reading {
    struct ds_manifest manifest;
    struct ds_faults faults;
    struct ds_variables variables;
    struct ds_reader reader;
};

static void start(struct reading *reading)
{
    static char folder[] = "/project";
    *reading = (struct reading){.manifest = {.folder = folder}};
    ds_variables_set(&reading->variables, "HOME", "/home/dev");
    ds_variables_set(&reading->variables, "EMPTY", "");
    ds_variables_set(&reading->variables, "SIX", "6");
    reading->reader = (struct ds_reader){.manifest = &reading->manifest,
                                         .faults = &reading->faults,
                                         .variables = &reading->variables};
}

static void finish(struct reading *reading)
{
    ds_faults_finish(&reading->faults);
    ds_variables_finish(&reading->variables);
}

static struct ds_node scalar(const char *text, bool plain)
{
    return (struct ds_node){.kind = DS_NODE_SCALAR, .plain = plain, .text = (char *)text};
}

static void a_bool_is_written_as_yaml_1_2_does(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool plain, good, value;
    } cases[] = {{"true", true, true, true},       {"False", true, true, false},
                 {"yes", true, false, false},      {"true", false, false, false},
                 {"${EMPTY}", true, false, false}, {"1", true, false, false}};
    struct reading reading;
    start(&reading);
    for (size_t i = 0; i < DS_COUNT(cases); i++) {
        const struct ds_node node = scalar(cases[i].text, cases[i].plain);
        bool value = !cases[i].value;
        assert_int_equal(ds_read_bool(&reading.reader, &node, &value), cases[i].good);
        assert_int_equal(value, cases[i].good ? cases[i].value : !cases[i].value);
    }
    finish(&reading);
}

static void a_number_keeps_to_its_limits(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        unsigned value; /* 0: refused */
    } cases[] = {{"2", 2},  {"10", 10}, {"${SIX}", 6}, {"1", 0}, {"11", 0},
                 {"07", 0}, {"-3", 0},  {"3x", 0},     {"", 0},  {"99999999999999999999", 0}};
    struct reading reading;
    start(&reading);
    for (size_t i = 0; i < DS_COUNT(cases); i++) {
        const struct ds_node node = scalar(cases[i].text, true);
        unsigned value = 0;
        assert_int_equal(ds_read_number(&reading.reader, &node, 2, 10, &value),
                         cases[i].value != 0);
        assert_int_equal(value, cases[i].value);
    }
    finish(&reading);
}

static void sizes_and_durations_have_units(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t bytes;
    } sizes[] = {{"7", 7}, {"1k", 1024}, {"2MB", 2097152}, {"3g", 3221225472}, {"m", 0}, {"1q", 0}};
    struct reading reading;
    start(&reading);
    for (size_t i = 0; i < DS_COUNT(sizes); i++) {
        const struct ds_node node = scalar(sizes[i].text, true);
        uint64_t value = 0;
        assert_int_equal(ds_read_bytes(&reading.reader, &node, &value), sizes[i].bytes != 0);
        assert_int_equal(value, sizes[i].bytes);
    }
    uint64_t duration = 0;
    const struct ds_node good = scalar("1m30s", true), bare = scalar("5", true);
    assert_true(ds_read_duration(&reading.reader, &good, &duration));
    assert_int_equal(duration, 90 * DS_NS_PER_S);
    assert_false(ds_read_duration(&reading.reader, &bare, &duration));
    assert_int_equal(duration, 90 * DS_NS_PER_S);
    finish(&reading);
}

static void a_text_is_neither_empty_nor_a_reference(void **state)
{
    (void)state;
    static const struct {
        const char *text, *value; /* NULL: refused */
    } cases[] = {{"17", "17"},  {"a ${SIX}", "a 6"}, {"$$x", "$x"},      {"", NULL},
                 {" \t", NULL}, {"${EMPTY}", NULL},  {"${db.url}", NULL}};
    struct reading reading;
    start(&reading);
    for (size_t i = 0; i < DS_COUNT(cases); i++) {
        const struct ds_node node = scalar(cases[i].text, false);
        ds_auto_free char *value = NULL;
        size_t errors = reading.faults.errors;
        assert_int_equal(ds_read_text(&reading.reader, &node, &value), cases[i].value != NULL);
        assert_true(ds_string_equal(value, cases[i].value));
        assert_int_equal(reading.faults.errors > errors, cases[i].value == NULL);
    }
    finish(&reading);
}

static void paths_start_at_the_file_or_at_home(void **state)
{
    (void)state;
    static const struct {
        const char *path, *full;
    } cases[] = {{"/a", "/a"},
                 {"a/b", "/project/a/b"},
                 {"./a", "/project/a"},
                 {".", "/project"},
                 {"~/x", "/home/dev/x"}};
    struct reading reading;
    start(&reading);
    for (size_t i = 0; i < DS_COUNT(cases); i++) {
        ds_auto_free char *full = ds_read_resolve_path(&reading.reader, cases[i].path);
        assert_string_equal(full, cases[i].full);
    }
    finish(&reading);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bool_is_written_as_yaml_1_2_does),
        cmocka_unit_test(a_number_keeps_to_its_limits),
        cmocka_unit_test(sizes_and_durations_have_units),
        cmocka_unit_test(a_text_is_neither_empty_nor_a_reference),
        cmocka_unit_test(paths_start_at_the_file_or_at_home),
    };
    return cmocka_run_group_tests_name("manifest/value", tests, NULL, NULL);
}
