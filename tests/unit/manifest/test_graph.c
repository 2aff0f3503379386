/* Dependencies: names, circles, conditions, ports wanted twice. */
#include "read_fixture.h"

static void edges_to_disabled_services_are_dropped(void **state)
{
    (void)state;
    struct ds_manifest *manifest = read_right("name: t\nservices:\n"
                                              "  off: {run: x, disabled: true}\n"
                                              "  b: {run: x}\n"
                                              "  a: {run: x, depends_on: [off, b]}\n");
    const struct ds_service_spec *a = service(manifest, "a");
    assert_int_equal(a->depends_on_count, 1);
    assert_string_equal(a->depends_on[0].service, "b");
    ds_manifest_free(manifest);
}

static void a_circle_is_told_once_with_its_way(void **state)
{
    (void)state;
    const char text[] = "name: t\nservices:\n"
                        "  a: {run: x, depends_on: [b]}\n"
                        "  b: {run: x, depends_on: [c]}\n"
                        "  c: {run: x, depends_on: [a]}\n";
    ds_auto_free char *told = NULL;
    assert_null(read_any(NULL, text, &told));
    const char *first = strstr(told, "a -> b -> c -> a");
    assert_non_null(first);
    assert_null(strstr(first + 1, "wait for each other"));
}

static void two_ways_to_one_service_are_no_circle(void **state)
{
    (void)state;
    struct ds_manifest *manifest = read_right("name: t\nservices:\n"
                                              "  a: {run: x, depends_on: [b, c]}\n"
                                              "  b: {run: x, depends_on: [d]}\n"
                                              "  c: {run: x, depends_on: [d]}\n"
                                              "  d: {run: x}\n");
    assert_int_equal(service(manifest, "a")->depends_on_count, 2);
    ds_manifest_free(manifest);
}

static void a_condition_must_be_able_to_come_true(void **state)
{
    (void)state;
    static const char file[] = "name: t\nservices:\n"
                               "  t: {task: x}\n  quiet: {run: x}\n"
                               "  a: {run: x, depends_on: {%s: {condition: %s}}}\n";
    static const struct {
        const char *service, *condition, *told; /* NULL: fine */
    } cases[] = {{"t", "completed", NULL},
                 {"quiet", "started", NULL},
                 {"t", "healthy", "is a task, which is never healthy"},
                 {"quiet", "healthy", "nothing ever tells whether 'quiet' is healthy"},
                 {"quiet", "completed", "only a task completes"},
                 {"quit", "started", "did you mean 'quiet'?"}};
    for (size_t i = 0; i < DS_COUNT(cases); i++) {
        ds_auto_text struct ds_text text = {0};
        const char *at = strstr(file, "%s");
        ds_text_append_bytes(&text, file, (size_t)(at - file));
        ds_text_appendf(&text, "%s: {condition: %s}}}\n", cases[i].service, cases[i].condition);
        if (cases[i].told)
            expect_told(ds_text_string(&text), cases[i].told);
        else
            ds_manifest_free(read_right(ds_text_string(&text)));
    }
}

static void one_port_belongs_to_one_enabled_service(void **state)
{
    (void)state;
    expect_told("name: t\nservices: {a: {run: x, port: 80}, b: {run: x, port: 80}}\n",
                "port 80 of service 'b' is wanted by 'a' as well");
    ds_manifest_free(read_right("name: t\nservices: {a: {run: x, port: 80, disabled: true}, "
                                "b: {run: x, port: 80}, c: {run: x, port: auto}, "
                                "d: {run: x, port: auto}}\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(edges_to_disabled_services_are_dropped),
        cmocka_unit_test(a_circle_is_told_once_with_its_way),
        cmocka_unit_test(two_ways_to_one_service_are_no_circle),
        cmocka_unit_test(a_condition_must_be_able_to_come_true),
        cmocka_unit_test(one_port_belongs_to_one_enabled_service),
    };
    return cmocka_run_group_tests_name("manifest/graph", tests, NULL, NULL);
}
