/* The project a verb works on. */
#include "project.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "devstack/base/file.h"
#include "devstack/base/memory.h"
#include "devstack/environment/environment.h"

enum { FILE_LIMIT = 16 * 1024 * 1024 };

void project_finish(struct project *project)
{
    free(project->file);
    ds_manifest_free(project->manifest);
    ds_identity_finish(&project->identity);
}

char *project_find(const struct context *context, struct ds_error *err)
{
    const char *named = context->arguments.values[FLAG_FILE];
    char *path = NULL;
    if (!named) {
        if (!ds_manifest_find(".", &path, err))
            return NULL;
        named = path;
    }
    char *absolute = realpath(named, NULL);
    if (!absolute)
        ds_error_set_errno(err, DS_ERROR_INVALID, errno, "cannot open %s", named);
    free(path);
    return absolute;
}

const char *project_environment(const struct context *context)
{
    const char *name = context->arguments.values[FLAG_ENVIRONMENT];
    if (!name)
        name = ds_variables_get(&context->shell, "DEVSTACK_ENV");
    return name && *name ? name : NULL;
}

static void print_faults(const struct context *context, struct ds_faults *faults)
{
    ds_faults_sort(faults);
    for (size_t i = 0; i < faults->count; i++) {
        if (faults->items[i].warning && context_has(context, FLAG_QUIET))
            continue;
        ds_auto_free char *line = ds_fault_format(&faults->items[i]);
        fprintf(stderr, "%s\n", line);
    }
}

/* Loads; faults are told when `tell`. */
static int load(const struct context *context, struct project *project, bool tell)
{
    ds_auto_error struct ds_error err = {0};
    project->file = project_find(context, &err);
    if (!project->file)
        return report(&err);
    project->environment = project_environment(context);
    struct ds_faults faults = {0};
    project->manifest =
        ds_environment_load_manifest(project->file, project->environment, &context->shell, &faults);
    if (tell)
        print_faults(context, &faults);
    ds_faults_finish(&faults);
    return project->manifest ? DS_OK : DS_ERROR_INVALID;
}

static int identify(const struct context *context, struct project *project, const char *name)
{
    ds_auto_error struct ds_error err = {0};
    ds_auto_free char *folder = ds_path_folder(project->file);
    if (!ds_identity_make(name, project->environment ? project->environment : "local", folder,
                          context->arguments.values[FLAG_INSTANCE], &context->shell,
                          &project->identity, &err))
        return report(&err);
    return DS_OK;
}

int project_open(const struct context *context, struct project *ret_project)
{
    *ret_project = (struct project){0};
    int code = load(context, ret_project, true);
    return code ? code : identify(context, ret_project, ret_project->manifest->name);
}

/* The value of the top-level `name:` of a file that need not be valid otherwise. */
static char *scan_name(const char *text)
{
    for (const char *line = text; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, "name:", 5) != 0)
            continue;
        const char *at = line + 5 + strspn(line + 5, " \t\"'");
        size_t length = strspn(at, "abcdefghijklmnopqrstuvwxyz0123456789-");
        return length ? ds_strndup(at, length) : NULL;
    }
    return NULL;
}

int project_identify(const struct context *context, struct project *ret_project)
{
    *ret_project = (struct project){0};
    int code = load(context, ret_project, false);
    if (code == DS_OK)
        return identify(context, ret_project, ret_project->manifest->name);
    if (!ret_project->file)
        return code;
    ds_auto_error struct ds_error err = {0};
    ds_auto_free char *text = NULL;
    size_t length;
    if (!ds_file_read(ret_project->file, FILE_LIMIT, &text, &length, &err))
        return report(&err);
    ds_auto_free char *name = scan_name(text);
    if (!name) {
        ds_error_set(&err, DS_ERROR_INVALID, "%s has no name:", ret_project->file);
        return report(&err);
    }
    return identify(context, ret_project, name);
}
