/*
 * The state machine's table. The first row that fits the state, the event and its condition wins;
 * an event without a row changes nothing, which is what makes late and repeated events harmless.
 */
#include "machine.h"

#include "devstack/base/clock.h"
#include "devstack/base/memory.h"

/* Without a health check a start counts as a good one when it has run this long. */
#define PROVED_BY_RUNNING DS_NS_PER_S

enum condition {
    IF_TRUE,
    IF_TASK,    /* it is a task */
    IF_RESTED,  /* the end was asked for */
    IF_AGAIN,   /* the end was asked for in order to start again */
    IF_RETRY,   /* its restart policy wants another start, and it has not failed too often */
    IF_USED_UP, /* its restart policy wants another start, but it has failed too often */
};

enum after_change { KEEP, REST, AGAIN, JUDGE, FAIL };

struct row {
    unsigned from;   /* bits of ds_state */
    unsigned events; /* bits of ds_event */
    enum condition when;
    enum ds_state to;
    unsigned actions;
    enum after_change after;
    bool anew; /* forget failed starts and back-off */
};

#define IN(state)  (1U << DS_STATE_##state)
#define ON(event)  (1U << DS_EVENT_##event)
#define TO(state)  DS_STATE_##state
#define DO(action) DS_ACTION_##action

#define LIVE (IN(PREPARING) | IN(STARTING) | IN(RUNNING) | IN(HEALTHY) | IN(UNHEALTHY))
#define OVER (IN(STOPPED) | IN(COMPLETED) | IN(FAILED))
#define GONE (ON(ENDED) | ON(FAILED) | ON(REFUSED))

static const struct row table[] = {
    /* Wishes. */
    {OVER | IN(WAITING) | IN(RESTARTING), ON(START) | ON(RESTART), IF_TRUE, TO(WAITING), 0, KEEP,
     true},
    {LIVE, ON(RESTART), IF_TRUE, TO(STOPPING), DO(STOP), AGAIN, true},
    {IN(STOPPING), ON(START) | ON(RESTART), IF_TRUE, TO(STOPPING), 0, AGAIN, true},
    {LIVE, ON(STOP), IF_TRUE, TO(STOPPING), DO(STOP), REST, false},
    {IN(STOPPING), ON(STOP), IF_TRUE, TO(STOPPING), 0, REST, false},
    {LIVE | IN(STOPPING), ON(KILL), IF_TRUE, TO(STOPPING), DO(KILL), REST, false},
    {IN(WAITING) | IN(RESTARTING) | IN(FAILED), ON(STOP) | ON(KILL), IF_TRUE, TO(STOPPED), 0, KEEP,
     false},
    /* The way up. */
    {IN(WAITING), ON(RELEASED), IF_TRUE, TO(PREPARING), DO(BEGIN), KEEP, false},
    {IN(PREPARING), ON(SPAWNED), IF_TRUE, TO(STARTING), 0, KEEP, false},
    {IN(STARTING) | IN(UNHEALTHY), ON(READY), IF_TRUE, TO(HEALTHY), 0, KEEP, false},
    {IN(STARTING) | IN(UNHEALTHY), ON(RUNS), IF_TRUE, TO(RUNNING), 0, KEEP, false},
    {IN(RUNNING) | IN(HEALTHY), ON(SICK), IF_TRUE, TO(UNHEALTHY), 0, KEEP, false},
    {IN(STARTING), ON(OVERDUE), IF_TRUE, TO(STOPPING), DO(STOP), JUDGE, false},
    {IN(STARTING), ON(HOPELESS), IF_TRUE, TO(STOPPING), DO(STOP), FAIL, false},
    /* The end, brought about. */
    {IN(STOPPING), GONE, IF_AGAIN, TO(WAITING), 0, KEEP, false},
    {IN(STOPPING), GONE, IF_RESTED, TO(STOPPED), 0, KEEP, false},
    {IN(STOPPING), GONE, IF_RETRY, TO(RESTARTING), 0, KEEP, false},
    {IN(STOPPING), GONE, IF_TRUE, TO(FAILED), 0, KEEP, false},
    /* The end, by itself. */
    {LIVE, ON(ENDED), IF_TASK, TO(COMPLETED), 0, KEEP, false},
    {LIVE, ON(ENDED), IF_RETRY, TO(RESTARTING), 0, KEEP, false},
    {LIVE, ON(ENDED), IF_USED_UP, TO(FAILED), 0, KEEP, false},
    {LIVE, ON(ENDED), IF_TRUE, TO(STOPPED), 0, KEEP, false},
    {LIVE, ON(FAILED), IF_RETRY, TO(RESTARTING), 0, KEEP, false},
    {LIVE, ON(FAILED), IF_TRUE, TO(FAILED), 0, KEEP, false},
    {LIVE, ON(REFUSED), IF_TRUE, TO(FAILED), 0, KEEP, false},
    {IN(RESTARTING), ON(BACKOFF_OVER), IF_TRUE, TO(WAITING), 0, KEEP, false},
};

