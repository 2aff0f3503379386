/* Names of states and reasons, and the life of a reason. */
#include "devstack/service/state.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "devstack/base/memory.h"
#include "devstack/base/text.h"

const char *ds_state_name(enum ds_state state)
{
    switch (state) {
    case DS_STATE_STOPPED:
        return "stopped";
    case DS_STATE_WAITING:
        return "waiting";
    case DS_STATE_PREPARING:
        return "preparing";
    case DS_STATE_STARTING:
        return "starting";
    case DS_STATE_RUNNING:
        return "running";
    case DS_STATE_HEALTHY:
        return "healthy";
    case DS_STATE_UNHEALTHY:
        return "unhealthy";
    case DS_STATE_RESTARTING:
        return "restarting";
    case DS_STATE_STOPPING:
        return "stopping";
    case DS_STATE_COMPLETED:
        return "completed";
    case DS_STATE_FAILED:
        return "failed";
    }
    return "";
}

bool ds_state_parse(const char *name, enum ds_state *ret_state)
{
    for (int i = 0; i < DS_STATE_COUNT; i++) {
        if (!strcmp(name, ds_state_name((enum ds_state)i))) {
            *ret_state = (enum ds_state)i;
            return true;
        }
    }
    return false;
}

bool ds_state_is_ready(enum ds_state state)
{
    return state == DS_STATE_RUNNING || state == DS_STATE_HEALTHY;
}

bool ds_state_is_over(enum ds_state state)
{
    return state == DS_STATE_STOPPED || state == DS_STATE_COMPLETED || state == DS_STATE_FAILED;
}

const char *ds_reason_name(enum ds_reason_code code)
{
    switch (code) {
    case DS_REASON_NONE:
        return "none";
    case DS_REASON_NOT_STARTED:
        return "not_started";
    case DS_REASON_DEPENDENCY:
        return "dependency";
    case DS_REASON_DEPENDENCY_FAILED:
        return "dependency_failed";
    case DS_REASON_PULLING:
        return "pulling";
    case DS_REASON_CREATING:
        return "creating";
    case DS_REASON_PROBING:
        return "probing";
    case DS_REASON_PROBE_FAILED:
        return "probe_failed";
    case DS_REASON_START_TIMEOUT:
        return "start_timeout";
    case DS_REASON_LOGIN:
        return "login";
    case DS_REASON_EXITED:
        return "exited";
    case DS_REASON_SIGNALED:
        return "signaled";
    case DS_REASON_OUT_OF_MEMORY:
        return "out_of_memory";
    case DS_REASON_LEFT_BEHIND:
        return "left_behind";
    case DS_REASON_COMMAND_NOT_FOUND:
        return "command_not_found";
    case DS_REASON_SPAWN_FAILED:
        return "spawn_failed";
    case DS_REASON_PORT_STRANGER:
        return "port_stranger";
    case DS_REASON_PORT_TAKEN:
        return "port_taken";
    case DS_REASON_DAEMONIZED:
        return "daemonized";
    case DS_REASON_IMAGE:
        return "image";
    case DS_REASON_ENGINE:
        return "engine";
    case DS_REASON_LAUNCH:
        return "launch";
    case DS_REASON_LOST:
        return "lost";
    case DS_REASON_STOP_REQUESTED:
        return "stop_requested";
    case DS_REASON_GAVE_UP:
        return "gave_up";
    }
    return "";
}

void ds_reason_clear(struct ds_reason *reason)
{
    free(reason->text);
    free(reason->subject);
    free(reason->hint);
    *reason = (struct ds_reason){0};
}

void ds_reason_copy(struct ds_reason *to, const struct ds_reason *from)
{
    if (to == from)
        return;
    struct ds_reason copy = *from;
    copy.text = ds_strdup(from->text);
    copy.subject = ds_strdup(from->subject);
    copy.hint = ds_strdup(from->hint);
    ds_reason_clear(to);
    *to = copy;
}

void ds_reason_set(struct ds_reason *reason, enum ds_reason_code code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *text = ds_vprintf(format, args);
    va_end(args);
    ds_reason_clear(reason);
    reason->code = code;
    reason->text = text;
}

bool ds_reason_equal(const struct ds_reason *a, const struct ds_reason *b)
{
    return a->code == b->code && a->number == b->number && a->done == b->done &&
           a->total == b->total && ds_string_equal(a->text, b->text) &&
           ds_string_equal(a->subject, b->subject) && ds_string_equal(a->hint, b->hint);
}
