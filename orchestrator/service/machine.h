/*
 * The life of a service as a pure state machine: a state and an event give the next state and what
 * is to be done. No clock, no handles, no service: service.c owns those and steps this.
 *
 * The table in machine.c is the whole of it; docs/architecture.md shows the same table, and a test
 * compares the two.
 */
#ifndef DEVSTACK_ORCHESTRATOR_SERVICE_MACHINE_H
#define DEVSTACK_ORCHESTRATOR_SERVICE_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "devstack/base/text.h"
#include "devstack/manifest/manifest.h"
#include "devstack/service/state.h"

enum ds_event {
    DS_EVENT_START,        /* wished for */
    DS_EVENT_RESTART,      /* wished for: end it and start it again */
    DS_EVENT_STOP,         /* wished for */
    DS_EVENT_KILL,         /* wished for: no grace */
    DS_EVENT_RELEASED,     /* its dependencies are there */
    DS_EVENT_SPAWNED,      /* its process or container runs */
    DS_EVENT_READY,        /* its health check passes */
    DS_EVENT_RUNS,         /* it runs and there is no health to know */
    DS_EVENT_SICK,         /* its health check failed for good, after it had passed */
    DS_EVENT_OVERDUE,      /* its start timeout is over */
    DS_EVENT_HOPELESS,     /* its health check says that it can never pass */
    DS_EVENT_ENDED,        /* ended with code 0 */
    DS_EVENT_FAILED,       /* ended otherwise, or its start failed in a way that may pass */
    DS_EVENT_REFUSED,      /* cannot be started at all: trying again would not help */
    DS_EVENT_BACKOFF_OVER, /* the next start is due */
};
#define DS_EVENT_COUNT 15

enum ds_action {
    DS_ACTION_BEGIN = 1 << 0, /* have the runner start it */
    DS_ACTION_STOP = 1 << 1,  /* have the runner end it politely */
    DS_ACTION_KILL = 1 << 2,  /* have the runner end it at once */
};

/* What an end that was brought about means. */
enum ds_after_stop {
    DS_AFTER_STOP_REST,  /* it was asked to stop */
    DS_AFTER_STOP_AGAIN, /* it starts once more */
    DS_AFTER_STOP_JUDGE, /* its start took too long: a failed start */
    DS_AFTER_STOP_FAIL,  /* another start would not help */
};

struct ds_machine {
    enum ds_state state;
    enum ds_after_stop after_stop;
    bool proved;            /* this start has become ready */
    unsigned failed_starts; /* in a row that never became ready */
    uint64_t backoff;       /* ns to wait in `restarting` */
};

struct ds_machine_rules {
    bool task;
    enum ds_restart restart;
    uint64_t backoff_initial, backoff_max; /* ns */
};

#define DS_MACHINE_MAX_FAILED_STARTS 10

struct ds_machine_step {
    struct ds_machine next;
    unsigned actions; /* of enum ds_action */
    bool known;       /* the table has a row for it; otherwise the event changes nothing */
    bool gave_up;     /* it would be started again, but too many starts in a row failed */
};

/* `lived`: ns for which it was ready, for the events that end it; 0 otherwise. */
struct ds_machine_step ds_machine_step(const struct ds_machine *machine,
                                       const struct ds_machine_rules *rules, enum ds_event event,
                                       uint64_t lived);

const char *ds_event_name(enum ds_event event); /* "backoff_over" */

/* The table, one row a line: "from, from | event, event | when | to | actions". */
void ds_machine_describe(struct ds_strings *ret_rows);

#endif
