/*
 * The steps between fork and exec. The spec is mapped here, in the process that is about to become
 * the program, so that no environment stays in a supervisor's memory.
 */
#include "launch.h"

#include "protocol.h"
#include "system.h"

struct program {
    const struct ds_guard_spec *spec;
    char *executable;
    char *folder;
    char **argv;
    char **envp;
};

static _Noreturn void fail(const struct ds_guard_launch *launch, enum ds_guard_stage stage,
                           int error)
{
    struct ds_guard_failure failure = {.stage = (int)stage, .errno_value = -error};
    sys_write(launch->failure, &failure, sizeof(failure));
    sys_exit(127);
}

/* The string at `*at`, which then is behind it; NULL at the end. */
static char *take_string(char **at, const char *end)
{
    char *string = *at;
    while (*at < end && **at)
        ++*at;
    if (*at == end)
        return NULL;
    ++*at;
    return string;
}

static bool take_strings(char **at, const char *end, size_t count, char **ret_list)
{
    for (size_t i = 0; i < count; i++)
        if (!(ret_list[i] = take_string(at, end)))
            return false;
    ret_list[count] = NULL;
    return true;
}

static int read_spec(int fd, struct program *ret)
{
    long length = sys_seek(fd, 0, SEEK_END);
    if (length < (long)sizeof(struct ds_guard_spec))
        return -EINVAL;
    char *start = sys_map((size_t)length, fd);
    if (!start)
        return -ENOMEM;
    ret->spec = (const void *)start;
    size_t arguments = ret->spec->argument_count, variables = ret->spec->environment_count;
    ret->argv = sys_map((arguments + variables + 2) * sizeof(char *), -1);
    if (!ret->argv)
        return -ENOMEM;
    ret->envp = ret->argv + arguments + 1;
    char *at = start + sizeof(struct ds_guard_spec);
    const char *end = start + length;
    ret->executable = take_string(&at, end);
    ret->folder = take_string(&at, end);
    if (!ret->executable || !ret->folder || !take_strings(&at, end, arguments, ret->argv) ||
        !take_strings(&at, end, variables, ret->envp))
        return -EINVAL;
    return 0;
}

static int become_user(const struct ds_guard_spec *spec)
{
    gid_t gid = spec->gid;
    int error = sys_setgroups(1, &gid);
    if (error == 0)
        error = sys_setgid(gid);
    if (error == 0)
        error = sys_setuid(spec->uid);
    return error;
}

_Noreturn void ds_guard_launch(const struct ds_guard_launch *launch)
{
    sys_setsid();
    for (int i = 0; i < 3; i++) {
        int error = sys_copy_fd(launch->stdio[i], i);
        if (error < 0)
            fail(launch, DS_GUARD_STAGE_FORK, error);
    }
    sys_close_on_exec(3);
    struct program program = {0};
    int error = read_spec(launch->spec, &program);
    if (error < 0)
        fail(launch, DS_GUARD_STAGE_EXEC, error);
    if (program.spec->has_user && (error = become_user(program.spec)) < 0)
        fail(launch, DS_GUARD_STAGE_USER, error);
    /* After the change of user, which clears it; and the parent may have died before it held. */
    sys_prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (sys_getppid() != launch->parent)
        sys_exit(127);
    if ((error = sys_chdir(program.folder)) < 0)
        fail(launch, DS_GUARD_STAGE_FOLDER, error);
    sys_signal_mask(0);
    if (launch->executable >= 0)
        error = sys_exec_fd(launch->executable, program.argv, program.envp);
    else
        error = sys_exec(program.executable, program.argv, program.envp);
    fail(launch, DS_GUARD_STAGE_EXEC, error);
}
