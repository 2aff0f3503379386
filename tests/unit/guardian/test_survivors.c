/*
 * Nothing left behind: the orchestrator, a supervisor or the guardian is killed in the middle of
 * services that do all they can to stay.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "devstack/base/memory.h"
#include "devstack/base/secret.h"
#include "orchestrator/loop/guardian_internal.h"
#include "tests/support/guardian_fixture.h"

static const struct {
    const char *behaviour, *argument;
} mix[] = {
    {"stay", ""},   {"stubborn", ""}, {"escape", "stay"}, {"escape", "leave"}, {"family", ""},
    {"daemon", ""}, {"runner", ""},   {"exit", "3"},      {"stubborn", ""},    {"polite", ""},
};

enum { SERVICES = 20 };

static void spawn_mix(struct fixture *fixture, const char *marker, struct told *told)
{
    fixture->marker = marker;
    for (size_t i = 0; i < SERVICES; i++)
        fixture_spawn(fixture, mix[i % DS_COUNT(mix)].behaviour, mix[i % DS_COUNT(mix)].argument,
                      &told[i]);
}

/* The orchestrator of these tests, in a process of its own: starts all and goes on for ever. */
static _Noreturn void orchestrate(struct fixture *fixture, const char *marker)
{
    struct told told[SERVICES];
    bool never = false;
    spawn_mix(fixture, marker, told);
    for (;;)
        fixture_run_until(fixture, &never);
}

static pid_t fork_orchestrator(struct fixture *fixture, const char *marker)
{
    pid_t pid = fork();
    if (pid > 0)
        return pid;
    close(fixture->witness[0]);
    close(fixture->lease[0]);
    close(fixture->output[0]);
    fixture_start(fixture);
    /* From here on the guardian has its own copy of the lease, and ours goes with us. */
    orchestrate(fixture, marker);
}

static void pause_ms(long ms)
{
    struct timespec time = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    nanosleep(&time, NULL);
}

static char *make_folder(void)
{
    char *folder = ds_strdup("/tmp/devstack-test-XXXXXX");
    assert_non_null(mkdtemp(folder));
    return folder;
}

/* The moment of each round is another one, from before the first spawn to when all run. */
static void orchestrator_is_killed(void **state)
{
    (void)state;
    enum { ROUNDS = 12 };
    ds_auto_free char *folder = make_folder();
    for (long round = 0; round < ROUNDS; round++) {
        struct fixture fixture = {0};
        ds_auto_free char *marker = ds_random_hex(16);
        ds_auto_free char *swept = ds_printf("%s/%ld", folder, round);
        const char *sweeper[] = {"devstack", "serve", "sweep", swept, marker};
        memcpy(fixture.sweeper_argv, sweeper, sizeof(sweeper));
        fixture_open_pipes(&fixture);
        pid_t orchestrator = fork_orchestrator(&fixture, marker);
        assert_true(orchestrator > 0);
        if (round == ROUNDS - 1) /* one in which everything certainly runs */
            for (int i = 0; i < SERVICES; i++)
                assert_true(fixture_read_pid(&fixture) > 0);
        else
            pause_ms(20 + round * 5);
        kill(orchestrator, SIGKILL);
        assert_int_equal(waitpid(orchestrator, NULL, 0), orchestrator);
        assert_true(fixture_nobody_left(&fixture));
        assert_true(fixture_guardian_finished(&fixture));
        assert_int_equal(fixture_count_marked(marker), 0);
        assert_int_equal(unlink(swept), 0); /* the sweeper ran to its end before the lease ended */
        fixture_close_pipes(&fixture);
    }
    assert_int_equal(rmdir(folder), 0);
}

static void stopped_supervisors_are_no_refuge(void **state)
{
    (void)state;
    struct fixture fixture = {0};
    struct told told;
    fixture_open(&fixture);
    fixture_spawn(&fixture, "escape", "stay", &told);
    assert_true(fixture_run_until(&fixture, &told.spawned));
    assert_true(fixture_read_pid(&fixture) > 0);
    assert_int_equal(kill(told.child->supervisor, SIGSTOP), 0);
    fixture_close(&fixture);
}

static void terminal_signals_do_not_reach_them(void **state)
{
    (void)state;
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGPIPE, SIGALRM};
    struct fixture fixture = {0};
    struct told told;
    fixture_open(&fixture);
    fixture_spawn(&fixture, "stay", "", &told);
    assert_true(fixture_run_until(&fixture, &told.spawned));
    pid_t guardian = fixture.guardian->pid;
    pid_t supervisor = told.child->supervisor;
    assert_int_equal(getsid(guardian), guardian);
    assert_int_equal(getsid(supervisor), supervisor);
    for (size_t i = 0; i < DS_COUNT(signals); i++) {
        assert_int_equal(kill(guardian, signals[i]), 0);
        assert_int_equal(kill(supervisor, signals[i]), 0);
    }
    /* Both still do their work. */
    struct told second;
    fixture_spawn(&fixture, "exit", "0", &second);
    assert_true(fixture_run_until(&fixture, &second.emptied));
    ds_child_kill(told.child);
    assert_true(fixture_run_until(&fixture, &told.emptied));
    assert_false(fixture.guardian_lost);
    fixture_close(&fixture);
}

