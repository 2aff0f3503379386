/* A launch: command and environment of one start, with every reference expanded. */
#include "fixture.h"

#include "devstack/base/memory.h"

static struct ds_launch made(struct run_fixture *f, const char *services, const char *name)
{
    struct ds_launch launch = {0};
    run_fixture_load(f, services);
    assert_true(launch_make(&f->context, run_fixture_spec(f, name), &launch, NULL));
    return launch;
}

static void a_line_goes_to_the_shell_and_a_list_does_not(void **state)
{
    struct run_fixture *f = *state;
    struct ds_launch line =
        made(f,
             "services:\n  api: {run: 'echo $HOME'}\n  web: {run: [env, $$PORT, 'a$${X}b', $$$$],"
             " port: 18080}\n",
             "api");
    struct ds_launch list = {0};
    assert_string_equal(line.executable, "/bin/sh");
    assert_string_equal(line.argv.items[2], "echo $HOME");
    ds_launch_finish(&line);
    assert_true(launch_make(&f->context, run_fixture_spec(f, "web"), &list, NULL));
    assert_true(ds_string_ends(list.executable, "/env"));
    assert_string_equal(list.argv.items[1], "18080");
    assert_string_equal(list.argv.items[2], "ab");
    assert_string_equal(list.argv.items[3], "$");
    ds_launch_finish(&list);
}

static void the_environment_tells_ports_and_what_it_depends_on(void **state)
{
    struct run_fixture *f = *state;
    ds_variables_set(&f->shell, "KEPT", "yes");
    ds_variables_set(&f->shell, "DEVSTACK_SECRET_KEY", "no");
    struct ds_launch launch = made(f,
                                   "services:\n"
                                   "  my-api: {run: [serve], port: 18081}\n"
                                   "  web:\n"
                                   "    run: [serve]\n"
                                   "    ports: {http: 18080, debug-x: 18082}\n"
                                   "    depends_on: [my-api]\n"
                                   "    environment: {KEPT: changed}\n",
                                   "web");
    static const char *const rows[][2] = {
        {"PORT", "18080"},
        {"PORT_DEBUG_X", "18082"},
        {"MY_API_PORT", "18081"},
        {"MY_API_HOST", "127.0.0.1"},
        {"MY_API_URL", "http://127.0.0.1:18081"},
        {"DEVSTACK_SERVICE", "web"},
        {"DEVSTACK_ENVIRONMENT", "local"},
        {"KEPT", "changed"},
    };
    for (size_t i = 0; i < DS_COUNT(rows); i++)
        assert_string_equal(ds_variables_get(&launch.environment, rows[i][0]), rows[i][1]);
    assert_null(ds_variables_get(&launch.environment, "DEVSTACK_SECRET_KEY"));
    assert_int_equal(launch.port_count, 2);
    assert_int_equal(launch.ports[1].host, 18082);
    ds_launch_finish(&launch);
}

static void one_that_cannot_be_made_says_where(void **state)
{
    struct run_fixture *f = *state;
    ds_auto_error struct ds_error err = {0};
    struct ds_launch launch = {0};
    run_fixture_load(f, "secrets: {key: {}}\nservices:\n"
                        "  api: {run: [serve], environment: {A: '${secrets.key}'}}\n");
    assert_false(launch_make(&f->context, run_fixture_spec(f, "api"), &launch, &err));
    assert_true(ds_string_starts(err.message, "A: "));
    assert_null(launch.executable);
}

static void a_health_line_goes_to_the_shell(void **state)
{
    struct ds_launch launch =
        made(*state, "services: {api: {run: [serve], healthcheck: {exec: 'test -e up'}}}\n", "api");
    assert_int_equal(launch.health_exec.count, 3);
    assert_string_equal(launch.health_exec.items[0], "/bin/sh");
    assert_string_equal(launch.health_exec.items[2], "test -e up");
    ds_launch_finish(&launch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_RUN(a_line_goes_to_the_shell_and_a_list_does_not),
        WITH_RUN(the_environment_tells_ports_and_what_it_depends_on),
        WITH_RUN(one_that_cannot_be_made_says_where),
        WITH_RUN(a_health_line_goes_to_the_shell),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
