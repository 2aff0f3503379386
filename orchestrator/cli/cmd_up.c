/* devstack up: everything checked, secrets resolved, an orchestrator started, then followed. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ask.h"
#include "devstack/base/clock.h"
#include "devstack/base/memory.h"
#include "devstack/secrets/resolve.h"
#include "devstack/stack/lease.h"
#include "devstack/stack/preflight.h"
#include "follow.h"
#include "launch.h"
#include "problems.h"
#include "project.h"

/* For the end of a stack that is stopping: its services say how long that may take. */
#define LONGEST_WAIT (UINT64_C(24) * 3600 * DS_NS_PER_S)

static bool parse_timeout(const struct context *context, uint64_t *ret_ns, struct ds_error *err)
{
    const char *text = context->arguments.values[FLAG_TIMEOUT];
    *ret_ns = 0;
    if (!text || ds_duration_parse(text, ret_ns, err))
        return true;
    if (err)
        err->code = DS_ERROR_USAGE;
    return ds_error_prefix(err, "--timeout");
}

static bool check_services(const struct context *context, const struct ds_manifest *manifest,
                           struct ds_error *err)
{
    const struct ds_strings *words = &context->arguments.words;
    for (size_t i = 0; i < words->count; i++) {
        const struct ds_service_spec *spec = ds_manifest_service(manifest, words->items[i]);
        if (spec && !spec->disabled)
            continue;
        if (spec)
            return ds_error_set(err, DS_ERROR_USAGE, "%s is disabled in the environment %s",
                                words->items[i], manifest->environment);
        ds_error_set(err, DS_ERROR_USAGE, "there is no service \"%s\"", words->items[i]);
        ds_auto_strings struct ds_strings names = {0};
        for (size_t j = 0; j < manifest->service_count; j++)
            ds_strings_add(&names, manifest->services[j].name);
        const char *nearest =
            ds_nearest(words->items[i], (const char *const *)names.items, names.count);
        if (nearest)
            ds_error_hint(err, "did you mean %s?", nearest);
        return false;
    }
    return true;
}

static int check_everything(const struct context *context, const struct project *project)
{
    struct ds_preflight preflight = {
        .manifest = project->manifest,
        .identity = &project->identity,
        .shell = &context->shell,
        .services = &context->arguments.words,
        .no_dependencies = context_has(context, FLAG_NO_DEPS),
        .auto_ports = context_has(context, FLAG_AUTO_PORTS),
    };
    struct ds_problems problems = {0};
    ds_preflight_run(&preflight, &problems);
    int code = problems.count ? (int)problems.items[0].code : DS_OK;
    if (problems.count) {
        struct ds_terminal terminal;
        ds_terminal_inspect(STDERR_FILENO, &terminal);
        struct palette palette = {
            .color = terminal.color && !context_has(context, FLAG_COLOR_OFF),
            .utf8 = terminal.utf8,
        };
        ds_auto_text struct ds_text text = {0};
        problems_render(&problems, project->manifest->name, &palette, terminal.columns, &text);
        fputs(ds_text_string(&text), stderr);
    }
    ds_problems_finish(&problems);
    return code;
}

static struct ds_secret *ask_for_secret(void *data, const struct ds_wanted_secret *wanted,
                                        struct ds_error *err)
{
    (void)data;
    ds_auto_free char *question =
        wanted->prompt ? ds_printf("%s", wanted->prompt) : ds_printf("Value of %s", wanted->name);
    ds_auto_free char *line = ds_printf(
        "%s%s: ", question, wanted->generate_length ? " (Enter generates a strong one)" : "");
    return ask_secret(line, err);
}

static void tell_notice(void *data, const char *line)
{
    const struct context *context = data;
    if (!context_has(context, FLAG_QUIET))
        fprintf(stderr, "%s\n", line);
}

/* One flag for each of the manifest's secrets: does what is going to start read it? */
static bool *needed_secrets(const struct context *context, const struct ds_manifest *manifest)
{
    ds_auto_free bool *wanted = ds_alloc(manifest->service_count + 1);
    bool *needed = ds_alloc(manifest->secret_count + 1);
    ds_start_choose(manifest, &context->arguments.words, context_has(context, FLAG_NO_DEPS),
                    wanted);
    ds_manifest_needed_secrets(manifest, wanted, needed);
    return needed;
}

static bool resolve_secrets(struct context *context, const struct project *project,
                            struct ds_secret_resolution *ret_resolution, struct ds_error *err)
{
    const struct ds_manifest *manifest = project->manifest;
    size_t count = 0;
    ds_auto_free struct ds_wanted_secret *wanted =
        ds_alloc((manifest->secret_count + 1) * sizeof(*wanted));
    ds_auto_free bool *needed = needed_secrets(context, manifest);
    for (size_t i = 0; i < manifest->secret_count; i++)
        if (needed[i])
            wanted[count++] = (struct ds_wanted_secret){
                .name = manifest->secrets[i].name,
                .prompt = manifest->secrets[i].prompt,
                .generate_length = manifest->secrets[i].generate_length,
            };
    struct ds_resolve_options options = {
        .stack = project->identity.id,
        .environment = &context->shell,
        .data_folder = project->identity.data_folder,
        .keyring_required = manifest->keyring_required,
        .interactive = isatty(STDIN_FILENO) && isatty(STDERR_FILENO),
        .ask = ask_for_secret,
        .notice = tell_notice,
        .data = context,
    };
    return ds_secrets_resolve(wanted, count, &options, ret_resolution, err);
}

