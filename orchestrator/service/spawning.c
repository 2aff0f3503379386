/* Spawning through the guardian. */
#include "spawning.h"

#include <errno.h>
#include <pwd.h>
#include <grp.h>
#include <stdlib.h>
#include <string.h>

#include "devstack/base/file.h"
#include "devstack/base/memory.h"

static bool parse_id(const char *text, unsigned *ret_id)
{
    char *end;
    unsigned long id = strtoul(text, &end, 10);
    if (end == text || *end || id >= UINT32_MAX)
        return false;
    *ret_id = (unsigned)id;
    return true;
}

/* `user:` as in Compose: a name or number, with ":group" or without. */
static bool find_user(const char *user, struct ds_spawn *spawn, struct ds_error *err)
{
    const char *colon = strchr(user, ':');
    ds_auto_free char *name = colon ? ds_strndup(user, (size_t)(colon - user)) : ds_strdup(user);
    unsigned uid = 0, gid = 0;
    bool numeric = parse_id(name, &uid);
    struct passwd *entry = numeric ? getpwuid(uid) : getpwnam(name);
    if (!entry && !numeric)
        return ds_error_set(err, DS_ERROR_MISSING, "there is no user \"%s\" on this machine", name);
    if (entry)
        uid = entry->pw_uid;
    gid = entry ? entry->pw_gid : uid;
    if (colon && !parse_id(colon + 1, &gid)) {
        struct group *group = getgrnam(colon + 1);
        if (!group)
            return ds_error_set(err, DS_ERROR_MISSING, "there is no group \"%s\" on this machine",
                                colon + 1);
        gid = group->gr_gid;
    }
    spawn->has_user = true;
    spawn->uid = uid;
    spawn->gid = gid;
    return true;
}

struct ds_child *ds_spawn_launched(const struct ds_service_host *host,
                                   const struct ds_service_spec *spec,
                                   const struct ds_launch *launch, const char *executable,
                                   const struct ds_strings *argv, const int fds[3],
                                   const struct ds_child_events *events, struct ds_error *err)
{
    struct ds_strings environment = {0};
    static const char *const nothing[] = {NULL};
    struct ds_spawn spawn = {.executable = executable,
                             .argv = (const char *const *)argv->items,
                             .folder = launch->folder,
                             .stdin_fd = fds[0],
                             .stdout_fd = fds[1],
                             .stderr_fd = fds[2]};
    if (spec->user && !find_user(spec->user, &spawn, err))
        return NULL;
    ds_variables_export(&launch->environment, &environment);
    spawn.envp = environment.count ? (const char *const *)environment.items : nothing;
    struct ds_child *child = ds_guardian_spawn(host->guardian, &spawn, events, err);
    for (size_t i = 0; i < environment.count; i++) /* secrets may be among them */
        ds_wipe(environment.items[i], strlen(environment.items[i]));
    ds_strings_finish(&environment);
    return child;
}

static bool exec_failure(const char *executable, int errno_value, struct ds_reason *reason)
{
    if (errno_value == ENOENT || errno_value == ENOTDIR) {
        if (ds_file_exists(executable))
            ds_reason_set(reason, DS_REASON_COMMAND_NOT_FOUND,
                          "the interpreter that %s names in its first line is not there",
                          executable);
        else
            ds_reason_set(reason, DS_REASON_COMMAND_NOT_FOUND, "command not found: %s", executable);
        reason->subject = ds_strdup(executable);
        return true;
    }
    if (errno_value == EACCES) {
        ds_reason_set(reason, DS_REASON_SPAWN_FAILED, "%s may not be executed", executable);
        reason->hint = ds_printf("chmod +x %s", executable);
        return true;
    }
    if (errno_value == ENOEXEC)
        ds_reason_set(reason, DS_REASON_SPAWN_FAILED,
                      "%s is no program: it does not begin with a #! line", executable);
    else if (errno_value == E2BIG)
        ds_reason_set(reason, DS_REASON_SPAWN_FAILED,
                      "its arguments and environment are too large");
    else
        ds_reason_set(reason, DS_REASON_SPAWN_FAILED, "cannot execute %s: %s", executable,
                      strerror(errno_value));
    return errno_value == ENOEXEC || errno_value == E2BIG;
}

bool ds_spawn_failure(const struct ds_launch *launch, const char *executable,
                      enum ds_spawn_stage stage, int errno_value, struct ds_reason *reason)
{
    switch (stage) {
    case DS_SPAWN_FORK:
        ds_reason_set(reason, DS_REASON_SPAWN_FAILED, "no process could be made: %s",
                      strerror(errno_value));
        return false;
    case DS_SPAWN_USER:
        ds_reason_set(reason, DS_REASON_SPAWN_FAILED, "cannot change to its user: %s",
                      strerror(errno_value));
        return true;
    case DS_SPAWN_FOLDER:
        ds_reason_set(reason, DS_REASON_LAUNCH, "cannot change to its folder %s: %s",
                      launch->folder ? launch->folder : "/", strerror(errno_value));
        reason->subject = ds_strdup(launch->folder);
        return true;
    case DS_SPAWN_EXEC:
        return exec_failure(executable, errno_value, reason);
    }
    return false;
}
