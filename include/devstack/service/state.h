/*
 * The states of a service and the reasons beside them.
 *
 *   waiting → preparing → starting → healthy ⇄ unhealthy → stopping → stopped
 *   and restarting (back-off), completed (a task), failed (gave up), running (no health to know)
 *
 * A state is never the whole answer: a reason says why it is so.
 */
#ifndef DEVSTACK_SERVICE_STATE_H
#define DEVSTACK_SERVICE_STATE_H

#include <stdbool.h>
#include <stdint.h>

enum ds_state {
    DS_STATE_STOPPED,    /* not wanted, or ended when asked to */
    DS_STATE_WAITING,    /* for its dependencies */
    DS_STATE_PREPARING,  /* image, files, container being made */
    DS_STATE_STARTING,   /* spawned; not ready yet */
    DS_STATE_RUNNING,    /* ready: it has no health to know */
    DS_STATE_HEALTHY,    /* ready */
    DS_STATE_UNHEALTHY,  /* was ready, its check fails */
    DS_STATE_RESTARTING, /* ended; the next start is due after a back-off */
    DS_STATE_STOPPING,   /* asked to end */
    DS_STATE_COMPLETED,  /* a task that exited 0 */
    DS_STATE_FAILED,     /* gave up */
};
#define DS_STATE_COUNT 11

const char *ds_state_name(enum ds_state state); /* "healthy" */
bool ds_state_parse(const char *name, enum ds_state *ret_state);
/* running, healthy: what a dependent waits for (completed for a task). */
bool ds_state_is_ready(enum ds_state state);
/* stopped, completed, failed: nothing of it is there. */
bool ds_state_is_over(enum ds_state state);

enum ds_reason_code {
    DS_REASON_NONE,
    DS_REASON_NOT_STARTED,       /* nobody asked for it */
    DS_REASON_DEPENDENCY,        /* waits for `subject` */
    DS_REASON_DEPENDENCY_FAILED, /* `subject` failed for good */
    DS_REASON_PULLING,           /* image; bytes in done/total */
    DS_REASON_CREATING,
    DS_REASON_PROBING,       /* not ready yet; `text` holds the last answer */
    DS_REASON_PROBE_FAILED,  /* was ready; `text` holds the last answer */
    DS_REASON_START_TIMEOUT, /* never became ready */
    DS_REASON_LOGIN,         /* its server refuses our login for good */
    DS_REASON_EXITED,        /* exit code in `number` */
    DS_REASON_SIGNALED,      /* signal in `number` */
    DS_REASON_OUT_OF_MEMORY,
    DS_REASON_LEFT_BEHIND,       /* stopped, but its container could not be removed */
    DS_REASON_COMMAND_NOT_FOUND, /* `subject` is the command */
    DS_REASON_SPAWN_FAILED,
    DS_REASON_PORT_STRANGER, /* somebody else listens; `subject` names it */
    DS_REASON_PORT_TAKEN,    /* an engine's or our own bind failed */
    DS_REASON_DAEMONIZED,    /* its first process ended and left the listener behind */
    DS_REASON_IMAGE,         /* cannot be had */
    DS_REASON_ENGINE,        /* the engine failed or went away */
    DS_REASON_LAUNCH,        /* its command, environment or files could not be made */
    DS_REASON_LOST,          /* its supervisor was killed */
    DS_REASON_STOP_REQUESTED,
    DS_REASON_GAVE_UP, /* `number` starts in a row never became ready; `text` has the last cause */
};
#define DS_REASON_COUNT 24

const char *ds_reason_name(enum ds_reason_code code); /* "dependency_failed" */

struct ds_reason {
    enum ds_reason_code code;
    char *text;    /* a sentence for people, masked; may be NULL */
    char *subject; /* service, command, holder of the port; or NULL */
    char *hint;    /* what to do, or NULL */
    int number;
    uint64_t done, total; /* bytes, while pulling */
};

void ds_reason_clear(struct ds_reason *reason);
void ds_reason_copy(struct ds_reason *to, const struct ds_reason *from);
/* Replaces what was there by a code and a text. */
void ds_reason_set(struct ds_reason *reason, enum ds_reason_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
bool ds_reason_equal(const struct ds_reason *a, const struct ds_reason *b);

#endif
