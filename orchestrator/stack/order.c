/* Order: dependencies looked at from both ends. */
#include "order.h"

#include <string.h>

bool order_has_failed(const struct ds_service_status *status)
{
    return status->state == DS_STATE_FAILED ||
           (status->state == DS_STATE_STOPPED && status->reason.code == DS_REASON_EXITED);
}

static bool failed(const struct ds_service_status *status)
{
    return order_has_failed(status) || (status->state == DS_STATE_WAITING &&
                                        status->reason.code == DS_REASON_DEPENDENCY_FAILED);
}

static bool met(enum ds_condition condition, const struct ds_service_spec *spec,
                const struct ds_service_status *status)
{
    switch (condition) {
    case DS_CONDITION_READY:
        return spec->kind == DS_KIND_TASK ? status->state == DS_STATE_COMPLETED
                                          : ds_state_is_ready(status->state);
    case DS_CONDITION_STARTED:
        return ds_state_is_ready(status->state) || status->state == DS_STATE_UNHEALTHY ||
               status->state == DS_STATE_COMPLETED ||
               (status->state == DS_STATE_STARTING && status->times.spawned > 0);
    case DS_CONDITION_HEALTHY:
        return ds_state_is_ready(status->state);
    case DS_CONDITION_COMPLETED:
        return status->state == DS_STATE_COMPLETED;
    }
    return false;
}

enum dependency_view order_dependency(enum ds_condition condition,
                                      const struct ds_service_spec *spec,
                                      const struct ds_service_status *status)
{
    if (met(condition, spec, status))
        return DEPENDENCY_MET;
    return failed(status) ? DEPENDENCY_FAILED : DEPENDENCY_PENDING;
}

int order_index(const struct ds_manifest *manifest, const char *name)
{
    for (size_t i = 0; i < manifest->service_count; i++)
        if (strcmp(manifest->services[i].name, name) == 0)
            return (int)i;
    return -1;
}

void order_want(const struct ds_manifest *manifest, size_t index, bool *wanted)
{
    const struct ds_service_spec *spec = &manifest->services[index];
    if (wanted[index] || spec->disabled)
        return;
    wanted[index] = true;
    for (size_t i = 0; i < spec->depends_on_count; i++) {
        int dependency = order_index(manifest, spec->depends_on[i].service);
        if (dependency >= 0)
            order_want(manifest, (size_t)dependency, wanted);
    }
}

bool order_depends(const struct ds_service_spec *spec, const char *on)
{
    for (size_t i = 0; i < spec->depends_on_count; i++)
        if (strcmp(spec->depends_on[i].service, on) == 0)
            return true;
    return false;
}

bool order_is_needed(const struct ds_manifest *manifest, size_t index, const bool *over)
{
    const char *name = manifest->services[index].name;
    for (size_t i = 0; i < manifest->service_count; i++)
        if (order_depends(&manifest->services[i], name) &&
            (!over[i] || order_is_needed(manifest, i, over)))
            return true;
    return false;
}
