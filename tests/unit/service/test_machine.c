/* The state machine: its documented table, its policies, and what no order of events may break. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "devstack/base/clock.h"
#include "devstack/base/file.h"
#include "devstack/base/memory.h"
#include "orchestrator/service/machine.h"

static const struct ds_machine_rules on_failure = {.restart = DS_RESTART_ON_FAILURE,
                                                   .backoff_initial = 100 * DS_NS_PER_MS,
                                                   .backoff_max = 10 * DS_NS_PER_S};

static unsigned feed(struct ds_machine *machine, const struct ds_machine_rules *rules,
                     enum ds_event event, uint64_t lived)
{
    struct ds_machine_step step = ds_machine_step(machine, rules, event, lived);
    *machine = step.next;
    return step.actions;
}

static void go_up(struct ds_machine *machine, const struct ds_machine_rules *rules, bool ready)
{
    if (machine->state == DS_STATE_RESTARTING)
        feed(machine, rules, DS_EVENT_BACKOFF_OVER, 0);
    else
        feed(machine, rules, DS_EVENT_START, 0);
    assert_int_equal(machine->state, DS_STATE_WAITING);
    assert_int_equal(feed(machine, rules, DS_EVENT_RELEASED, 0), DS_ACTION_BEGIN);
    feed(machine, rules, DS_EVENT_SPAWNED, 0);
    assert_int_equal(machine->state, DS_STATE_STARTING);
    if (ready)
        feed(machine, rules, DS_EVENT_READY, 0);
}

/* The rows of the table between the two markers in the documentation, spaces squeezed. */
static void read_documented(struct ds_strings *rows)
{
    char *text = NULL;
    assert_true(ds_file_read(DOCUMENT, 1 << 20, &text, NULL, NULL));
    char *start = strstr(text, "<!-- transitions -->");
    char *end = start ? strstr(start, "<!-- end of transitions -->") : NULL;
    assert_non_null(end);
    *end = '\0';
    char *save = NULL;
    int line_number = 0;
    for (char *line = strtok_r(start, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
        if (line[0] != '|' || ++line_number <= 2)
            continue; /* the heading and the line below it */
        struct ds_text row = {0};
        for (const char *p = line + 1; *p; p++)
            if (*p != '`' && !(*p == ' ' && (row.length == 0 || row.data[row.length - 1] == ' ')))
                ds_text_append_char(&row, *p);
        while (row.length && strchr(" |", row.data[row.length - 1]))
            row.data[--row.length] = '\0';
        ds_strings_take(rows, ds_text_take(&row));
    }
    free(text);
}

static void the_documented_table_is_the_machines(void **state)
{
    (void)state;
    ds_auto_strings struct ds_strings documented = {0};
    ds_auto_strings struct ds_strings built = {0};
    read_documented(&documented);
    ds_machine_describe(&built);
    assert_int_equal(documented.count, built.count);
    for (size_t i = 0; i < built.count; i++) {
        struct ds_text row = {0};
        for (const char *p = built.items[i]; *p; p++)
            if (!(*p == ' ' && row.length && row.data[row.length - 1] == ' '))
                ds_text_append_char(&row, *p);
        while (row.length && strchr(" |", row.data[row.length - 1]))
            row.data[--row.length] = '\0';
        assert_string_equal(documented.items[i], row.data);
        ds_text_finish(&row);
    }
}

static void a_failing_start_backs_off_and_gives_up(void **state)
{
    (void)state;
    struct ds_machine machine = {.state = DS_STATE_STOPPED};
    uint64_t expected = 100 * DS_NS_PER_MS;
    for (int i = 1; i < DS_MACHINE_MAX_FAILED_STARTS; i++) {
        go_up(&machine, &on_failure, false);
        feed(&machine, &on_failure, DS_EVENT_FAILED, 0);
        assert_int_equal(machine.state, DS_STATE_RESTARTING);
        assert_int_equal(machine.backoff, expected);
        expected = expected * 2 < on_failure.backoff_max ? expected * 2 : on_failure.backoff_max;
    }
    go_up(&machine, &on_failure, false);
    struct ds_machine_step step = ds_machine_step(&machine, &on_failure, DS_EVENT_FAILED, 0);
    assert_int_equal(step.next.state, DS_STATE_FAILED);
    assert_true(step.gave_up);
    machine = step.next;
    go_up(&machine, &on_failure, false); /* a start by hand begins anew */
    feed(&machine, &on_failure, DS_EVENT_FAILED, 0);
    assert_int_equal(machine.state, DS_STATE_RESTARTING);
    assert_int_equal(machine.failed_starts, 1);
}

static void a_ready_start_clears_the_count_but_not_at_once_the_backoff(void **state)
{
    (void)state;
    struct ds_machine machine = {.state = DS_STATE_STOPPED};
    for (int i = 0; i < 3; i++) {
        go_up(&machine, &on_failure, true);
        assert_int_equal(machine.state, DS_STATE_HEALTHY);
        feed(&machine, &on_failure, DS_EVENT_FAILED, DS_NS_PER_MS);
        assert_int_equal(machine.failed_starts, 0);
    }
    assert_int_equal(machine.backoff, 400 * DS_NS_PER_MS);
    go_up(&machine, &on_failure, true);
    feed(&machine, &on_failure, DS_EVENT_FAILED, on_failure.backoff_max);
    assert_int_equal(machine.backoff, on_failure.backoff_initial);
}

static void without_health_only_a_life_of_some_length_counts(void **state)
{
    (void)state;
    struct ds_machine machine = {.state = DS_STATE_STOPPED};
    go_up(&machine, &on_failure, false);
    feed(&machine, &on_failure, DS_EVENT_RUNS, 0);
    assert_int_equal(machine.state, DS_STATE_RUNNING);
    feed(&machine, &on_failure, DS_EVENT_FAILED, DS_NS_PER_MS);
    assert_int_equal(machine.failed_starts, 1);
    go_up(&machine, &on_failure, false);
    feed(&machine, &on_failure, DS_EVENT_RUNS, 0);
    feed(&machine, &on_failure, DS_EVENT_FAILED, 2 * DS_NS_PER_S);
    assert_int_equal(machine.failed_starts, 0);
}

static enum ds_state end_with(struct ds_machine_rules rules, enum ds_event event)
{
    struct ds_machine machine = {.state = DS_STATE_STOPPED};
    go_up(&machine, &rules, !rules.task);
    feed(&machine, &rules, event, DS_NS_PER_S);
    return machine.state;
}

static void policies_decide_about_ends(void **state)
{
    (void)state;
    struct ds_machine_rules never = on_failure, always = on_failure, task = on_failure;
    never.restart = DS_RESTART_NO;
    always.restart = DS_RESTART_ALWAYS;
    task.task = true;
    assert_int_equal(end_with(never, DS_EVENT_ENDED), DS_STATE_STOPPED);
    assert_int_equal(end_with(never, DS_EVENT_FAILED), DS_STATE_FAILED);
    assert_int_equal(end_with(on_failure, DS_EVENT_ENDED), DS_STATE_STOPPED);
    assert_int_equal(end_with(on_failure, DS_EVENT_FAILED), DS_STATE_RESTARTING);
    assert_int_equal(end_with(always, DS_EVENT_ENDED), DS_STATE_RESTARTING);
    assert_int_equal(end_with(always, DS_EVENT_FAILED), DS_STATE_RESTARTING);
    assert_int_equal(end_with(always, DS_EVENT_REFUSED), DS_STATE_FAILED);
    assert_int_equal(end_with(task, DS_EVENT_ENDED), DS_STATE_COMPLETED);
    assert_int_equal(end_with(task, DS_EVENT_FAILED), DS_STATE_FAILED);
}

static void an_overdue_start_is_a_failed_start(void **state)
{
    (void)state;
    struct ds_machine machine = {.state = DS_STATE_STOPPED};
    go_up(&machine, &on_failure, false);
    assert_int_equal(feed(&machine, &on_failure, DS_EVENT_OVERDUE, 0), DS_ACTION_STOP);
    assert_int_equal(machine.state, DS_STATE_STOPPING);
    feed(&machine, &on_failure, DS_EVENT_ENDED, 0); /* it obeyed and exited 0 */
    assert_int_equal(machine.state, DS_STATE_RESTARTING);
    assert_int_equal(machine.failed_starts, 1);
}

static void wishes_while_stopping_are_kept(void **state)
{
    (void)state;
    struct ds_machine machine = {.state = DS_STATE_STOPPED};
    go_up(&machine, &on_failure, true);
    assert_int_equal(feed(&machine, &on_failure, DS_EVENT_STOP, 0), DS_ACTION_STOP);
    assert_int_equal(feed(&machine, &on_failure, DS_EVENT_STOP, 0), 0);
    assert_int_equal(feed(&machine, &on_failure, DS_EVENT_START, 0), 0);
    assert_int_equal(feed(&machine, &on_failure, DS_EVENT_KILL, 0), DS_ACTION_KILL);
    assert_int_equal(feed(&machine, &on_failure, DS_EVENT_START, 0), 0);
    feed(&machine, &on_failure, DS_EVENT_FAILED, 0);
    assert_int_equal(machine.state, DS_STATE_WAITING);
    assert_int_equal(feed(&machine, &on_failure, DS_EVENT_STOP, 0), 0);
    assert_int_equal(machine.state, DS_STATE_STOPPED);
}

static void a_completed_task_stays_completed(void **state)
{
    (void)state;
    struct ds_machine machine = {.state = DS_STATE_COMPLETED};
    struct ds_machine_rules task = on_failure;
    task.task = true;
    feed(&machine, &task, DS_EVENT_STOP, 0);
    assert_int_equal(machine.state, DS_STATE_COMPLETED);
    feed(&machine, &task, DS_EVENT_START, 0);
    assert_int_equal(machine.state, DS_STATE_WAITING);
}

/* A runner that tells the truth in any order and at any time; and what must hold all the while. */
struct world {
    struct ds_machine machine;
    struct ds_machine_rules rules;
    bool present; /* something of it is there */
    bool wanted;  /* the last wish */
};

static void check_world(const struct world *world)
{
    enum ds_state state = world->machine.state;
    bool should_be_there =
        state != DS_STATE_WAITING && state != DS_STATE_RESTARTING && !ds_state_is_over(state);
    assert_int_equal(world->present, should_be_there);
    if (!world->wanted && world->present)
        assert_int_equal(state, DS_STATE_STOPPING);
    if (!world->wanted)
        assert_true(state == DS_STATE_STOPPING || ds_state_is_over(state));
    assert_true(world->machine.failed_starts <= DS_MACHINE_MAX_FAILED_STARTS);
    if (state == DS_STATE_RESTARTING)
        assert_in_range(world->machine.backoff, world->rules.backoff_initial,
                        world->rules.backoff_max);
}

static void happen(struct world *world, enum ds_event event)
{
    if (event == DS_EVENT_START || event == DS_EVENT_RESTART)
        world->wanted = true;
    if (event == DS_EVENT_STOP || event == DS_EVENT_KILL)
        world->wanted = false;
    bool was_present = world->present;
    if (event == DS_EVENT_ENDED || event == DS_EVENT_FAILED || event == DS_EVENT_REFUSED) {
        if (!was_present)
            return; /* a runner that is not there tells nothing */
        world->present = false;
    }
    unsigned actions = feed(&world->machine, &world->rules, event, (uint64_t)rand());
    if (actions & DS_ACTION_BEGIN) {
        assert_false(was_present); /* never two at once */
        world->present = true;
    }
    if (actions & (DS_ACTION_STOP | DS_ACTION_KILL))
        assert_true(was_present);
    check_world(world);
}

static void no_order_of_events_breaks_it(void **state)
{
    (void)state;
    for (unsigned seed = 1; seed <= 200; seed++) {
        srand(seed);
        print_message("# seed %u\n", seed);
        struct world world = {.machine = {.state = DS_STATE_STOPPED}, .rules = on_failure};
        world.rules.restart = (enum ds_restart)(rand() % 3);
        world.rules.task = rand() % 4 == 0;
        for (int i = 0; i < 2000; i++)
            happen(&world, (enum ds_event)(rand() % DS_EVENT_COUNT));
        happen(&world,
               DS_EVENT_START); /* never wedged: it can be ended and started from anywhere */
        happen(&world, DS_EVENT_STOP);
        happen(&world, DS_EVENT_FAILED);
        assert_true(ds_state_is_over(world.machine.state));
        happen(&world, DS_EVENT_START);
        happen(&world, DS_EVENT_RELEASED);
        assert_true(world.present);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_documented_table_is_the_machines),
        cmocka_unit_test(a_failing_start_backs_off_and_gives_up),
        cmocka_unit_test(a_ready_start_clears_the_count_but_not_at_once_the_backoff),
        cmocka_unit_test(without_health_only_a_life_of_some_length_counts),
        cmocka_unit_test(policies_decide_about_ends),
        cmocka_unit_test(an_overdue_start_is_a_failed_start),
        cmocka_unit_test(wishes_while_stopping_are_kept),
        cmocka_unit_test(a_completed_task_stays_completed),
        cmocka_unit_test(no_order_of_events_breaks_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
