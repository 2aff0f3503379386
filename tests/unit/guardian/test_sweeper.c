/*
 * The sweeper runs when the orchestrator is gone without a word, and at no other time.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "devstack/base/memory.h"
#include "devstack/base/secret.h"
#include "tests/support/guardian_fixture.h"

static char *make_folder(void)
{
    char *folder = ds_strdup("/tmp/devstack-test-XXXXXX");
    assert_non_null(mkdtemp(folder));
    return folder;
}

/* An orchestrator with one service, that ends by itself (cleanly, but without a dismissal). */
static void run_and_leave(struct fixture *fixture)
{
    fixture_open_pipes(fixture);
    pid_t pid = fork();
    if (pid == 0) {
        struct told told;
        fixture_start(fixture);
        fixture_spawn(fixture, "stubborn", "", &told);
        _exit(fixture_run_until(fixture, &told.spawned) ? 0 : 1);
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    assert_true(fixture_nobody_left(fixture));
}

static void sweeps_when_the_orchestrator_exits(void **state)
{
    (void)state;
    ds_auto_free char *folder = make_folder();
    ds_auto_free char *swept = ds_printf("%s/swept", folder);
    struct fixture fixture = {.sweeper_argv = {"devstack", "serve", "sweep", swept}};
    run_and_leave(&fixture);
    assert_true(fixture_guardian_finished(&fixture));
    assert_int_equal(unlink(swept), 0);
    fixture_close_pipes(&fixture);
    assert_int_equal(rmdir(folder), 0);
}

static void dismissal_does_not_sweep(void **state)
{
    (void)state;
    ds_auto_free char *folder = make_folder();
    ds_auto_free char *swept = ds_printf("%s/swept", folder);
    struct fixture fixture = {.sweeper_argv = {"devstack", "serve", "sweep", swept}};
    struct told told;
    fixture_open(&fixture);
    fixture_spawn(&fixture, "stay", "", &told);
    assert_true(fixture_run_until(&fixture, &told.spawned));
    fixture_close(&fixture);
    assert_int_equal(rmdir(folder), 0);
}

/* It is not waited for longer than the lease may last, and does not outlive it. */
static void hanging_sweeper_is_ended(void **state)
{
    (void)state;
    ds_auto_free char *marker = ds_random_hex(16);
    struct fixture fixture = {.sweeper_argv = {"devstack", "serve", "stubborn", marker}};
    run_and_leave(&fixture);
    assert_int_equal(fixture_count_marked(marker), 1);
    assert_true(fixture_guardian_finished(&fixture));
    uint64_t deadline = uv_hrtime() + UINT64_C(20000000000);
    while (fixture_count_marked(marker) > 0)
        assert_true(uv_hrtime() < deadline);
    fixture_close_pipes(&fixture);
}

int main(int argc, char **argv)
{
    fixture_serve(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sweeps_when_the_orchestrator_exits),
        cmocka_unit_test(dismissal_does_not_sweep),
        cmocka_unit_test(hanging_sweeper_is_ended),
    };
    return cmocka_run_group_tests_name("sweeper", tests, NULL, NULL);
}
