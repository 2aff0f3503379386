/*
 * What runs one start of a service: a process under its supervisor, a container, or nothing at all
 * (external). A runner is made for one start and closed after its end.
 *
 * Its callbacks may fire at any time from its creation to ds_runner_close(), also from inside a
 * call into it; the service's only post to its queue. `ended` fires exactly once, when nothing of
 * the start is left, unless the runner is closed before.
 */
#ifndef DEVSTACK_ORCHESTRATOR_SERVICE_RUNNER_H
#define DEVSTACK_ORCHESTRATOR_SERVICE_RUNNER_H

#include <stdbool.h>
#include <sys/types.h>

#include "devstack/service/service.h"

struct ds_runner_end {
    bool well;    /* code 0 */
    bool refused; /* could not be started, and another try would not help */
    bool has_exit;
    int exit_status; /* as wait(2) gives it */
    struct ds_reason reason;
};

struct ds_runner_events {
    /* What it is doing, while it prepares. */
    void (*noted)(void *data, const struct ds_reason *reason);
    /* It runs: the runner's pid, container and process are set. */
    void (*spawned)(void *data);
    /* The engine went away / is back and the container runs still. */
    void (*interrupted)(void *data, const struct ds_reason *reason);
    void (*resumed)(void *data);
    void (*ended)(void *data, const struct ds_runner_end *end);
    void *data;
};

/* All borrowed for as long as the runner lives. */
struct ds_run {
    const struct ds_service_host *host;
    const struct ds_service_spec *spec;
    const struct ds_launch *launch;
    int64_t began; /* wall clock ns: log entries from then on are this start's */
};

struct ds_runner;
struct ds_runner_ops {
    void (*stop)(struct ds_runner *runner); /* politely, then with force after the grace period */
    void (*kill)(struct ds_runner *runner); /* at once */
    void (*close)(struct ds_runner *runner);
};

/* The head of every runner. */
struct ds_runner {
    const struct ds_runner_ops *ops;
    struct ds_run run;
    struct ds_runner_events events;
    pid_t pid;                          /* 0: not running, not known, or not of this machine */
    char *container;                    /* id, or NULL */
    bool has_docker_health;             /* the container has a HEALTHCHECK, and says: */
    char *docker_health;                /* "starting", "healthy", "unhealthy" */
    void (*health_changed)(void *data); /* set by the probe that follows it, or NULL */
    void *health_data;
    struct ds_child *process; /* whose tree a listener must be in; NULL when there is none */
    bool closing;
    void (*on_closed)(void *data);
    void *closed_data;
};

struct ds_runner *ds_process_runner_start(const struct ds_run *run,
                                          const struct ds_runner_events *events);
struct ds_runner *ds_container_runner_start(const struct ds_run *run,
                                            const struct ds_runner_events *events);
struct ds_runner *ds_external_runner_start(const struct ds_run *run,
                                           const struct ds_runner_events *events);

void ds_runner_stop(struct ds_runner *runner);
void ds_runner_kill(struct ds_runner *runner);
/* Kills what is left; no event fires from here on. `on_closed` fires when its handles are closed
 * and its memory is gone, never from inside this call. */
void ds_runner_close(struct ds_runner *runner, void (*on_closed)(void *data), void *data);

#endif
