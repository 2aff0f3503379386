/* Files and folders: reading, replacing, removing, finding programs. */
#include "devstack/base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

#include "devstack/base/memory.h"
#include "devstack/base/secret.h"
#include "devstack/base/text.h"

char *ds_path_join(const char *base, const char *path)
{
    if (path[0] == '/')
        return ds_strdup(path);
    size_t length = strlen(base);
    return ds_printf("%s%s%s", base, length && base[length - 1] == '/' ? "" : "/", path);
}

const char *ds_path_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

char *ds_path_folder(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        return ds_strdup(".");
    return slash == path ? ds_strdup("/") : ds_strndup(path, (size_t)(slash - path));
}

bool ds_file_exists(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISREG(status.st_mode);
}

bool ds_folder_exists(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

bool ds_folder_make(const char *path, mode_t mode, struct ds_error *err)
{
    if (ds_folder_exists(path))
        return true;
    ds_auto_free char *parent = ds_path_folder(path);
    if (strcmp(parent, ".") != 0 && !ds_folder_make(parent, mode, err))
        return false;
    if (mkdir(path, mode) < 0) {
        if (errno == EEXIST && ds_folder_exists(path))
            return true;
        return ds_error_set_errno(err, DS_ERROR_FAILED, errno, "cannot make the folder %s", path);
    }
    /* mkdir() applies the umask. */
    if (chmod(path, mode) < 0)
        return ds_error_set_errno(err, DS_ERROR_FAILED, errno, "cannot set the mode of %s", path);
    return true;
}

static bool too_large(const char *path, size_t limit, struct ds_error *err)
{
    return ds_error_set(err, DS_ERROR_FAILED, "cannot read %s: it has more than %zu bytes", path,
                        limit);
}

/* To the end of the file, whatever size was told: files of /proc tell none, others grow. */
static bool read_all(int fd, size_t expected, size_t limit, const char *path,
                     struct ds_text *ret_data, struct ds_error *err)
{
    for (size_t room = expected + 1;; room = 4096) {
        ds_text_reserve(ret_data, room);
        ssize_t got = read(fd, ret_data->data + ret_data->length, room);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return ds_error_set_errno(err, DS_ERROR_FAILED, errno, "cannot read %s", path);
        ret_data->length += (size_t)got;
        ret_data->data[ret_data->length] = '\0';
        if (ret_data->length > limit)
            return too_large(path, limit, err);
        if (got == 0)
            return true;
    }
}

/* What is read may be secret: nothing of it is left behind on a failure. */
static void finish_wiped(struct ds_text *text)
{
    if (text->data)
        ds_wipe(text->data, text->capacity);
    ds_text_finish(text);
}

bool ds_file_read(const char *path, size_t limit, char **ret_data, size_t *ret_length,
                  struct ds_error *err)
{
    /* O_NONBLOCK: a FIFO in the file's place must not hang us. */
    ds_auto_fd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat status;
    if (fd < 0 || fstat(fd, &status) < 0)
        return ds_error_set_errno(err, DS_ERROR_FAILED, errno, "cannot read %s", path);
    if (!S_ISREG(status.st_mode))
        return ds_error_set(err, DS_ERROR_FAILED, "cannot read %s: it is not a regular file", path);
    if ((uint64_t)status.st_size > limit)
        return too_large(path, limit, err);
    struct ds_text data = {0};
    if (!read_all(fd, (size_t)status.st_size, limit, path, &data, err)) {
        finish_wiped(&data);
        return false;
    }
    if (ret_length)
        *ret_length = data.length;
    *ret_data = ds_text_take(&data);
    return true;
}

bool ds_fd_write_all(int fd, const void *data, size_t length)
{
    const char *at = data;
    while (length > 0) {
        ssize_t wrote = write(fd, at, length);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote < 0)
            return false;
        at += wrote;
        length -= (size_t)wrote;
    }
    return true;
}

bool ds_file_write(const char *path, const void *data, size_t length, mode_t mode,
                   struct ds_error *err)
{
    ds_auto_free char *suffix = ds_random_hex(6);
    ds_auto_free char *temporary = ds_printf("%s.%s.tmp", path, suffix);
    ds_auto_fd int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return ds_error_set_errno(err, DS_ERROR_FAILED, errno, "cannot write %s", path);
    if (!ds_fd_write_all(fd, data, length) || fchmod(fd, mode) < 0 || fsync(fd) < 0 ||
        rename(temporary, path) < 0) {
        int saved = errno;
        unlink(temporary);
        return ds_error_set_errno(err, DS_ERROR_FAILED, saved, "cannot write %s", path);
    }
    return true;
}

static bool remove_at(int folder, const char *name, struct ds_error *err);

static bool remove_contents(int fd, struct ds_error *err)
{
    DIR *stream = fdopendir(fd);
    if (!stream) {
        close(fd);
        return ds_error_set_errno(err, DS_ERROR_FAILED, errno, "cannot read a folder");
    }
    bool good = true;
    for (const struct dirent *entry; (entry = readdir(stream));) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        good = remove_at(dirfd(stream), entry->d_name, err) && good;
    }
    closedir(stream);
    return good;
}

static bool remove_at(int folder, const char *name, struct ds_error *err)
{
    if (unlinkat(folder, name, 0) == 0 || errno == ENOENT)
        return true;
    if (errno != EISDIR && errno != EPERM)
        return ds_error_set_errno(err, DS_ERROR_FAILED, errno, "cannot remove %s", name);
    int fd = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ||
               ds_error_set_errno(err, DS_ERROR_FAILED, errno, "cannot remove %s", name);
    if (!remove_contents(fd, err))
        return false;
    if (unlinkat(folder, name, AT_REMOVEDIR) == 0 || errno == ENOENT)
        return true;
    return ds_error_set_errno(err, DS_ERROR_FAILED, errno, "cannot remove %s", name);
}

bool ds_tree_remove(const char *path, struct ds_error *err)
{
    return remove_at(AT_FDCWD, path, err);
}

static bool is_executable(const char *path)
{
    return ds_file_exists(path) && access(path, X_OK) == 0;
}

char *ds_find_executable(const char *name, const char *search_path, const char *folder)
{
    if (strchr(name, '/')) {
        char *path = ds_path_join(folder, name);
        if (is_executable(path))
            return path;
        free(path);
        return NULL;
    }
    for (const char *at = search_path ? search_path : ""; *name;) {
        size_t length = strcspn(at, ":");
        /* An empty entry of PATH is the working folder. */
        ds_auto_free char *entry = length ? ds_strndup(at, length) : ds_strdup(".");
        ds_auto_free char *base = ds_path_join(folder, entry);
        char *path = ds_path_join(base, name);
        if (is_executable(path))
            return path;
        free(path);
        if (!at[length])
            break;
        at += length + 1;
    }
    return NULL;
}
