/* A whole services.yaml, from bytes to the manifest and back out of it. */
#include <stdint.h>
#include <stdlib.h>

#include "devstack/base/memory.h"
#include "devstack/manifest/manifest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ds_faults faults = {0};
    struct ds_manifest *manifest = ds_manifest_parse("services.yaml", "/no/such/folder",
                                                     (const char *)data, size, NULL, &faults);
    if ((manifest == NULL) != (faults.errors > 0))
        abort();
    for (size_t i = 0; i < faults.count; i++)
        free(ds_fault_format(&faults.items[i]));
    if (manifest) {
        free(ds_manifest_dump_json(manifest));
        free(ds_manifest_dump_yaml(manifest));
    }
    ds_manifest_free(manifest);
    ds_faults_finish(&faults);
    return 0;
}