static void supervisor_is_killed(void **state)
{
    (void)state;
    static const char *const kinds[] = {"stay", "leave"};
    for (size_t round = 0; round < 10; round++) {
        struct fixture fixture = {0};
        struct told told, other;
        fixture_open(&fixture);
        fixture_spawn(&fixture, "escape", kinds[round % 2], &told);
        pid_t escaped = fixture_read_pid(&fixture);
        assert_true(escaped > 0);
        fixture_spawn(&fixture, "stubborn", "", &other);
        assert_true(fixture_run_until(&fixture, &other.spawned));
        assert_true(fixture_run_until(&fixture, &told.spawned));
        assert_int_equal(kill(told.child->supervisor, SIGKILL), 0);
        assert_true(fixture_run_until(&fixture, &told.lost));
        assert_int_equal(kill(escaped, 0), -1); /* gone when it is told */
        assert_false(told.emptied);
        assert_int_equal(told.child->supervisor, 0);
        assert_int_equal(kill(other.pid, 0), 0); /* others go on */
        assert_int_equal(other.events, 1);
        ds_child_kill(other.child);
        assert_true(fixture_run_until(&fixture, &other.emptied));
        fixture_close(&fixture);
    }
}

static void guardian_is_killed(void **state)
{
    (void)state;
    struct fixture fixture = {0};
    struct told told[SERVICES];
    fixture_open(&fixture);
    spawn_mix(&fixture, "", told);
    for (size_t i = 0; i < SERVICES; i++)
        assert_true(fixture_run_until(&fixture, &told[i].spawned));
    assert_int_equal(kill(fixture.guardian->pid, SIGKILL), 0);
    assert_true(fixture_run_until(&fixture, &fixture.guardian_lost));
    assert_int_equal(fixture.guardian->pid, 0);
    for (size_t i = 0; i < SERVICES; i++) {
        assert_true(fixture_run_until(&fixture, &told[i].emptied));
        assert_true(told[i].exited);
    }
    const char *argv[] = {"/bin/true", NULL};
    struct told late;
    struct ds_error err = {0};
    assert_false(fixture_spawn_raw(&fixture, &(struct ds_spawn){.argv = argv}, &late, &err));
    assert_non_null(strstr(err.message, "guardian"));
    ds_error_clear(&err);
    fixture_close(&fixture);
}

static void guardian_and_supervisor_are_killed(void **state)
{
    (void)state;
    struct fixture fixture = {0};
    struct told told;
    fixture_open(&fixture);
    fixture_spawn(&fixture, "stubborn", "", &told);
    assert_true(fixture_run_until(&fixture, &told.spawned));
    assert_int_equal(kill(fixture.guardian->pid, SIGKILL), 0);
    kill(told.child->supervisor, SIGKILL);
    assert_true(fixture_run_until(&fixture, &fixture.guardian_lost));
    assert_true(fixture_run_until(&fixture, &told.lost));
    fixture_close(&fixture);
}

static void many_at_once(void **state)
{
    (void)state;
    enum { MANY = 200 };
    struct fixture fixture = {0};
    struct told *told = ds_alloc(MANY * sizeof(*told));
    fixture_open(&fixture);
    for (size_t i = 0; i < MANY; i++)
        fixture_spawn(&fixture, "stay", "", &told[i]);
    for (size_t i = 0; i < MANY; i++)
        assert_true(fixture_run_until(&fixture, &told[i].spawned));
    for (size_t i = 0; i < MANY; i++)
        ds_child_kill(told[i].child);
    for (size_t i = 0; i < MANY; i++) {
        assert_true(fixture_run_until(&fixture, &told[i].emptied));
        ds_child_release(told[i].child);
    }
    fixture_close(&fixture);
    free(told);
}

int main(int argc, char **argv)
{
    fixture_serve(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(orchestrator_is_killed),
        cmocka_unit_test(stopped_supervisors_are_no_refuge),
        cmocka_unit_test(terminal_signals_do_not_reach_them),
        cmocka_unit_test(supervisor_is_killed),
        cmocka_unit_test(guardian_is_killed),
        cmocka_unit_test(guardian_and_supervisor_are_killed),
        cmocka_unit_test(many_at_once),
    };
    return cmocka_run_group_tests_name("survivors", tests, NULL, NULL);
}
