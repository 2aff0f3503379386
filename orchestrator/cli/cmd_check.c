/* devstack check: validation alone. */
#include "project.h"

#include <jansson.h>
#include <stdlib.h>

#include "devstack/base/file.h"
#include "devstack/base/memory.h"
#include "devstack/environment/environment.h"

static json_t *fault_json(const struct ds_fault *fault)
{
    json_t *object =
        json_pack("{s:s, s:s?, s:i, s:i, s:s, s:s?}", "severity",
                  fault->warning ? "warning" : "error", "file", fault->file, "line", fault->line,
                  "column", fault->column, "message", fault->message, "hint", fault->hint);
    return object ? object : json_object();
}

/* One document on stdout: {"valid": …, "faults": […]}. */
static int check_json(struct context *context)
{
    ds_auto_error struct ds_error err = {0};
    ds_auto_free char *file = project_find(context, &err);
    if (!file)
        return report(&err);
    struct ds_faults faults = {0};
    struct ds_manifest *manifest =
        ds_environment_load_manifest(file, project_environment(context), &context->shell, &faults);
    ds_faults_sort(&faults);
    json_t *list = json_array();
    for (size_t i = 0; i < faults.count; i++)
        json_array_append_new(list, fault_json(&faults.items[i]));
    json_t *answer = json_pack("{s:b, s:o}", "valid", manifest != NULL, "faults", list);
    char *text = json_dumps(answer, JSON_INDENT(2));
    puts(text);
    free(text);
    json_decref(answer);
    int code = manifest ? DS_OK : DS_ERROR_INVALID;
    ds_manifest_free(manifest);
    ds_faults_finish(&faults);
    return code;
}

static size_t enabled_services(const struct ds_manifest *manifest)
{
    size_t count = 0;
    for (size_t i = 0; i < manifest->service_count; i++)
        count += !manifest->services[i].disabled;
    return count;
}

int cmd_check(struct context *context)
{
    if (context_has(context, FLAG_JSON))
        return check_json(context);
    struct project project;
    int code = project_open(context, &project);
    if (code == DS_OK) {
        size_t count = enabled_services(project.manifest);
        printf("%s: ok (%zu service%s)\n", ds_path_name(project.file), count,
               count == 1 ? "" : "s");
    }
    project_finish(&project);
    return code;
}
