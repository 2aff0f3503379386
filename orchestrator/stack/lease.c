/* The lease of a run: who holds it, whether that one still lives, and letting go in order. */
#include "devstack/stack/lease.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "devstack/base/clock.h"
#include "devstack/base/file.h"
#include "devstack/base/memory.h"
#include "lock_file.h"
#include "sweep.h"

/* What the holder writes into the file: its run and which process it is (a pid alone may be
 * reused). */
struct holder {
    char run[65];
    int pid;
    unsigned long long started; /* clock ticks since boot: field 22 of /proc/<pid>/stat, proc(5) */
};

char *ds_lease_path(const struct ds_identity *identity)
{
    return ds_path_join(identity->runtime_folder, "lease");
}

static unsigned long long process_start(int pid)
{
    ds_auto_free char *path = ds_printf("/proc/%d/stat", pid);
    ds_auto_file FILE *file = fopen(path, "re");
    char line[1024];
    if (!file || !fgets(line, sizeof(line), file))
        return 0;
    /* The name in parentheses may hold anything: count fields from its end. */
    char *at = strrchr(line, ')');
    for (int field = 2; at && field < 22; field++)
        at = strchr(at + 1, ' ');
    return at ? strtoull(at, NULL, 10) : 0;
}

static bool read_holder(int fd, struct holder *ret_holder)
{
    char text[160] = "";
    ssize_t length = pread(fd, text, sizeof(text) - 1, 0);
    *ret_holder = (struct holder){0};
    return length > 0 && sscanf(text, "%64s %d %llu", ret_holder->run, &ret_holder->pid,
                                &ret_holder->started) == 3;
}

static bool holder_lives(const struct holder *holder)
{
    return holder->pid > 0 && process_start(holder->pid) == holder->started;
}

static bool write_holder(int fd, const char *run)
{
    ds_auto_free char *text =
        ds_printf("%s %d %llu\n", run, (int)getpid(), process_start(getpid()));
    size_t length = strlen(text);
    /* In this order a full disk does not lose the name of a dead run. */
    return pwrite(fd, text, length, 0) == (ssize_t)length && ftruncate(fd, (off_t)length) == 0;
}

static void pause_briefly(void)
{
    poll(NULL, 0, 5);
}

static bool refuse_running(const struct ds_identity *identity, const char *path,
                           struct ds_error *err)
{
    ds_auto_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct holder holder = {0};
    if (fd >= 0)
        read_holder(fd, &holder);
    if (holder.pid && !holder_lives(&holder)) {
        ds_error_set(err, DS_ERROR_RUNNING, "what a killed run of %s left is still being removed",
                     identity->id);
        return ds_error_hint(err, "try again in a moment");
    }
    ds_error_set(err, DS_ERROR_RUNNING, "%s is running already (pid %d)", identity->id, holder.pid);
    return ds_error_hint(err, "devstack down stops it");
}

/* A held lease whose orchestrator is dead is being swept by its guardian: worth waiting for. */
static bool worth_waiting(const char *path)
{
    ds_auto_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct holder holder;
    return fd < 0 || !read_holder(fd, &holder) || !holder_lives(&holder);
}

bool ds_lease_take(const struct ds_identity *identity, const char *run, uint64_t wait_ns,
                   int *ret_fd, struct ds_error *err)
{
    ds_auto_free char *path = ds_lease_path(identity);
    uint64_t deadline = ds_clock_monotonic(ds_clock_system()) + wait_ns;
    for (;;) {
        ds_auto_fd int fd = -1;
        if (!ds_folder_make(identity->runtime_root, 0700, err) ||
            !ds_identity_check_root(identity, err) ||
            !ds_folder_make(identity->runtime_folder, 0700, err))
            return false;
        switch (lock_file_try(path, &fd)) {
        case LOCK_TAKEN:
            if (!write_holder(fd, run)) {
                ds_error_set_errno(err, DS_ERROR_FAILED, errno, "cannot write %s", path);
                ds_lease_give_up(identity, ds_steal_fd(&fd));
                return false;
            }
            *ret_fd = ds_steal_fd(&fd);
            return true;
        case LOCK_HELD:
            if (!worth_waiting(path) || ds_clock_monotonic(ds_clock_system()) > deadline)
                return refuse_running(identity, path, err);
            pause_briefly();
            break;
        case LOCK_FAILED:
            /* A run that ends at this moment takes its folder away. */
            if (errno != ENOENT || ds_clock_monotonic(ds_clock_system()) > deadline)
                return ds_error_set_errno(err, DS_ERROR_FAILED, errno, "cannot open %s", path);
            break;
        }
    }
}

bool ds_lease_path_is_held(const char *path)
{
    ds_auto_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
    return fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) < 0;
}

bool ds_lease_is_held(const struct ds_identity *identity, pid_t *ret_pid)
{
    ds_auto_free char *path = ds_lease_path(identity);
    ds_auto_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (ret_pid)
        *ret_pid = 0;
    if (fd < 0)
        return false;
    /* A shared lock asks without getting in the way of another who asks. */
    if (flock(fd, LOCK_SH | LOCK_NB) == 0)
        return false;
    struct holder holder;
    if (ret_pid && read_holder(fd, &holder))
        *ret_pid = holder.pid;
    return true;
}

bool ds_lease_await_release(const struct ds_identity *identity, uint64_t wait_ns)
{
    uint64_t deadline = ds_clock_monotonic(ds_clock_system()) + wait_ns;
    while (ds_lease_is_held(identity, NULL)) {
        if (ds_clock_monotonic(ds_clock_system()) > deadline)
            return false;
        pause_briefly();
    }
    return true;
}

void ds_lease_give_up(const struct ds_identity *identity, int fd)
{
    sweep_folder(identity->runtime_folder);
    close(fd);
}
