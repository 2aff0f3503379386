/* Private files: nothing is trusted that another user could have put there. */
#include "folder.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "devstack/base/clock.h"
#include "devstack/base/file.h"
#include "devstack/base/memory.h"
#include "devstack/base/text.h"

#define FILE_LIMIT ((size_t)64 * 1024)

static char *folder_path(const char *data_folder, const char *stack)
{
    return ds_printf("%s/secrets/%s", data_folder, stack);
}

char *secret_file_path(const char *data_folder, const char *stack, const char *name)
{
    return ds_printf("%s/secrets/%s/%s", data_folder, stack, name);
}

static char *mark_path(const char *data_folder, const char *stack, const char *name)
{
    return ds_printf("%s/secrets/%s/.keyring-%s", data_folder, stack, name);
}

bool secret_name_check(const char *name, struct ds_error *err)
{
    if (*name && *name != '.' && !strchr(name, '/'))
        return true;
    ds_error_set(err, DS_ERROR_SECRET, "'%s' cannot name a secret or its stack", name);
    return ds_error_hint(err, "use letters, digits, '-' and '_'");
}

static bool check_folder(const char *path, struct ds_error *err)
{
    struct stat status;
    if (lstat(path, &status) < 0)
        return ds_error_set_errno(err, DS_ERROR_SECRET, errno, "cannot look at %s", path);
    const char *fault = !S_ISDIR(status.st_mode)         ? "it is not a folder"
                        : status.st_uid != geteuid()     ? "it belongs to another user"
                        : (status.st_mode & (mode_t)022) ? "others may write to it"
                                                         : NULL;
    if (!fault)
        return true;
    ds_auto_free char *quoted = ds_shell_quote(path);
    ds_error_set(err, DS_ERROR_SECRET, "the folder of secrets %s is not used: %s", path, fault);
    return ds_error_hint(err, "look who made it; then: chmod 700 %s", quoted);
}

bool secret_folder_make(const char *data_folder, const char *stack, struct ds_error *err)
{
    ds_auto_free char *folder = folder_path(data_folder, stack);
    ds_auto_free char *parent = ds_path_folder(folder);
    ds_auto_error struct ds_error inner = {0};
    if (!secret_name_check(stack, err))
        return false;
    if (!ds_folder_make(folder, 0700, &inner)) {
        ds_error_hint(&inner, "make %s a folder of your own, or set XDG_DATA_HOME", data_folder);
        inner.code = DS_ERROR_SECRET;
        return ds_error_move(err, &inner);
    }
    return check_folder(parent, err) && check_folder(folder, err);
}

static bool check_file(int fd, const char *path, struct stat *ret_status, struct ds_error *err)
{
    if (fstat(fd, ret_status) < 0)
        return ds_error_set_errno(err, DS_ERROR_SECRET, errno, "cannot look at %s", path);
    ds_auto_free char *quoted = ds_shell_quote(path);
    if (!S_ISREG(ret_status->st_mode) || ret_status->st_uid != geteuid()) {
        ds_error_set(err, DS_ERROR_SECRET, "%s is not used: it is not a regular file of yours",
                     path);
        return ds_error_hint(err, "look who made it; then: rm %s", quoted);
    }
    if (ret_status->st_mode & (mode_t)077) {
        ds_error_set(err, DS_ERROR_SECRET, "%s is not used: others can read it (mode %04o)", path,
                     ret_status->st_mode & (mode_t)07777);
        return ds_error_hint(err, "if it is yet a secret: chmod 600 %s", quoted);
    }
    if (ret_status->st_size == 0 || (uintmax_t)ret_status->st_size > FILE_LIMIT) {
        ds_error_set(err, DS_ERROR_SECRET, "%s is not used: it has %lld bytes, 1 to %zu are usual",
                     path, (long long)ret_status->st_size, FILE_LIMIT);
        return ds_error_hint(err, "write the value into it, or: rm %s", quoted);
    }
    return true;
}

bool secret_file_read(const char *data_folder, const char *stack, const char *name,
                      struct ds_secret **ret_value, int64_t *ret_stored_at, struct ds_error *err)
{
    ds_auto_free char *folder = folder_path(data_folder, stack);
    ds_auto_free char *path = secret_file_path(data_folder, stack, name);
    if (!secret_name_check(stack, err) || !secret_name_check(name, err))
        return false;
    /* O_NONBLOCK: a FIFO in the file's place must not hang us. */
    ds_auto_fd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR)) {
        *ret_value = NULL;
        return true;
    }
    if (fd < 0 && errno == ELOOP) {
        ds_auto_free char *quoted = ds_shell_quote(path);
        ds_error_set(err, DS_ERROR_SECRET, "%s is not used: it is a symbolic link", path);
        return ds_error_hint(err, "look who made it; then: rm %s", quoted);
    }
    if (fd < 0) {
        ds_error_set_errno(err, DS_ERROR_SECRET, errno, "cannot read %s", path);
        return ds_error_hint(err, "it should be a file of yours with mode 0600");
    }
    struct stat status;
    if (!check_folder(folder, err) || !check_file(fd, path, &status, err))
        return false;
    size_t size = (size_t)status.st_size;
    ds_auto_free char *data = ds_alloc(size);
    ssize_t got = read(fd, data, size);
    if (got != (ssize_t)size) {
        ds_wipe(data, size);
        return ds_error_set(err, DS_ERROR_SECRET, "cannot read all of %s", path);
    }
    *ret_value = ds_secret_create(data, size);
    *ret_stored_at = (int64_t)status.st_mtim.tv_sec * (int64_t)DS_NS_PER_S + status.st_mtim.tv_nsec;
    ds_wipe(data, size);
    return true;
}

bool secret_mark_exists(const char *data_folder, const char *stack, const char *name)
{
    ds_auto_free char *path = mark_path(data_folder, stack, name);
    struct stat status;
    return lstat(path, &status) == 0;
}

void secret_mark_write(const char *data_folder, const char *stack, const char *name)
{
    ds_auto_free char *path = mark_path(data_folder, stack, name);
    if (!secret_folder_make(data_folder, stack, NULL))
        return;
    ds_auto_fd int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    (void)fd;
}

int secret_folder_try_lock(const char *data_folder, const char *stack, struct ds_error *err)
{
    ds_auto_free char *path = secret_file_path(data_folder, stack, ".lock");
    if (!secret_folder_make(data_folder, stack, err))
        return -1;
    for (;;) {
        ds_auto_fd int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (fd < 0) {
            ds_error_set_errno(err, DS_ERROR_SECRET, errno, "cannot lock %s", path);
            ds_error_hint(err, "make that folder writable for you, or set XDG_DATA_HOME");
            return -1;
        }
        if (flock(fd, LOCK_EX | LOCK_NB) < 0)
            return -2;
        /* Its last holder may have removed it between our open and our flock. */
        struct stat ours, there;
        if (fstat(fd, &ours) == 0 && stat(path, &there) == 0 && ours.st_ino == there.st_ino &&
            ours.st_dev == there.st_dev)
            return ds_steal_fd(&fd);
    }
}

void secret_folder_unlock(const char *data_folder, const char *stack, int fd)
{
    ds_auto_free char *path = secret_file_path(data_folder, stack, ".lock");
    unlink(path);
    close(fd);
}
