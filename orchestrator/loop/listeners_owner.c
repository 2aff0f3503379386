/*
 * Whose a socket is: the process that has it among its descriptors, as /proc shows them. Another
 * user's processes do not let us look.
 */
#include "devstack/loop/listeners.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "devstack/base/file.h"
#include "devstack/base/memory.h"

enum { COMMAND_LIMIT = 64 * 1024, LINK_SIZE = 40 }; /* "socket:[<20 digits>]" fits */

/* The descriptors' links of one process. `*ret_refused` is set when it may not be looked into. */
static bool has_socket(pid_t pid, const char *wanted, bool *ret_refused)
{
    ds_auto_free char *path = ds_printf("/proc/%d/fd", (int)pid);
    DIR *folder = opendir(path);
    if (!folder) {
        *ret_refused = errno == EACCES || errno == EPERM;
        return false;
    }
    bool found = false;
    const struct dirent *entry;
    while (!found && (entry = readdir(folder))) {
        char link[LINK_SIZE];
        ssize_t length = readlinkat(dirfd(folder), entry->d_name, link, sizeof(link) - 1);
        if (length <= 0)
            continue;
        link[length] = '\0';
        found = strcmp(link, wanted) == 0;
    }
    closedir(folder);
    return found;
}

static char *socket_link(uint64_t inode)
{
    return ds_printf("socket:[%" PRIu64 "]", inode);
}

bool ds_listener_owned_by(uint64_t inode, const pid_t *pids, size_t count, bool *ret_unknown)
{
    ds_auto_free char *wanted = socket_link(inode);
    bool unknown = false;
    for (size_t i = 0; i < count; i++) {
        bool refused = false;
        if (has_socket(pids[i], wanted, &refused))
            return true;
        unknown = unknown || refused;
    }
    if (unknown && ret_unknown)
        *ret_unknown = true;
    return false;
}

/* A file of /proc/<pid>, or NULL. `*ret_length` may be 0: files in /proc do not know their size. */
static char *read_proc(pid_t pid, const char *name, size_t *ret_length)
{
    ds_auto_free char *path = ds_printf("/proc/%d/%s", (int)pid, name);
    ds_auto_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return NULL;
    char *data = ds_alloc(COMMAND_LIMIT + 1);
    size_t length = 0;
    ssize_t got;
    while (length < COMMAND_LIMIT && (got = read(fd, data + length, COMMAND_LIMIT - length)) > 0)
        length += (size_t)got;
    data[length] = '\0';
    *ret_length = length;
    return data;
}

static void describe(struct ds_listener_owner *owner, pid_t pid)
{
    size_t length;
    owner->pid = pid;
    owner->comm = read_proc(pid, "comm", &length);
    if (owner->comm)
        owner->comm[strcspn(owner->comm, "\n")] = '\0';
    owner->command = read_proc(pid, "cmdline", &length);
    if (!owner->command)
        return;
    while (length > 0 && owner->command[length - 1] == '\0')
        length--;
    for (size_t i = 0; i < length; i++)
        if (owner->command[i] == '\0')
            owner->command[i] = ' ';
}

bool ds_listener_find_owner(uint64_t inode, struct ds_listener_owner *ret_owner)
{
    *ret_owner = (struct ds_listener_owner){0};
    ds_auto_free char *wanted = socket_link(inode);
    DIR *folder = opendir("/proc");
    if (!folder)
        return false;
    pid_t found = 0;
    const struct dirent *entry;
    while ((entry = readdir(folder))) {
        pid_t pid = (pid_t)atoi(entry->d_name);
        bool refused;
        if (pid > 0 && (found == 0 || pid < found) && has_socket(pid, wanted, &refused))
            found = pid;
    }
    closedir(folder);
    if (found == 0)
        return false;
    describe(ret_owner, found);
    return true;
}

void ds_listener_owner_finish(struct ds_listener_owner *owner)
{
    free(owner->comm);
    free(owner->command);
    *owner = (struct ds_listener_owner){0};
}
