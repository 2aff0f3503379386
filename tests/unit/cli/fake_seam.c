/* The few functions of the rooms below that drawing calls, for tests that link nothing of them. */
#include <stdlib.h>

#include "devstack/stack.h"

const char *ds_state_name(enum ds_state state)
{
    static const char *const names[] = {"stopped",  "waiting",   "preparing", "starting",
                                        "running",  "healthy",   "unhealthy", "restarting",
                                        "stopping", "completed", "failed"};
    return names[state];
}

bool ds_state_is_ready(enum ds_state state)
{
    return state == DS_STATE_RUNNING || state == DS_STATE_HEALTHY;
}

bool ds_state_is_over(enum ds_state state)
{
    return state == DS_STATE_STOPPED || state == DS_STATE_COMPLETED || state == DS_STATE_FAILED;
}

void ds_reason_clear(struct ds_reason *reason)
{
    free(reason->text);
    free(reason->subject);
    free(reason->hint);
    *reason = (struct ds_reason){0};
}

struct ds_snapshot *ds_snapshot_ref(struct ds_snapshot *snapshot)
{
    snapshot->references++;
    return snapshot;
}

static void finish_service(struct ds_snapshot_service *service)
{
    free(service->name);
    free(service->kind);
    free(service->url);
    ds_reason_clear(&service->reason);
    ds_strings_finish(&service->depends_on);
    ds_strings_finish(&service->needed_by);
}

void ds_snapshot_unref(struct ds_snapshot *snapshot)
{
    if (!snapshot || --snapshot->references)
        return;
    for (size_t i = 0; i < snapshot->service_count; i++)
        finish_service(&snapshot->services[i]);
    free(snapshot->services);
    free(snapshot->id);
    free(snapshot->name);
    free(snapshot->environment);
    free(snapshot->log_folder);
    free(snapshot);
}
