/*
 * The container runner's insides: container_runner.c has its life, container_prepare.c the way to a
 * started container.
 */
#ifndef DEVSTACK_ORCHESTRATOR_SERVICE_CONTAINER_H
#define DEVSTACK_ORCHESTRATOR_SERVICE_CONTAINER_H

#include "devstack/base/memory.h"
#include "runner.h"

struct container_runner {
    struct ds_runner base;
    struct ds_engine *engine;
    struct ds_engine_call *call;   /* the step under way; one at a time */
    bool pulling;                  /* that step is a pull, which may be dropped */
    struct ds_engine_call *events; /* for Docker's HEALTHCHECK */
    struct ds_engine_call *wait, *follow;
    struct ds_log_stream *logs[2];
    uv_timer_t quiet; /* until waiting output is shown */
    uv_timer_t timer; /* grace of a stop; pause before the engine is asked again; end of output */
    int open;         /* handles */
    /* The way up. */
    bool pulled, cleared;
    uint64_t progress_told; /* the loop's ms */
    size_t next_volume, next_file;
    bool shared, unshared; /* secret files are mounted; they were refused as mounts */
    /* Running. */
    bool running, away;              /* away: the engine does not answer */
    struct ds_log_position position; /* up to which output was read */
    char *stop_signal;               /* the image's own, or NULL */
    /* The end. */
    bool stop_asked, kill_asked, grace_over;
    bool exited, removing, told;
    bool autopsied; /* looked at after it was killed, and not known yet why */
    int exit_code;
    bool refused;
    struct ds_reason reason;
};

/* container_prepare.c: from nothing to a started container; ends in one of the three below. */
void container_prepare(struct container_runner *runner);

/* container_files.c: secret files. Fills `mounts` (room for the launch's files) and gives their
 * number; 0: they go as archives. */
size_t container_files_share(struct container_runner *runner, struct ds_engine_mount *mounts);
/* Frees what _share() put into the mounts. */
void container_files_forget(struct ds_engine_mount *mounts, size_t count);
/* The container is gone: so are its files. */
void container_files_remove(const struct container_runner *runner);

/* container_runner.c */
void container_started(struct container_runner *runner);
/* It could not be started; what was made of it is removed. */
void container_failed(struct container_runner *runner, bool refused, enum ds_reason_code code,
                      const struct ds_error *error);
/* True when it is not wanted any more, and its removal is under way: to be asked after every step.
 */
bool container_unwanted(struct container_runner *runner);

#endif
