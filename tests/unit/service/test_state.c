/* Names, reasons, exit texts, launches. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "devstack/base/memory.h"
#include "devstack/service/service.h"
#include "orchestrator/service/exit_reason.h"

static void state_names_survive_the_round_trip(void **state)
{
    (void)state;
    for (int i = 0; i < DS_STATE_COUNT; i++) {
        enum ds_state back;
        assert_true(ds_state_parse(ds_state_name((enum ds_state)i), &back));
        assert_int_equal(back, i);
    }
    enum ds_state untouched = DS_STATE_HEALTHY;
    assert_false(ds_state_parse("well", &untouched));
    assert_int_equal(untouched, DS_STATE_HEALTHY);
}

static void every_reason_has_its_own_name(void **state)
{
    (void)state;
    for (int i = 0; i < DS_REASON_COUNT; i++) {
        assert_true(strlen(ds_reason_name((enum ds_reason_code)i)) > 0);
        for (int j = 0; j < i; j++)
            assert_string_not_equal(ds_reason_name((enum ds_reason_code)i),
                                    ds_reason_name((enum ds_reason_code)j));
    }
}

static void reasons_are_copied_whole(void **state)
{
    (void)state;
    struct ds_reason one = {0}, other = {0};
    ds_reason_set(&one, DS_REASON_PULLING, "pulling %s", "postgres:17");
    one.subject = ds_strdup("postgres:17");
    one.hint = ds_strdup("wait");
    one.total = 42;
    ds_reason_copy(&other, &one);
    assert_true(ds_reason_equal(&one, &other));
    ds_reason_copy(&other, &other);
    assert_true(ds_reason_equal(&one, &other));
    ds_reason_set(&other, DS_REASON_PULLING, "pulling another");
    assert_false(ds_reason_equal(&one, &other));
    ds_reason_clear(&one);
    ds_reason_clear(&other);
    assert_true(ds_reason_equal(&one, &other));
}

static void ends_read_well(void **state)
{
    (void)state;
    static const struct {
        int status, number;
        enum ds_reason_code code;
        const char *text;
    } cases[] = {
        {1 << 8, 1, DS_REASON_EXITED, "exited with code 1"},
        {0, 0, DS_REASON_EXITED, "exited with code 0"},
        {127 << 8, 127, DS_REASON_EXITED, "exited with code 127 (a command was not found)"},
        {143 << 8, 143, DS_REASON_EXITED, "exited with code 143 (as after SIGTERM)"},
        {SIGSEGV, SIGSEGV, DS_REASON_SIGNALED, "killed by SIGSEGV"},
        {SIGABRT | 0x80, SIGABRT, DS_REASON_SIGNALED, "killed by SIGABRT (core dumped)"},
    };
    for (size_t i = 0; i < DS_COUNT(cases); i++) {
        struct ds_reason reason = {0};
        ds_exit_reason(&reason, cases[i].status);
        assert_int_equal(reason.code, cases[i].code);
        assert_int_equal(reason.number, cases[i].number);
        assert_string_equal(reason.text, cases[i].text);
        ds_reason_clear(&reason);
    }
}

static void a_launch_is_freed_whole_and_left_empty(void **state)
{
    (void)state;
    struct ds_launch launch = {.executable = ds_strdup("/bin/true"),
                               .folder = ds_strdup("/"),
                               .container_name = ds_strdup("x"),
                               .network = ds_strdup("n"),
                               .url = ds_strdup("http://a"),
                               .user = ds_strdup("u"),
                               .database = ds_strdup("d"),
                               .password = ds_secret_create("geheim", 6)};
    ds_strings_add(&launch.argv, "true");
    ds_variables_set(&launch.environment, "A", "b");
    launch.file_count = launch.mount_count = launch.port_count = 1;
    launch.files = DS_NEW(struct ds_launch_file);
    launch.files->target = ds_strdup("/run/secrets/x");
    launch.files->contents = ds_secret_ref(launch.password);
    launch.mounts = DS_NEW(struct ds_engine_mount);
    launch.mounts->source = ds_strdup("v");
    launch.mounts->target = ds_strdup("/v");
    launch.ports = DS_NEW(struct ds_bound_port);
    launch.ports->name = ds_strdup("");
    ds_launch_finish(&launch);
    static const struct ds_launch empty;
    assert_memory_equal(&launch, &empty, sizeof(empty));
    ds_launch_finish(&launch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(state_names_survive_the_round_trip),
        cmocka_unit_test(every_reason_has_its_own_name),
        cmocka_unit_test(reasons_are_copied_whole),
        cmocka_unit_test(ends_read_well),
        cmocka_unit_test(a_launch_is_freed_whole_and_left_empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
