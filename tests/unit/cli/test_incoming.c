/* Log events of the stream, as the view shows them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "orchestrator/cli/incoming.h"
#include "snapshots.h"

static struct view *create(void)
{
    struct view_options options = {
        .role = VIEW_ATTACHED,
        .terminal = {.utf8 = true, .columns = 80, .rows = 24},
    };
    struct view *view = view_create(&options);
    struct ds_snapshot *snapshot = snapshot_of_shop();
    view_snapshot(view, snapshot, MS);
    ds_snapshot_unref(snapshot);
    ds_text_clear(view_out(view));
    return view;
}

static void take(struct view *view, const char *json)
{
    incoming_log(view, json, strlen(json));
}

static void lines_are_shown_with_their_service(void **state)
{
    (void)state;
    struct view *view = create();
    take(view, "{\"seq\":1,\"service\":\"api\",\"stream\":\"stdout\",\"text\":\"up\"}");
    take(view, "{\"service\":\"db\",\"stream\":\"system\",\"text\":\"a\\u0000b\"}");
    assert_string_equal(ds_text_string(view_out(view)), "api       │ up\ndb        │ ab\n");
    view_destroy(view);
}

static void what_cannot_be_read_is_left_out(void **state)
{
    (void)state;
    struct view *view = create();
    take(view, "{\"service\":\"api\"");
    take(view, "[]");
    take(view, "{\"service\":1,\"stream\":\"stdout\",\"text\":\"x\"}");
    incoming_gap(view, "{}", 2);
    assert_int_equal(view_out(view)->length, 0);
    view_destroy(view);
}

static void gaps_are_counted(void **state)
{
    (void)state;
    struct view *view = create();
    incoming_gap(view, "{\"skipped\":7}", 13);
    assert_non_null(strstr(ds_text_string(view_out(view)), "7 lines are not shown"));
    view_destroy(view);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_shown_with_their_service),
        cmocka_unit_test(what_cannot_be_read_is_left_out),
        cmocka_unit_test(gaps_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
