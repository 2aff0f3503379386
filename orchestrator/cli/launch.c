/* Starting an orchestrator. */
#include "launch.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "devstack/base/file.h"
#include "devstack/base/memory.h"

enum { START_FD = 3 };
#define LOG_LIMIT ((off_t)1 << 20)

/* Values of secrets travel in the request alone: not in an environment that /proc shows. */
static void make_environment(const struct ds_variables *shell, struct ds_strings *ret_environment)
{
    ds_auto_variables struct ds_variables clean = {0};
    for (size_t i = 0; i < shell->count; i++)
        if (!ds_string_starts(shell->items[i].name, "DEVSTACK_SECRET_"))
            ds_variables_set(&clean, shell->items[i].name, shell->items[i].value);
    ds_variables_export(&clean, ret_environment);
}

static int open_log(const char *path, struct ds_error *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fd < 0) {
        ds_error_set_errno(err, DS_ERROR_FAILED, errno, "cannot open %s", path);
        return -1;
    }
    struct stat info;
    if (fstat(fd, &info) == 0 && info.st_size > LOG_LIMIT && ftruncate(fd, 0) < 0) {
        ds_error_set_errno(err, DS_ERROR_FAILED, errno, "cannot shorten %s", path);
        close(fd);
        return -1;
    }
    return fd;
}

/* In the child: async-signal-safe calls only, since libuv's threads may hold locks. */
static void become_orchestrator(int start, int null, int log, char *const *environment)
{
    static char *const argv[] = {(char *)"devstack", (char *)"orchestrator", NULL};
    setsid();
    struct sigaction standard = {.sa_handler = SIG_DFL};
    for (int number = 1; number < 32; number++)
        sigaction(number, &standard, NULL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    /* All of ours lie at 10 or above, so no dup2() runs over another. */
    if (dup2(null, STDIN_FILENO) < 0 || dup2(log, STDOUT_FILENO) < 0 ||
        dup2(log, STDERR_FILENO) < 0 || dup2(start, START_FD) < 0)
        _exit(127);
    /* A descriptor that our own parent lent us must not live as long as the stack. */
    close_range(START_FD + 1, ~0U, 0);
    execve("/proc/self/exe", argv, environment);
    _exit(127);
}

static int lift(int fd)
{
    int lifted = fcntl(fd, F_DUPFD_CLOEXEC, 10);
    close(fd);
    return lifted;
}

static bool spawn(int start, int log, const struct ds_variables *shell, pid_t *ret_pid,
                  struct ds_error *err)
{
    ds_auto_strings struct ds_strings environment = {0};
    make_environment(shell, &environment);
    ds_auto_fd int null = lift(open("/dev/null", O_RDWR | O_CLOEXEC));
    static char *const nothing[] = {NULL};
    char *const *variables = environment.items ? environment.items : nothing;
    pid_t pid = fork();
    if (pid < 0)
        return ds_error_set_errno(err, DS_ERROR_FAILED, errno, "cannot start the orchestrator");
    if (pid == 0)
        become_orchestrator(start, null, log, variables);
    *ret_pid = pid;
    return true;
}

static bool explain_silence(pid_t pid, const char *log, struct ds_error *err)
{
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    ds_error_prefix(err, "the orchestrator did not start");
    return ds_error_hint(err, "what it said is in %s", log);
}

static bool talk(int fd, const struct ds_start_request *request, struct ds_start_reply *reply,
                 struct ds_error *err)
{
    return ds_start_request_send(fd, request, err) && ds_start_reply_receive(fd, reply, err);
}

bool launch_orchestrator(const struct ds_identity *identity, const struct ds_variables *shell,
                         const struct ds_start_request *request, int *ret_fd, pid_t *ret_pid,
                         struct ds_error *err)
{
    if (!ds_folder_make(identity->state_folder, 0700, err))
        return false;
    ds_auto_free char *path = ds_path_join(identity->state_folder, "orchestrator.log");
    int opened = open_log(path, err);
    if (opened < 0)
        return false;
    ds_auto_fd int log = lift(opened);
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
        return ds_error_set_errno(err, DS_ERROR_FAILED, errno, "cannot make a socket pair");
    ds_auto_fd int ours = pair[0];
    int theirs = lift(pair[1]);
    pid_t pid = -1;
    bool spawned = spawn(theirs, log, shell, &pid, err);
    close(theirs);
    if (!spawned)
        return false;
    struct ds_start_reply reply = {0};
    if (!talk(ours, request, &reply, err))
        return explain_silence(pid, path, err);
    bool accepted = reply.accepted;
    if (accepted) {
        *ret_pid = pid;
        *ret_fd = ds_steal_fd(&ours);
    } else {
        ds_error_move(err, &reply.error);
        waitpid(pid, NULL, 0);
    }
    ds_start_reply_finish(&reply);
    return accepted;
}

void launch_await_exit(pid_t pid, int milliseconds)
{
    ds_auto_fd int fd = (int)syscall(SYS_pidfd_open, pid, 0);
    struct pollfd poller = {.fd = fd, .events = POLLIN};
    if (fd >= 0)
        poll(&poller, 1, milliseconds);
}

bool launch_ended_by_itself(pid_t child)
{
    int status;
    return child && waitpid(child, &status, WNOHANG) == child && WIFEXITED(status);
}
