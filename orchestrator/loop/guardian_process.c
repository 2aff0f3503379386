/*
 * Starting the guardian: its program comes from memory and gets its descriptors at fixed numbers.
 * And specs, the form in which programs, arguments and environments are handed over.
 */
#include "guardian_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "devstack/base/memory.h"

#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U
#endif

/* image.S */
extern const char ds_guardian_image[] __attribute__((visibility("hidden")));
extern const char ds_guardian_image_end[] __attribute__((visibility("hidden")));

static int open_pidfd(pid_t pid)
{
    return (int)syscall(SYS_pidfd_open, pid, 0); /* close-on-exec by itself */
}

/* Kernels from 6.3 on want to be told that a memfd is to be run; older ones refuse the flag. */
static int create_image(struct ds_error *err)
{
    int fd = memfd_create("devstack-guardian", MFD_CLOEXEC | MFD_EXEC);
    if (fd < 0 && errno == EINVAL)
        fd = memfd_create("devstack-guardian", MFD_CLOEXEC);
    if (fd < 0) {
        bool forbidden = errno == EACCES;
        ds_error_set_errno(err, DS_ERROR_FAILED, errno, "cannot put the guardian into memory");
        if (forbidden)
            ds_error_hint(err, "allow it with: sysctl vm.memfd_noexec=1");
        return -1;
    }
    size_t length = (size_t)(ds_guardian_image_end - ds_guardian_image);
    if (write(fd, ds_guardian_image, length) != (ssize_t)length) {
        ds_error_set_errno(err, DS_ERROR_FAILED, errno, "cannot put the guardian into memory");
        close(fd);
        return -1;
    }
    return fd;
}

/* In the forked child of a process that may have threads: system calls alone. Never returns but on
 * failure, with errno set. */
static void become_guardian(int image, const int *fds)
{
    int moved[DS_GUARD_FD_END];
    for (int i = 0; i < DS_GUARD_FD_END; i++) {
        /* Out of the way of the numbers they go to. */
        moved[i] = fds[i] < 0 ? -1 : fcntl(fds[i], F_DUPFD_CLOEXEC, 2 * DS_GUARD_FD_END);
        if (fds[i] >= 0 && moved[i] < 0)
            return;
    }
    image = fcntl(image, F_DUPFD_CLOEXEC, 2 * DS_GUARD_FD_END);
    for (int i = 0; i < DS_GUARD_FD_END; i++) {
        if (moved[i] < 0)
            close(i);
        else if (dup2(moved[i], i) < 0)
            return;
    }
    if (close_range(DS_GUARD_FD_END, ~0U, CLOSE_RANGE_CLOEXEC) < 0)
        return;
    char name[] = "devstack-guardian";
    char *argv[] = {name, NULL};
    char *envp[] = {NULL};
    syscall(SYS_execveat, image, "", argv, envp, AT_EMPTY_PATH);
}

/* Forks with every signal blocked: the guardian never has a moment in which Ctrl-C could end it. */
static pid_t fork_guardian(int image, const int *fds, int failure)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pid_t pid = fork();
    if (pid == 0) {
        /* Moved too: its number may be one of the guardian's. */
        failure = fcntl(failure, F_DUPFD_CLOEXEC, 2 * DS_GUARD_FD_END);
        become_guardian(image, fds);
        int error = errno;
        (void)!write(failure, &error, sizeof(error));
        _exit(127);
    }
    int error = errno;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    errno = error;
    return pid;
}

/* Waits until the guardian runs or has failed to. */
static bool await_exec(pid_t pid, int failure, struct ds_error *err)
{
    int error = 0;
    ssize_t length;
    do
        length = read(failure, &error, sizeof(error));
    while (length < 0 && errno == EINTR);
    if (length != sizeof(error))
        return true;
    waitpid(pid, NULL, 0);
    ds_error_set_errno(err, DS_ERROR_FAILED, error, "cannot run the guardian");
    if (error == ENOSYS)
        ds_error_hint(err, "it needs Linux 5.9 or newer");
    return false;
}

