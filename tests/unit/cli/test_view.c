/* What a person sees from the first picture to the last. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "orchestrator/cli/view.h"
#include "snapshots.h"

static struct view *create(enum view_role role, bool interactive)
{
    struct view_options options = {
        .role = role,
        .terminal = {.interactive = interactive, .utf8 = true, .columns = 80, .rows = 24},
    };
    return view_create(&options);
}

static void show(struct view *view, struct ds_snapshot *snapshot, uint64_t now)
{
    view_snapshot(view, snapshot, now);
    ds_snapshot_unref(snapshot);
}

static void say(struct view *view, const char *service, const char *text)
{
    struct ds_log_entry entry = {.service = service, .text = text, .length = strlen(text)};
    view_log(view, &entry);
}

static void assert_shown(struct view *view, const char *expected)
{
    assert_string_equal(ds_text_string(view_out(view)), expected);
    ds_text_clear(view_out(view));
}

static struct ds_snapshot *one(enum ds_stack_phase phase, enum ds_state state)
{
    struct ds_snapshot *snapshot = snapshot_new(phase);
    snapshot_add(snapshot, "api", state);
    return snapshot;
}

static struct ds_snapshot *one_ready(void)
{
    struct ds_snapshot *snapshot = one(DS_STACK_READY, DS_STATE_HEALTHY);
    snapshot->ready_after = 1100 * MS;
    snapshot_make_ready(&snapshot->services[0], 380 * MS, "http://127.0.0.1:8000");
    return snapshot;
}

static struct ds_snapshot *one_failed(void)
{
    struct ds_snapshot *snapshot = one(DS_STACK_DEGRADED, DS_STATE_FAILED);
    snapshot_set_reason(&snapshot->services[0], DS_REASON_EXITED, NULL, NULL);
    snapshot->services[0].reason.number = 1;
    snapshot->services[0].reason.hint = ds_strdup("look into server.js");
    return snapshot;
}

static void a_block_is_drawn_in_place_until_all_is_ready(void **state)
{
    (void)state;
    struct view *view = create(VIEW_FOREGROUND, true);
    show(view, one(DS_STACK_STARTING, DS_STATE_STARTING), 1000 * MS);
    assert_shown(view, "shop · local · 1 service\n\n\r"
                       "  ⠋ api  starting\033[K\n\033[J");
    say(view, "api", "listening on 8000");
    assert_shown(view, "");
    view_tick(view, 1400 * MS);
    assert_shown(view, "\r\033[1A  ⠙ api  starting     0.40s\033[K\n\033[J");
    show(view, one_ready(), 1500 * MS);
    assert_shown(view, "\r\033[1A\033[J"
                       "  ● api  healthy   0.38s   http://127.0.0.1:8000\n"
                       "\nReady in 1.10s.  Ctrl-C stops everything.\n"
                       "api  │ listening on 8000\n");
    say(view, "api", "GET /\033[2J 200");
    assert_shown(view, "api  │ GET / 200\n");
    view_tick(view, 1600 * MS);
    assert_shown(view, "");
    view_destroy(view);
}

static void stopping_says_what_is_waited_for(void **state)
{
    (void)state;
    struct view *view = create(VIEW_FOREGROUND, true);
    show(view, one_ready(), 1000 * MS);
    ds_text_clear(view_out(view));
    view_stopping(view, 2000 * MS);
    assert_shown(view, "\r⠋ Stopping, waiting for api…  (0.00s)\033[K\n\033[J");
    say(view, "api", "bye");
    assert_shown(view, "\r\033[1A\033[Japi  │ bye\n");
    show(view, one(DS_STACK_STOPPING, DS_STATE_STOPPING), 2500 * MS);
    assert_shown(view, "\r⠋ Stopping, waiting for api…  (0.50s)\033[K\n\033[J");
    view_end(view);
    assert_shown(view, "\r\033[1A\033[J");
    view_destroy(view);
}

static void a_failure_shows_its_last_lines_once(void **state)
{
    (void)state;
    struct view *view = create(VIEW_FOREGROUND, true);
    show(view, one(DS_STACK_STARTING, DS_STATE_STARTING), 1000 * MS);
    say(view, "api", "cannot find server.js");
    ds_text_clear(view_out(view));
    show(view, one_failed(), 1010 * MS);
    assert_shown(view, "\r\033[1A\033[J"
                       "api  ✗ failed: exit 1\n"
                       "api  │ cannot find server.js\n"
                       "  → look into server.js\n"
                       "\n  ✗ api  failed\n"
                       "\nNot ready: api (failed)\n"
                       "All lines are in /state/logs\nCtrl-C stops everything.\n");
    view_destroy(view);
}

static void without_a_terminal_there_are_plain_lines(void **state)
{
    (void)state;
    struct view *view = create(VIEW_FOREGROUND, false);
    show(view, one(DS_STACK_STARTING, DS_STATE_WAITING), 1000 * MS);
    assert_shown(view, "shop · local · 1 service\n\n");
    show(view, one(DS_STACK_STARTING, DS_STATE_STARTING), 1100 * MS);
    assert_shown(view, "api  … starting\n");
    say(view, "api", "listening\r");
    assert_shown(view, "api  │ listening\n");
    show(view, one_ready(), 1500 * MS);
    assert_shown(view, "api  ● healthy in 0.38s  http://127.0.0.1:8000\n"
                       "\nReady in 1.10s.  Ctrl-C stops everything.\n");
    view_stopping(view, 2000 * MS);
    assert_shown(view, "Stopping.\n");
    show(view, one(DS_STACK_STOPPING, DS_STATE_STOPPED), 2500 * MS);
    assert_shown(view, "api  ○ stopped\n");
    view_destroy(view);
}

static void a_detached_start_keeps_logs_for_failures(void **state)
{
    (void)state;
    struct view *view = create(VIEW_DETACHED, false);
    show(view, one(DS_STACK_STARTING, DS_STATE_STARTING), 1000 * MS);
    ds_text_clear(view_out(view));
    say(view, "api", "cannot find server.js");
    assert_shown(view, "");
    show(view, one_failed(), 1010 * MS);
    const char *shown = ds_text_string(view_out(view));
    assert_non_null(strstr(shown, "api  │ cannot find server.js\n  → look into server.js\n"));
    view_destroy(view);
}

static void a_narrower_terminal_is_erased_whole(void **state)
{
    (void)state;
    struct view *view = create(VIEW_FOREGROUND, true);
    struct ds_snapshot *snapshot = one(DS_STACK_STARTING, DS_STATE_STARTING);
    snapshot_set_reason(&snapshot->services[0], DS_REASON_PROBING,
                        "nobody listens on the port 8000 yet", NULL);
    show(view, snapshot, 1000 * MS);
    ds_text_clear(view_out(view));
    /* 61 columns of text take three rows of 25. */
    view_resize(view, 25, 24);
    view_tick(view, 1100 * MS);
    assert_int_equal(strncmp(ds_text_string(view_out(view)), "\r\033[3A", 5), 0);
    view_destroy(view);
}

