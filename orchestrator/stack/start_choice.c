/* Which services a start is for: the client asks for their secrets, preflight checks them, the
 * orchestrator starts them. */
#include "devstack/stack/start.h"
#include "order.h"

void ds_start_choose(const struct ds_manifest *manifest, const struct ds_strings *services,
                     bool no_dependencies, bool *wanted)
{
    for (size_t i = 0; i < manifest->service_count; i++) {
        const struct ds_service_spec *spec = &manifest->services[i];
        bool chosen = services->count ? ds_strings_contain(services, spec->name) : spec->autostart;
        if (!chosen || spec->disabled)
            continue;
        if (services->count && no_dependencies)
            wanted[i] = true;
        else
            order_want(manifest, i, wanted);
    }
}
