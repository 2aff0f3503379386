/* Pictures of a stack. */
#include "snapshots.h"

#include <stdlib.h>

struct ds_snapshot *snapshot_new(enum ds_stack_phase phase)
{
    struct ds_snapshot *snapshot = DS_NEW(struct ds_snapshot);
    snapshot->references = 1;
    snapshot->id = ds_strdup("shop-7f3a");
    snapshot->name = ds_strdup("shop");
    snapshot->environment = ds_strdup("local");
    snapshot->log_folder = ds_strdup("/state/logs");
    snapshot->phase = phase;
    return snapshot;
}

struct ds_snapshot_service *snapshot_add(struct ds_snapshot *snapshot, const char *name,
                                         enum ds_state state)
{
    snapshot->services = ds_realloc_array(snapshot->services, snapshot->service_count + 1,
                                          sizeof(*snapshot->services));
    struct ds_snapshot_service *service = &snapshot->services[snapshot->service_count++];
    *service = (struct ds_snapshot_service){
        .name = ds_strdup(name),
        .kind = ds_strdup("run"),
        .state = state,
    };
    return service;
}

void snapshot_make_ready(struct ds_snapshot_service *service, uint64_t ns, const char *url)
{
    service->state = DS_STATE_HEALTHY;
    service->probed = ns;
    service->url = ds_strdup(url);
}

void snapshot_set_reason(struct ds_snapshot_service *service, enum ds_reason_code code,
                         const char *text, const char *subject)
{
    service->reason.code = code;
    service->reason.text = ds_strdup(text);
    service->reason.subject = ds_strdup(subject);
}

struct ds_snapshot *snapshot_of_shop(void)
{
    static const struct {
        const char *name;
        unsigned ms;
        const char *url, *first, *second;
    } services[] = {
        {"db", 410, "postgres://127.0.0.1:5432/shop", NULL, NULL},
        {"mock", 620, "http://127.0.0.1:4010", NULL, NULL},
        {"api", 380, "http://127.0.0.1:8000", "db", "mock"},
        {"frontend", 710, "http://127.0.0.1:5173", NULL, NULL},
        {"gateway", 50, "http://127.0.0.1:8080", "api", "frontend"},
    };
    struct ds_snapshot *snapshot = snapshot_new(DS_STACK_READY);
    snapshot->ready_after = 1100 * MS;
    for (size_t i = 0; i < DS_COUNT(services); i++) {
        struct ds_snapshot_service *service =
            snapshot_add(snapshot, services[i].name, DS_STATE_HEALTHY);
        snapshot_make_ready(service, services[i].ms * MS, services[i].url);
        if (services[i].first)
            ds_strings_add(&service->depends_on, services[i].first);
        if (services[i].second)
            ds_strings_add(&service->depends_on, services[i].second);
    }
    return snapshot;
}
