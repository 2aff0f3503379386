/*
 * One look at a service's health, again and again. A probe is made for one start of a service; the
 * prober says when to look and for how long.
 */
#ifndef DEVSTACK_ORCHESTRATOR_SERVICE_PROBE_H
#define DEVSTACK_ORCHESTRATOR_SERVICE_PROBE_H

#include <stdbool.h>
#include <stdint.h>

#include "runner.h"

/* Everything is borrowed for the callback. */
struct ds_probe_answer {
    bool passed;
    bool hopeless;            /* it will never pass in this start, nor in another; needs a code */
    enum ds_reason_code code; /* NONE: nothing more than that it failed */
    const char *text;         /* "HTTP 503", "nothing listens on port 8000" */
    const char *subject, *hint;
    const char *address; /* "127.0.0.1" or "[::1]": where it answered; or NULL */
    bool owner_unknown;
};

struct ds_probe;
struct ds_probe_ops {
    /* Looks once; answers once, possibly from inside. A passive one is told once to begin, and
     * answers by itself whenever it knows more; its first failure after a success counts. */
    void (*look)(struct ds_probe *probe, uint64_t timeout);
    bool passive;
    /* Drops a look: no answer follows. */
    void (*cancel)(struct ds_probe *probe);
    /* Cancels, closes the handles, then calls ds_probe_closed(). */
    void (*close)(struct ds_probe *probe);
};

/* The head of every probe. */
struct ds_probe {
    const struct ds_probe_ops *ops;
    uv_loop_t *loop;
    struct ds_runner *runner; /* borrowed until close() is called */
    uint16_t port;            /* on the host; 0: none */
    void (*answered)(void *data, const struct ds_probe_answer *answer);
    void *data;
    void (*on_closed)(void *data);
    void *closed_data;
    uv_timer_t closer; /* carries the end of a probe without handles of its own */
};

/* The probe that the runner's service asks for, or NULL when there is no health to know. */
struct ds_probe *ds_probe_create(struct ds_runner *runner,
                                 void (*answered)(void *data, const struct ds_probe_answer *answer),
                                 void *data);
/* No answer follows. `on_closed` fires when its memory is gone, never from inside this call. */
void ds_probe_close(struct ds_probe *probe, void (*on_closed)(void *data), void *data);

/* For the kinds of probes: allocation is theirs, the head is filled by ds_probe_create(). */
struct ds_probe *ds_probe_tcp_create(struct ds_runner *runner);
struct ds_probe *ds_probe_http_create(struct ds_runner *runner);
struct ds_probe *ds_probe_exec_create(struct ds_runner *runner);
struct ds_probe *ds_probe_log_create(struct ds_runner *runner);
struct ds_probe *ds_probe_postgres_create(struct ds_runner *runner);
struct ds_probe *ds_probe_redis_create(struct ds_runner *runner);
struct ds_probe *ds_probe_docker_create(struct ds_runner *runner);

/* Says that it passed, or that it failed with a text. */
void ds_probe_pass(struct ds_probe *probe, const char *text, const char *address,
                   bool owner_unknown);
void ds_probe_fail(struct ds_probe *probe, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void ds_probe_answer(struct ds_probe *probe, const struct ds_probe_answer *answer);
/* Says that somebody else has the port. */
void ds_probe_stranger(struct ds_probe *probe, const char *holder);
/* The last act of close(), from the loop: tells and frees the probe's memory. */
void ds_probe_closed(struct ds_probe *probe);
/* The same for a probe without handles of its own: does it in the loop's next turn. */
void ds_probe_close_soon(struct ds_probe *probe);

#endif