static bool start(int image, const int *fds, pid_t *ret_pid, int *ret_exit, struct ds_error *err)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0)
        return ds_error_set_errno(err, DS_ERROR_FAILED, errno, "cannot start the guardian");
    pid_t pid = fork_guardian(image, fds, ends[1]);
    int error = errno;
    close(ends[1]);
    bool ok = pid > 0;
    if (ok)
        ok = await_exec(pid, ends[0], err);
    else
        ds_error_set_errno(err, DS_ERROR_FAILED, error, "cannot start the guardian");
    close(ends[0]);
    if (!ok)
        return false;
    *ret_pid = pid;
    *ret_exit = open_pidfd(pid); /* it is not reaped before, so it is that one */
    if (*ret_exit >= 0)
        return true;
    ds_error_set_errno(err, DS_ERROR_FAILED, errno, "cannot watch the guardian");
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    return false;
}

bool guardian_process_start(const struct ds_guardian_config *config, pid_t *ret_pid,
                            int *ret_control, int *ret_exit, struct ds_error *err)
{
    const struct ds_guardian_sweeper *sweeper = &config->sweeper;
    ds_auto_fd int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    ds_auto_fd int self = open_pidfd(getpid());
    if (null < 0 || self < 0)
        return ds_error_set_errno(err, DS_ERROR_FAILED, errno, "cannot start the guardian");
    if (access("/proc/self/stat", R_OK) < 0)
        return ds_error_set_errno(err, DS_ERROR_FAILED, errno,
                                  "/proc is not mounted: processes could not be found");
    ds_auto_fd int image = create_image(err);
    if (image < 0)
        return false;
    ds_auto_fd int spec = -1;
    if (sweeper->executable_fd >= 0) {
        spec = guardian_spec_create(
            &(struct ds_spawn){.argv = sweeper->argv, .envp = sweeper->envp}, err);
        if (spec < 0)
            return false;
    }
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
        return ds_error_set_errno(err, DS_ERROR_FAILED, errno, "cannot start the guardian");
    ds_auto_fd int ours = pair[0], theirs = pair[1];
    const int fds[DS_GUARD_FD_END] = {
        null,
        null,
        null,
        [DS_GUARD_FD_CONTROL] = theirs,
        [DS_GUARD_FD_ORCHESTRATOR] = self,
        [DS_GUARD_FD_LEASE] = config->lease_fd,
        [DS_GUARD_FD_SWEEPER] = sweeper->executable_fd,
        [DS_GUARD_FD_SWEEPER_SPEC] = spec,
    };
    if (!start(image, fds, ret_pid, ret_exit, err))
        return false;
    *ret_control = ds_steal_fd(&ours);
    return true;
}

static size_t list_size(const char *const *list, uint32_t *ret_count)
{
    size_t size = 0;
    *ret_count = 0;
    for (; list && *list; list++, ++*ret_count)
        size += strlen(*list) + 1;
    return size;
}

static char *put_list(char *at, const char *const *list)
{
    for (; list && *list; list++)
        at = stpcpy(at, *list) + 1;
    return at;
}

/* Written through a mapping: an environment may hold secrets, and no copy of it stays behind. */
int guardian_spec_create(const struct ds_spawn *spawn, struct ds_error *err)
{
    struct ds_guard_spec head = {.has_user = spawn->has_user, .uid = spawn->uid, .gid = spawn->gid};
    const char *executable = spawn->executable ? spawn->executable : spawn->argv[0];
    const char *folder = spawn->folder ? spawn->folder : "/";
    size_t size = sizeof(head) + strlen(executable) + 1 + strlen(folder) + 1;
    size += list_size(spawn->argv, &head.argument_count);
    size += list_size(spawn->envp, &head.environment_count);
    ds_auto_fd int fd = memfd_create("devstack-spec", MFD_CLOEXEC);
    char *start = MAP_FAILED;
    if (fd >= 0 && ftruncate(fd, (off_t)size) == 0)
        start = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (start == MAP_FAILED) {
        ds_error_set_errno(err, DS_ERROR_FAILED, errno, "cannot hand over %s", executable);
        return -1;
    }
    memcpy(start, &head, sizeof(head));
    char *at = stpcpy(start + sizeof(head), executable) + 1;
    at = stpcpy(at, folder) + 1;
    at = put_list(at, spawn->argv);
    put_list(at, spawn->envp);
    munmap(start, size);
    return ds_steal_fd(&fd);
}
