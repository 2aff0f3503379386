/*
 * A service's insides, shared by service.c (life, queue, wishes), stepping.c (what events do) and
 * start.c (launch, runner and prober of one start).
 */
#ifndef DEVSTACK_ORCHESTRATOR_SERVICE_INTERNAL_H
#define DEVSTACK_ORCHESTRATOR_SERVICE_INTERNAL_H

#include "devstack/base/memory.h"
#include "devstack/service/service.h"
#include "machine.h"
#include "prober.h"
#include "runner.h"

/* What a callback leaves in the queue. */
struct ds_post {
    enum {
        DS_POST_EVENT,   /* for the machine; the reason goes with it */
        DS_POST_NOTE,    /* a reason for the state it is in */
        DS_POST_ANSWER,  /* of a probe */
        DS_POST_RESUMED, /* the engine is back */
    } kind;
    unsigned start; /* the number of the start it is about; 0: the service as a whole */
    enum ds_event event;
    struct ds_reason reason;
    bool has_exit;
    int exit_status;
    /* Of an answer: */
    enum ds_verdict verdict;
    bool passed, hopeless, owner_unknown;
    const char *address; /* static */
    uint64_t took;
};

/* One start; the service has at most one, and several more may be closing. */
struct ds_start {
    struct ds_service *service;
    unsigned number;
    struct ds_launch launch;
    struct ds_runner *runner;
    struct ds_prober *prober;
    int open; /* runner and probers that are not closed yet */
    bool closing;
};

struct ds_service {
    struct ds_service_host host;
    const struct ds_service_spec *spec;
    struct ds_machine machine;
    struct ds_machine_rules rules;
    struct ds_service_status status;
    char *container, *last_probe; /* what status points to */
    char *probe_text;             /* the last answer without its time */
    DS_VEC(struct ds_post) queue;
    bool draining, dirty;
    uv_timer_t drain;    /* due at once when something was posted */
    uv_timer_t deadline; /* the back-off's or the start's end */
    struct ds_start *start;
    unsigned start_number;
    bool automatic; /* nobody asked for the coming start */
    int open;       /* handles and starts that are not closed yet */
    bool closing;
    void (*on_closed)(void *data);
    void *closed_data;
};

/* service.c: queues a post (moved); the one way for callbacks to say anything. */
void ds_service_post(struct ds_service *service, struct ds_post *post);
void ds_service_post_event(struct ds_service *service, enum ds_event event, unsigned start);
/* One thing that the service waits for before it frees itself has gone. */
void ds_service_part_closed(struct ds_service *service);

/* stepping.c: does what a post says. */
void ds_service_handle(struct ds_service *service, struct ds_post *post);
/* The deadline of the state it is in has passed. */
void ds_service_deadline(uv_timer_t *timer);

/* start.c */
struct ds_start *ds_start_create(struct ds_service *service, unsigned number);
/* Fills the launch and makes the runner; posts REFUSED when it cannot. */
void ds_start_begin(struct ds_start *start);
/* False: there is no health to know. */
bool ds_start_probe(struct ds_start *start);
void ds_start_stop_probing(struct ds_start *start);
/* Kills what is left; frees itself later. NULL is fine. */
void ds_start_close(struct ds_start *start);

#endif
