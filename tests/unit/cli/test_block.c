/* The block of services at several widths and in several states. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>

#include "orchestrator/cli/block.h"
#include "snapshots.h"

static const struct palette unicode = {.utf8 = true};

static void assert_block(struct ds_snapshot *snapshot, const struct block_options *options,
                         const char *expected)
{
    ds_auto_strings struct ds_strings lines = {0};
    block_render(snapshot, options, &lines);
    ds_auto_free char *text = ds_strings_join(&lines, "\n");
    for (size_t i = 0; i < lines.count; i++)
        assert_true(ds_terminal_width(lines.items[i]) <= options->columns);
    ds_snapshot_unref(snapshot);
    assert_string_equal(text, expected);
}

static void shows_a_ready_stack(void **state)
{
    (void)state;
    struct block_options options = {.palette = &unicode, .columns = 160};
    assert_block(snapshot_of_shop(), &options,
                 "  ● db        healthy   0.41s   postgres://127.0.0.1:5432/shop\n"
                 "  ● mock      healthy   0.62s   http://127.0.0.1:4010\n"
                 "  ● api       healthy   0.38s   http://127.0.0.1:8000   after db, mock\n"
                 "  ● frontend  healthy   0.71s   http://127.0.0.1:5173\n"
                 "  ● gateway   healthy   0.05s   http://127.0.0.1:8080   after api, frontend");
}

static void cuts_what_does_not_fit(void **state)
{
    (void)state;
    struct block_options options = {.palette = &unicode, .columns = 60};
    assert_block(snapshot_of_shop(), &options,
                 "  ● db        healthy   0.41s   postgres://127.0.0.1:5432/s…\n"
                 "  ● mock      healthy   0.62s   http://127.0.0.1:4010\n"
                 "  ● api       healthy   0.38s   http://127.0.0.1:8000   aft…\n"
                 "  ● frontend  healthy   0.71s   http://127.0.0.1:5173\n"
                 "  ● gateway   healthy   0.05s   http://127.0.0.1:8080   aft…");
}

static struct ds_snapshot *halfway(void)
{
    struct ds_snapshot *snapshot = snapshot_new(DS_STACK_STARTING);
    struct ds_snapshot_service *db = snapshot_add(snapshot, "db", DS_STATE_PREPARING);
    snapshot_set_reason(db, DS_REASON_PULLING, NULL, "postgres:17");
    db->reason.done = 45200000;
    db->reason.total = 152000000;
    struct ds_snapshot_service *api = snapshot_add(snapshot, "api", DS_STATE_WAITING);
    snapshot_set_reason(api, DS_REASON_DEPENDENCY, NULL, "db");
    struct ds_snapshot_service *mock = snapshot_add(snapshot, "mock", DS_STATE_STARTING);
    snapshot_set_reason(mock, DS_REASON_PROBING, "nobody listens on 4010 yet", NULL);
    struct ds_snapshot_service *web = snapshot_add(snapshot, "frontend", DS_STATE_FAILED);
    snapshot_set_reason(web, DS_REASON_EXITED, NULL, NULL);
    web->reason.number = 3;
    snapshot_make_ready(snapshot_add(snapshot, "gateway", DS_STATE_HEALTHY), 50 * MS, NULL);
    return snapshot;
}

static void shows_pulls_probes_waits_and_failures(void **state)
{
    (void)state;
    const uint64_t elapsed[] = {12300 * MS, 0, 400 * MS, 0, 0};
    struct block_options wide = {.palette = &unicode, .columns = 159, .elapsed = elapsed};
    assert_block(halfway(), &wide,
                 "  ⠋ db        preparing    12.3s   pulling postgres:17  "
                 "45.2/152 MB  ████░░░░░░░░░░░░\n"
                 "  ○ api       waiting              for db\n"
                 "  ⠋ mock      starting     0.40s   nobody listens on 4010 yet\n"
                 "  ✗ frontend  failed\n"
                 "  ● gateway   healthy      0.05s");
    struct block_options narrow = {.palette = &unicode, .columns = 79, .elapsed = elapsed};
    assert_block(halfway(), &narrow,
                 "  ⠋ db        preparing    12.3s   pulling postgres:17  "
                 "45.2/152 MB  ████░░░░░…\n"
                 "  ○ api       waiting              for db\n"
                 "  ⠋ mock      starting     0.40s   nobody listens on 4010 yet\n"
                 "  ✗ frontend  failed\n"
                 "  ● gateway   healthy      0.05s");
}

static void speaks_ascii_where_the_terminal_does(void **state)
{
    (void)state;
    const struct palette ascii = {0};
    struct block_options options = {.palette = &ascii, .columns = 50, .frame = 1};
    assert_block(halfway(), &options,
                 "  / db        preparing            pulling postgr~\n"
                 "  o api       waiting              for db\n"
                 "  / mock      starting             nobody listens~\n"
                 "  x frontend  failed\n"
                 "  * gateway   healthy      0.05s");
}

static void gives_the_rows_to_what_needs_attention(void **state)
{
    (void)state;
    struct block_options options = {.palette = &unicode, .columns = 79, .lines = 3};
    assert_block(halfway(), &options,
                 "  ⠋ db        preparing            pulling postgres:17  "
                 "45.2/152 MB  ████░░░░░…\n"
                 "  ✗ frontend  failed\n"
                 "  … 3 more: 1 waiting, 1 starting, 1 healthy");
}

static void lets_no_service_move_the_cursor(void **state)
{
    (void)state;
    struct ds_snapshot *snapshot = snapshot_new(DS_STACK_STARTING);
    snapshot_set_reason(snapshot_add(snapshot, "api", DS_STATE_STARTING), DS_REASON_PROBING,
                        "\033[2J\033]0;title\abad\nanswer", NULL);
    struct block_options options = {.palette = &unicode, .columns = 79};
    assert_block(snapshot, &options, "  ⠋ api  starting             badanswer");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shows_a_ready_stack),
        cmocka_unit_test(cuts_what_does_not_fit),
        cmocka_unit_test(shows_pulls_probes_waits_and_failures),
        cmocka_unit_test(speaks_ascii_where_the_terminal_does),
        cmocka_unit_test(gives_the_rows_to_what_needs_attention),
        cmocka_unit_test(lets_no_service_move_the_cursor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
