/* Questions to a snapshot that decide what the view shows and when `up` ends. */
#include "progress.h"

static bool is_blocked(const struct ds_snapshot_service *service)
{
    return service->state == DS_STATE_WAITING &&
           service->reason.code == DS_REASON_DEPENDENCY_FAILED;
}

static bool is_under_way(const struct ds_snapshot_service *service)
{
    switch (service->state) {
    case DS_STATE_WAITING:
        return !is_blocked(service);
    case DS_STATE_PREPARING:
    case DS_STATE_STARTING:
    case DS_STATE_RESTARTING:
        return true;
    case DS_STATE_STOPPED:
    case DS_STATE_RUNNING:
    case DS_STATE_HEALTHY:
    case DS_STATE_UNHEALTHY:
    case DS_STATE_STOPPING:
    case DS_STATE_COMPLETED:
    case DS_STATE_FAILED:
        return false;
    }
    return false;
}

bool snapshot_is_settled(const struct ds_snapshot *snapshot)
{
    switch (snapshot->phase) {
    case DS_STACK_READY:
        return true;
    case DS_STACK_STARTING:
    case DS_STACK_DEGRADED:
        break;
    case DS_STACK_STOPPING:
    case DS_STACK_STOPPED:
        return false;
    }
    if (snapshot->ready_after)
        return true;
    if (!snapshot_has_failed(snapshot))
        return false;
    for (size_t i = 0; i < snapshot->service_count; i++)
        if (is_under_way(&snapshot->services[i]))
            return false;
    return true;
}

/* It ended by itself, but the next change of a file starts it again. */
bool service_may_come_back(const struct ds_snapshot_service *service)
{
    return service->watched && ds_state_is_over(service->state) &&
           service->reason.code != DS_REASON_STOP_REQUESTED &&
           service->reason.code != DS_REASON_NOT_STARTED;
}

bool snapshot_is_over(const struct ds_snapshot *snapshot)
{
    if (!snapshot_is_settled(snapshot))
        return false;
    for (size_t i = 0; i < snapshot->service_count; i++) {
        const struct ds_snapshot_service *service = &snapshot->services[i];
        if (!ds_state_is_over(service->state) && !is_blocked(service))
            return false;
        if (service_may_come_back(service))
            return false;
    }
    return true;
}

bool service_ended_early(const struct ds_snapshot_service *service)
{
    return service->state == DS_STATE_STOPPED && service->reason.code == DS_REASON_EXITED &&
           !service->was_ready;
}

bool snapshot_has_failed(const struct ds_snapshot *snapshot)
{
    for (size_t i = 0; i < snapshot->service_count; i++) {
        const struct ds_snapshot_service *service = &snapshot->services[i];
        bool ended = service->state == DS_STATE_STOPPED && service->reason.code == DS_REASON_EXITED;
        /* What ended by itself before all was ready is what the others lack. */
        if (service->state == DS_STATE_FAILED || service_ended_early(service) ||
            (ended && !snapshot->ready_after))
            return true;
    }
    return false;
}