static bool is_end(enum ds_event event)
{
    return ((1U << event) & GONE) != 0;
}

/* Would the restart policy have it started again after this end? */
static bool wants_restart(const struct ds_machine *machine, const struct ds_machine_rules *rules,
                          enum ds_event event)
{
    if (rules->task || event == DS_EVENT_REFUSED)
        return false;
    if (machine->state == DS_STATE_STOPPING && machine->after_stop == DS_AFTER_STOP_FAIL)
        return false;
    bool badly = event == DS_EVENT_FAILED || machine->state == DS_STATE_STOPPING;
    switch (rules->restart) {
    case DS_RESTART_NO:
        return false;
    case DS_RESTART_ON_FAILURE:
        return badly;
    case DS_RESTART_ALWAYS:
        return true;
    }
    return false;
}

static bool holds(enum condition when, const struct ds_machine *machine,
                  const struct ds_machine_rules *rules, enum ds_event event)
{
    bool used_up = machine->failed_starts >= DS_MACHINE_MAX_FAILED_STARTS;
    switch (when) {
    case IF_TRUE:
        return true;
    case IF_TASK:
        return rules->task;
    case IF_RESTED:
        return machine->after_stop == DS_AFTER_STOP_REST;
    case IF_AGAIN:
        return machine->after_stop == DS_AFTER_STOP_AGAIN;
    case IF_RETRY:
        return wants_restart(machine, rules, event) && !used_up;
    case IF_USED_UP:
        return wants_restart(machine, rules, event) && used_up;
    }
    return false;
}

static const struct row *find_row(const struct ds_machine *machine,
                                  const struct ds_machine_rules *rules, enum ds_event event)
{
    for (size_t i = 0; i < DS_COUNT(table); i++) {
        const struct row *row = &table[i];
        if ((row->from & (1U << machine->state)) && (row->events & (1U << event)) &&
            holds(row->when, machine, rules, event))
            return row;
    }
    return NULL;
}

/* Counts a start that is over: a good one clears the account, a failed one adds to it. */
static void settle(struct ds_machine *machine, const struct ds_machine_rules *rules, uint64_t lived)
{
    if (machine->state == DS_STATE_RUNNING && lived >= PROVED_BY_RUNNING)
        machine->proved = true;
    machine->failed_starts = machine->proved ? 0 : machine->failed_starts + 1;
    /* One that dies right after it was ready still has to wait longer each time. */
    if (lived >= rules->backoff_max)
        machine->backoff = 0;
}

static void grow_backoff(struct ds_machine *machine, const struct ds_machine_rules *rules)
{
    uint64_t next = machine->backoff ? machine->backoff * 2 : rules->backoff_initial;
    machine->backoff = next < rules->backoff_max ? next : rules->backoff_max;
}

static void apply_after(struct ds_machine *machine, enum after_change after)
{
    switch (after) {
    case KEEP:
        break;
    case REST:
        machine->after_stop = DS_AFTER_STOP_REST;
        break;
    case AGAIN:
        machine->after_stop = DS_AFTER_STOP_AGAIN;
        break;
    case JUDGE:
        machine->after_stop = DS_AFTER_STOP_JUDGE;
        break;
    case FAIL:
        machine->after_stop = DS_AFTER_STOP_FAIL;
        break;
    }
}

