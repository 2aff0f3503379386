/* devstack config: the resolved file, masked. */
#include "project.h"

#include <string.h>

#include "devstack/base/memory.h"

int cmd_config(struct context *context)
{
    const char *format = context->arguments.values[FLAG_FORMAT];
    bool json = context_has(context, FLAG_JSON) || (format && strcmp(format, "json") == 0);
    if (format && strcmp(format, "json") != 0 && strcmp(format, "yaml") != 0) {
        ds_auto_error struct ds_error err = {0};
        ds_error_set(&err, DS_ERROR_USAGE, "--format is yaml or json, not \"%s\"", format);
        return report(&err);
    }
    struct project project;
    int code = project_open(context, &project);
    if (code == DS_OK) {
        ds_auto_free char *text = json ? ds_manifest_dump_json(project.manifest)
                                       : ds_manifest_dump_yaml(project.manifest);
        fputs(text, stdout);
        if (!ds_string_ends(text, "\n"))
            putchar('\n');
    }
    project_finish(&project);
    return code;
}
