/* devstack schema: the JSON Schema of services.yaml, for editors. */
#include "verb.h"

#include "devstack/base/memory.h"
#include "devstack/manifest/manifest.h"

int cmd_schema(struct context *context)
{
    (void)context;
    ds_auto_free char *schema = ds_manifest_schema();
    fputs(schema, stdout);
    if (!ds_string_ends(schema, "\n"))
        putchar('\n');
    return DS_OK;
}