struct ds_machine_step ds_machine_step(const struct ds_machine *machine,
                                       const struct ds_machine_rules *rules, enum ds_event event,
                                       uint64_t lived)
{
    struct ds_machine_step step = {.next = *machine};
    if (is_end(event))
        settle(&step.next, rules, lived);
    const struct row *row = find_row(&step.next, rules, event);
    if (!row) {
        step.next = *machine;
        return step;
    }
    step.known = true;
    step.actions = row->actions;
    step.gave_up = row->to == DS_STATE_FAILED && holds(IF_USED_UP, &step.next, rules, event);
    apply_after(&step.next, row->after);
    if (row->anew) {
        step.next.failed_starts = 0;
        step.next.backoff = 0;
    }
    if (event == DS_EVENT_READY)
        step.next.proved = true;
    if (row->to == DS_STATE_PREPARING)
        step.next.proved = false;
    if (row->to == DS_STATE_RESTARTING)
        grow_backoff(&step.next, rules);
    step.next.state = row->to;
    return step;
}

const char *ds_event_name(enum ds_event event)
{
    switch (event) {
    case DS_EVENT_START:
        return "start";
    case DS_EVENT_RESTART:
        return "restart";
    case DS_EVENT_STOP:
        return "stop";
    case DS_EVENT_KILL:
        return "kill";
    case DS_EVENT_RELEASED:
        return "released";
    case DS_EVENT_SPAWNED:
        return "spawned";
    case DS_EVENT_READY:
        return "ready";
    case DS_EVENT_RUNS:
        return "runs";
    case DS_EVENT_SICK:
        return "sick";
    case DS_EVENT_OVERDUE:
        return "overdue";
    case DS_EVENT_HOPELESS:
        return "hopeless";
    case DS_EVENT_ENDED:
        return "ended";
    case DS_EVENT_FAILED:
        return "failed";
    case DS_EVENT_REFUSED:
        return "refused";
    case DS_EVENT_BACKOFF_OVER:
        return "backoff_over";
    }
    return "";
}

static const char *condition_name(enum condition when)
{
    switch (when) {
    case IF_TRUE:
        return "";
    case IF_TASK:
        return "task";
    case IF_RESTED:
        return "stop was asked for";
    case IF_AGAIN:
        return "start was asked for";
    case IF_RETRY:
        return "policy restarts it";
    case IF_USED_UP:
        return "failed too often";
    }
    return "";
}

static void append_word(struct ds_text *text, size_t start, const char *word)
{
    if (text->length > start)
        ds_text_append(text, ", ");
    ds_text_append(text, word);
}

static void describe_row(struct ds_text *text, const struct row *row)
{
    for (unsigned i = 0; i < DS_STATE_COUNT; i++)
        if (row->from & (1U << i))
            append_word(text, 0, ds_state_name((enum ds_state)i));
    ds_text_append(text, " | ");
    size_t start = text->length;
    for (unsigned i = 0; i < DS_EVENT_COUNT; i++)
        if (row->events & (1U << i))
            append_word(text, start, ds_event_name((enum ds_event)i));
    ds_text_appendf(text, " | %s | %s | ", condition_name(row->when), ds_state_name(row->to));
    start = text->length;
    if (row->actions & DS_ACTION_BEGIN)
        append_word(text, start, "begin");
    if (row->actions & DS_ACTION_STOP)
        append_word(text, start, "stop it");
    if (row->actions & DS_ACTION_KILL)
        append_word(text, start, "kill it");
    if (row->anew)
        append_word(text, start, "count anew");
}

void ds_machine_describe(struct ds_strings *ret_rows)
{
    for (size_t i = 0; i < DS_COUNT(table); i++) {
        struct ds_text text = {0};
        describe_row(&text, &table[i]);
        ds_strings_take(ret_rows, ds_text_take(&text));
    }
}
