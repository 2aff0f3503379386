/*
 * A libuv loop for one test: run it until something has happened, and be sure at the end that
 * every handle was closed.
 *
 *   static int setup(void **state)    { return loop_fixture_setup(state); }
 *   ...
 *   struct loop_fixture *fixture = *state;
 *   assert_true(loop_run_until(&fixture->loop, &answered));
 *
 * Register loop_fixture_setup and loop_fixture_teardown with cmocka_unit_test_setup_teardown().
 * Never assert inside a uv callback: a failing assertion jumps out of uv_run(). Note what happened
 * and assert after loop_run_until().
 */
#ifndef TESTS_SUPPORT_LOOP_FIXTURE_H
#define TESTS_SUPPORT_LOOP_FIXTURE_H

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <uv.h>

/* Long enough for a loaded machine; nothing waits for it unless it fails. */
#define LOOP_DEADLINE_MS 20000

struct loop_fixture {
    uv_loop_t loop;
    uv_timer_t deadline; /* does not keep the loop alive */
    bool expired;
    void *data; /* the test's own */
};

static inline void loop_fixture_expire(uv_timer_t *timer)
{
    struct loop_fixture *fixture = timer->data;
    fixture->expired = true;
    uv_stop(&fixture->loop);
}

static inline void loop_fixture_arm(struct loop_fixture *fixture)
{
    fixture->expired = false;
    uv_update_time(&fixture->loop);
    uv_timer_start(&fixture->deadline, loop_fixture_expire, LOOP_DEADLINE_MS, 0);
    uv_unref((uv_handle_t *)&fixture->deadline);
}

static inline int loop_fixture_setup(void **state)
{
    struct loop_fixture *fixture = calloc(1, sizeof(*fixture));
    signal(SIGPIPE, SIG_IGN); /* libuv's writes raise it, and every program here ignores it */
    if (!fixture || uv_loop_init(&fixture->loop) != 0)
        return -1;
    uv_timer_init(&fixture->loop, &fixture->deadline);
    fixture->deadline.data = fixture;
    *state = fixture;
    return 0;
}

/* Runs the loop until *happened. False: it did not within the deadline, or the loop had nothing
 * more to do. */
static inline bool loop_run_until(struct loop_fixture *fixture, const bool *happened)
{
    loop_fixture_arm(fixture);
    while (!*happened && !fixture->expired)
        if (uv_run(&fixture->loop, UV_RUN_ONCE) == 0 && !*happened)
            break;
    uv_timer_stop(&fixture->deadline);
    return *happened;
}

/* Runs the loop until nothing is left to do. False: something stays active. */
static inline bool loop_drain(struct loop_fixture *fixture)
{
    loop_fixture_arm(fixture);
    uv_run(&fixture->loop, UV_RUN_DEFAULT);
    uv_timer_stop(&fixture->deadline);
    return !fixture->expired;
}

/* Fails the test when a handle was left open or something is still under way. */
static inline int loop_fixture_teardown(void **state)
{
    struct loop_fixture *fixture = *state;
    bool drained = loop_drain(fixture);
    uv_close((uv_handle_t *)&fixture->deadline, NULL);
    uv_run(&fixture->loop, UV_RUN_NOWAIT);
    int result = uv_loop_close(&fixture->loop);
    if (!drained || result != 0) {
        fprintf(stderr, "the loop is not empty at the end of the test:\n");
        uv_print_all_handles(&fixture->loop, stderr);
        return -1;
    }
    free(fixture);
    return 0;
}

#endif
