/*
 * The system calls the guardian needs, without a C library: each returns what the kernel does, a
 * negative errno on failure. C library headers are used for types and constants alone; nothing of
 * the library is linked.
 */
#ifndef DEVSTACK_GUARDIAN_SYSTEM_H
#define DEVSTACK_GUARDIAN_SYSTEM_H

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <linux/close_range.h>

#if defined(__x86_64__)
#include "arch_x86_64.h"
#elif defined(__aarch64__)
#include "arch_aarch64.h"
#else
#error "the guardian knows the system calls of x86-64 and AArch64 only"
#endif

#define SYS_CALL0(n)             sys_call(n, 0, 0, 0, 0, 0, 0)
#define SYS_CALL1(n, a)          sys_call(n, (long)(a), 0, 0, 0, 0, 0)
#define SYS_CALL2(n, a, b)       sys_call(n, (long)(a), (long)(b), 0, 0, 0, 0)
#define SYS_CALL3(n, a, b, c)    sys_call(n, (long)(a), (long)(b), (long)(c), 0, 0, 0)
#define SYS_CALL4(n, a, b, c, d) sys_call(n, (long)(a), (long)(b), (long)(c), (long)(d), 0, 0)
#define SYS_CALL5(n, a, b, c, d, e)                                                                \
    sys_call(n, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), 0)
#define SYS_CALL6(n, a, b, c, d, e, f)                                                             \
    sys_call(n, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))

/* The kernel's signal set, and its struct sigaction, are not the C library's. */
#define SYS_SIGNALS 64
static inline uint64_t sys_signal_bit(int signal)
{
    return UINT64_C(1) << (signal - 1);
}

static inline _Noreturn void sys_exit(int status)
{
    for (;;)
        SYS_CALL1(__NR_exit_group, status);
}

static inline int sys_fork(void)
{
    return (int)SYS_CALL5(__NR_clone, SIGCHLD, 0, 0, 0, 0);
}

static inline int sys_getpid(void)
{
    return (int)SYS_CALL0(__NR_getpid);
}

static inline int sys_getppid(void)
{
    return (int)SYS_CALL0(__NR_getppid);
}

static inline int sys_kill(int pid, int signal)
{
    return (int)SYS_CALL2(__NR_kill, pid, signal);
}

static inline int sys_wait(int *ret_status)
{
    return (int)SYS_CALL4(__NR_wait4, -1, ret_status, WNOHANG | __WALL, 0);
}

static inline int sys_exec(const char *path, char **argv, char **envp)
{
    return (int)SYS_CALL3(__NR_execve, path, argv, envp);
}

static inline int sys_exec_fd(int fd, char **argv, char **envp)
{
    return (int)SYS_CALL5(__NR_execveat, fd, "", argv, envp, AT_EMPTY_PATH);
}

static inline int sys_prctl(int option, unsigned long value)
{
    return (int)SYS_CALL5(__NR_prctl, option, value, 0, 0, 0);
}

static inline int sys_setsid(void)
{
    return (int)SYS_CALL0(__NR_setsid);
}

static inline int sys_chdir(const char *path)
{
    return (int)SYS_CALL1(__NR_chdir, path);
}

static inline int sys_setgroups(size_t count, const gid_t *groups)
{
    return (int)SYS_CALL2(__NR_setgroups, count, groups);
}

static inline int sys_setgid(gid_t gid)
{
    return (int)SYS_CALL1(__NR_setgid, gid);
}

static inline int sys_setuid(uid_t uid)
{
    return (int)SYS_CALL1(__NR_setuid, uid);
}

static inline void sys_signal_mask(uint64_t blocked)
{
    SYS_CALL4(__NR_rt_sigprocmask, SIG_SETMASK, &blocked, 0, sizeof(blocked));
}

static inline void sys_signal_default(int signal)
{
    const uint64_t action[4] = {0}; /* handler, flags, restorer, mask: SIG_DFL is zero */
    SYS_CALL4(__NR_rt_sigaction, signal, action, 0, sizeof(uint64_t));
}

static inline int sys_signalfd(uint64_t signals)
{
    return (int)SYS_CALL4(__NR_signalfd4, -1, &signals, sizeof(signals), O_CLOEXEC | O_NONBLOCK);
}

static inline int sys_open(int folder, const char *path, int flags)
{
    return (int)SYS_CALL4(__NR_openat, folder, path, flags, 0);
}

static inline long sys_read(int fd, void *buffer, size_t size)
{
    return SYS_CALL3(__NR_read, fd, buffer, size);
}

static inline long sys_write(int fd, const void *buffer, size_t size)
{
    return SYS_CALL3(__NR_write, fd, buffer, size);
}

static inline long sys_seek(int fd, long offset, int whence)
{
    return SYS_CALL3(__NR_lseek, fd, offset, whence);
}

static inline long sys_folder_entries(int fd, void *buffer, size_t size)
{
    return SYS_CALL3(__NR_getdents64, fd, buffer, size);
}

static inline void sys_close(int fd)
{
    SYS_CALL1(__NR_close, fd);
}

static inline int sys_close_on_exec(int first)
{
    return (int)SYS_CALL3(__NR_close_range, first, ~0U, CLOSE_RANGE_CLOEXEC);
}

static inline bool sys_is_open(int fd)
{
    return SYS_CALL2(__NR_fcntl, fd, F_GETFD) >= 0;
}

/* As dup2(): the copy is not close-on-exec. */
static inline int sys_copy_fd(int fd, int to)
{
    return (int)SYS_CALL3(__NR_dup3, fd, to, 0);
}

static inline int sys_pipe(int ends[2])
{
    return (int)SYS_CALL2(__NR_pipe2, ends, O_CLOEXEC);
}

static inline long sys_receive(int fd, struct msghdr *message)
{
    return SYS_CALL3(__NR_recvmsg, fd, message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
}

static inline long sys_send(int fd, const void *data, size_t length)
{
    return SYS_CALL6(__NR_sendto, fd, data, length, MSG_DONTWAIT | MSG_NOSIGNAL, 0, 0);
}

/* A negative timeout waits without end. */
static inline int sys_poll(struct pollfd *fds, size_t count, int64_t timeout_ms)
{
    struct timespec timeout = {.tv_sec = timeout_ms / 1000,
                               .tv_nsec = (timeout_ms % 1000) * 1000000};
    return (int)SYS_CALL5(__NR_ppoll, fds, count, timeout_ms < 0 ? NULL : &timeout, 0, 0);
}

static inline uint64_t sys_now(void)
{
    struct timespec now = {0};
    SYS_CALL2(__NR_clock_gettime, CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

static inline uint64_t sys_now_ms(void)
{
    return sys_now() / 1000000;
}

/* Private memory, of `fd` or (-1) zeroed. NULL on failure. */
static inline void *sys_map(size_t length, int fd)
{
    long address = SYS_CALL6(__NR_mmap, 0, length, PROT_READ | PROT_WRITE,
                             MAP_PRIVATE | (fd < 0 ? MAP_ANONYMOUS : 0), fd, 0);
    return address < 0 && address > -4096 ? NULL : (void *)address;
}

/* Moves a zeroed mapping to a larger one. NULL on failure, the old one stays. */
static inline void *sys_map_grow(void *old, size_t old_length, size_t length)
{
    if (!old)
        return sys_map(length, -1);
    long address = SYS_CALL4(__NR_mremap, old, old_length, length, MREMAP_MAYMOVE);
    return address < 0 && address > -4096 ? NULL : (void *)address;
}

static inline void sys_unmap(void *address, size_t length)
{
    if (address)
        SYS_CALL2(__NR_munmap, address, length);
}

#endif
