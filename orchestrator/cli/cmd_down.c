/* devstack down: the end of a stack, of what a dead run left, and of its volumes when asked. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ask.h"
#include "devstack/base/clock.h"
#include "devstack/base/file.h"
#include "devstack/base/memory.h"
#include "devstack/stack/lease.h"
#include "devstack/stack/start.h"
#include "follow.h"
#include "project.h"
#include "volumes.h"

#define LEASE_WAIT (UINT64_C(3) * DS_NS_PER_S)

static int stop_stack(const struct context *context, const struct project *project)
{
    struct follow_options options = {
        .identity = &project->identity,
        .view =
            {
                .role = VIEW_DOWN,
                .quiet = context_has(context, FLAG_QUIET),
                .terminal = context->terminal,
            },
        .json = context_has(context, FLAG_JSON),
        .stop = true,
    };
    return follow_stack(&options);
}

static bool has_containers(const struct ds_manifest *manifest)
{
    for (size_t i = 0; manifest && i < manifest->service_count; i++)
        if (manifest->services[i].kind == DS_KIND_CONTAINER && !manifest->services[i].disabled)
            return true;
    return false;
}

/* Nobody runs, but something may be there: of a run that died without its guardian, or whose
 * engine was away when it stopped. */
static int sweep_leftovers(const struct project *project)
{
    const struct ds_identity *identity = &project->identity;
    bool containers = has_containers(project->manifest);
    if (!containers && !ds_folder_exists(identity->runtime_folder))
        return DS_OK;
    ds_auto_error struct ds_error err = {0};
    ds_auto_free char *run = ds_random_hex(16);
    int fd;
    if (!ds_lease_take(identity, run, LEASE_WAIT, &fd, &err))
        return report(&err);
    bool swept = ds_sweep_stack(identity, containers, &err);
    ds_lease_give_up(identity, fd);
    return swept ? DS_OK : report(&err);
}

/* What has to be typed: "yes", or the name of a protected environment. */
static bool confirm(const struct context *context, const struct project *project,
                    const struct ds_strings *names, struct ds_error *err)
{
    bool is_protected = project->manifest && project->manifest->is_protected;
    const char *word = is_protected ? project->manifest->environment : "yes";
    fprintf(stderr, "These data volumes and all that is in them will be removed:\n");
    for (size_t i = 0; i < names->count; i++)
        fprintf(stderr, "  %s\n", names->items[i]);
    if (context_has(context, FLAG_YES) && !is_protected)
        return true;
    if (!isatty(STDIN_FILENO)) {
        ds_error_set(err, DS_ERROR_USAGE, "removing volumes needs a terminal to ask on");
        return ds_error_hint(err, is_protected ? "this environment is protected: run it by hand"
                                               : "or say --yes");
    }
    ds_auto_free char *question = ds_printf("Type \"%s\" to remove them: ", word);
    ds_auto_free char *answer = ask_line(question, err);
    if (!answer)
        return false;
    return strcmp(answer, word) == 0 || ds_error_set(err, DS_ERROR_FAILED, "nothing was removed");
}

static int remove_volumes(const struct context *context, const struct project *project)
{
    ds_auto_error struct ds_error err = {0};
    ds_auto_strings struct ds_strings names = {0};
    if (!volumes_list(&context->shell, project->identity.id, &names, &err))
        return report(&err);
    if (!names.count) {
        fprintf(stderr, "%s has no data volumes.\n", project->identity.id);
        return DS_OK;
    }
    if (!confirm(context, project, &names, &err) || !volumes_remove(&context->shell, &names, &err))
        return report(&err);
    for (size_t i = 0; i < names.count; i++)
        fprintf(stderr, "Removed %s\n", names.items[i]);
    return DS_OK;
}

int cmd_down(struct context *context)
{
    struct project project;
    int code = project_identify(context, &project);
    if (code != DS_OK) {
        project_finish(&project);
        return code;
    }
    bool running = ds_lease_is_held(&project.identity, NULL);
    if (running)
        code = stop_stack(context, &project);
    else
        code = sweep_leftovers(&project);
    if (!running && code == DS_OK && !context_has(context, FLAG_JSON))
        printf("%s is not running.\n", project.identity.id);
    if (code == DS_OK && context_has(context, FLAG_VOLUMES))
        code = remove_volumes(context, &project);
    if (code == DS_OK && context_has(context, FLAG_JSON))
        printf("{\"was_running\":%s}\n", running ? "true" : "false");
    project_finish(&project);
    return code;
}