static void fill_request(const struct context *context, const struct project *project,
                         const struct ds_secret_resolution *secrets,
                         struct ds_start_request *ret_request)
{
    *ret_request = (struct ds_start_request){
        .file = ds_strdup(project->file),
        .environment = ds_strdup(project->environment),
        .instance = ds_strdup(context->arguments.values[FLAG_INSTANCE]),
        .foreground = !context_has(context, FLAG_DETACH),
        .auto_ports = context_has(context, FLAG_AUTO_PORTS),
        .no_dependencies = context_has(context, FLAG_NO_DEPS),
        .requested_at = context->started,
        .secrets = ds_alloc((secrets->count + 1) * sizeof(struct ds_start_secret)),
        .secret_count = secrets->count,
    };
    ds_strings_copy(&ret_request->services, &context->arguments.words);
    for (size_t i = 0; i < secrets->count; i++)
        ret_request->secrets[i] = (struct ds_start_secret){
            .name = ds_strdup(secrets->items[i].name),
            .value = ds_secret_ref(secrets->items[i].value),
        };
}

static int follow(const struct context *context, const struct project *project, enum view_role role,
                  pid_t orchestrator, uint64_t timeout)
{
    struct follow_options options = {
        .identity = &project->identity,
        .view =
            {
                .role = role,
                .quiet = context_has(context, FLAG_QUIET),
                .verbose = context_has(context, FLAG_VERBOSE),
                .terminal = context->terminal,
            },
        .json = context_has(context, FLAG_JSON),
        .orchestrator = orchestrator,
        .timeout = timeout,
    };
    return follow_stack(&options);
}

/* A lease that a dead orchestrator's guardian still holds is no running stack: the start waits. */
static bool is_running(const struct ds_identity *identity)
{
    pid_t pid;
    return ds_lease_is_held(identity, &pid) && (!pid || kill(pid, 0) == 0 || errno == EPERM);
}

static int attach(const struct context *context, const struct project *project, uint64_t timeout)
{
    enum view_role role = context_has(context, FLAG_DETACH) ? VIEW_DETACHED : VIEW_ATTACHED;
    return follow(context, project, role, 0, timeout);
}

static int start(struct context *context, const struct project *project, uint64_t timeout)
{
    int code = check_everything(context, project);
    if (code)
        return code;
    ds_auto_error struct ds_error err = {0};
    struct ds_secret_resolution secrets = {0};
    if (!resolve_secrets(context, project, &secrets, &err))
        return report(&err);
    struct ds_start_request request;
    fill_request(context, project, &secrets, &request);
    ds_secret_resolution_finish(&secrets);
    int lease = -1;
    pid_t orchestrator = 0;
    bool started = launch_orchestrator(&project->identity, &context->shell, &request, &lease,
                                       &orchestrator, &err);
    ds_start_request_finish(&request);
    if (!started && err.code == DS_ERROR_RUNNING)
        return attach(context, project, timeout);
    if (!started)
        return report(&err);
    bool detached = context_has(context, FLAG_DETACH);
    code =
        follow(context, project, detached ? VIEW_DETACHED : VIEW_FOREGROUND, orchestrator, timeout);
    close(lease);
    return code;
}

/* A stack that is stopping takes what time its services need; what a dead one left is soon gone. */
static int await_end(const struct project *project, uint64_t timeout)
{
    const struct ds_identity *identity = &project->identity;
    if (!ds_lease_is_held(identity, NULL))
        return DS_OK;
    fprintf(stderr,
            is_running(identity) ? "%s is stopping; waiting for its end.\n"
                                 : "What a killed run of %s left is being removed; waiting.\n",
            identity->id);
    if (ds_lease_await_release(identity, timeout ? timeout : LONGEST_WAIT))
        return DS_OK;
    fprintf(stderr, "devstack: %s has not ended in time\n", identity->id);
    return DS_ERROR_TIMEOUT;
}

/* Attaches to what runs, else starts; what is ending is waited for first. */
static int bring_up(struct context *context, const struct project *project, uint64_t timeout)
{
    for (;;) {
        int code = DS_OK;
        if (is_running(&project->identity)) {
            code = attach(context, project, timeout);
            if (code != FOLLOW_ENDING)
                return code;
        }
        code = await_end(project, timeout);
        if (code == DS_OK)
            code = start(context, project, timeout);
        if (code != FOLLOW_ENDING)
            return code;
    }
}

int cmd_up(struct context *context)
{
    ds_auto_error struct ds_error err = {0};
    uint64_t timeout;
    if (!parse_timeout(context, &timeout, &err))
        return report(&err);
    struct project project;
    int code = project_open(context, &project);
    if (code == DS_OK && !check_services(context, project.manifest, &err))
        code = report(&err);
    if (code == DS_OK)
        code = bring_up(context, &project, timeout);
    project_finish(&project);
    return code;
}