static void gaps_are_told(void **state)
{
    (void)state;
    struct view *view = create(VIEW_FOREGROUND, false);
    show(view, one_ready(), 1000 * MS);
    ds_text_clear(view_out(view));
    view_gap(view, 12);
    assert_shown(view, "… 12 lines are not shown; all are kept in /state/logs\n");
    view_destroy(view);
}

static void one_that_exits_too_early_is_a_failure(void **state)
{
    (void)state;
    struct view *view = create(VIEW_DETACHED, false);
    show(view, one(DS_STACK_STARTING, DS_STATE_STARTING), 1000 * MS);
    ds_text_clear(view_out(view));
    say(view, "api", "nothing to do");
    struct ds_snapshot *snapshot = one(DS_STACK_DEGRADED, DS_STATE_STOPPED);
    snapshot_set_reason(&snapshot->services[0], DS_REASON_EXITED, "exited with code 0", NULL);
    snapshot->services[0].watched = true;
    show(view, snapshot, 1010 * MS);
    assert_shown(view, "api  ○ stopped: exited with code 0 before it was ready\n"
                       "api  │ nothing to do\n"
                       "  → a change of its files starts it again\n"
                       "\nNot ready: api (stopped)\n"
                       "All lines are in /state/logs\n"
                       "It runs on; stop it with: devstack down\n");
    view_destroy(view);
}

static void a_reason_is_told_once(void **state)
{
    (void)state;
    struct view *view = create(VIEW_DETACHED, false);
    show(view, one(DS_STACK_STARTING, DS_STATE_STARTING), 1000 * MS);
    ds_text_clear(view_out(view));
    static const enum ds_state states[] = {DS_STATE_STOPPING, DS_STATE_FAILED};
    for (size_t i = 0; i < 2; i++) {
        struct ds_snapshot *snapshot =
            one(states[i] == DS_STATE_FAILED ? DS_STACK_DEGRADED : DS_STACK_STARTING, states[i]);
        snapshot_set_reason(&snapshot->services[0], DS_REASON_START_TIMEOUT, "not ready within 1s",
                            NULL);
        show(view, snapshot, 1100 * MS);
    }
    assert_shown(view, "api  … stopping\n"
                       "api  ✗ failed: not ready within 1s\n"
                       "\nNot ready: api (failed)\n"
                       "All lines are in /state/logs\n"
                       "It runs on; stop it with: devstack down\n");
    view_destroy(view);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_block_is_drawn_in_place_until_all_is_ready),
        cmocka_unit_test(stopping_says_what_is_waited_for),
        cmocka_unit_test(a_failure_shows_its_last_lines_once),
        cmocka_unit_test(without_a_terminal_there_are_plain_lines),
        cmocka_unit_test(a_detached_start_keeps_logs_for_failures),
        cmocka_unit_test(a_narrower_terminal_is_erased_whole),
        cmocka_unit_test(gaps_are_told),
        cmocka_unit_test(one_that_exits_too_early_is_a_failure),
        cmocka_unit_test(a_reason_is_told_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
