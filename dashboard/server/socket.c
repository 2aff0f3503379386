/* The listening unix socket. */
#include "socket.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "devstack/base/file.h"
#include "devstack/base/memory.h"

enum { BACKLOG = 64 };

static bool folder_is_private(const char *path, struct ds_error *err)
{
    ds_auto_free char *folder = ds_path_folder(path);
    struct stat info;
    if (lstat(folder, &info) < 0)
        return ds_error_set_errno(err, DS_ERROR_FAILED, errno, "cannot look at %s", folder);
    if (!S_ISDIR(info.st_mode) || info.st_uid != geteuid() || (info.st_mode & 077) != 0)
        return ds_error_set(err, DS_ERROR_FAILED, "%s is not a folder of yours alone (mode 0700)",
                            folder);
    return true;
}

static bool bind_and_listen(int fd, const char *path, struct ds_error *err)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t length = strlen(path);
    if (length >= sizeof(address.sun_path)) {
        ds_error_set(err, DS_ERROR_FAILED, "the path of the stack's socket is too long: %s", path);
        ds_error_hint(err, "set XDG_RUNTIME_DIR to a shorter folder");
        return false;
    }
    memcpy(address.sun_path, path, length + 1);
    /* The mode of an unbound socket's inode is what bind(2) gives the file, so there is no moment
     * at which others could connect. */
    if (fchmod(fd, 0600) < 0)
        return ds_error_set_errno(err, DS_ERROR_FAILED, errno, "cannot protect %s", path);
    if (unlink(path) < 0 && errno != ENOENT)
        return ds_error_set_errno(err, DS_ERROR_FAILED, errno, "cannot remove the old %s", path);
    if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
        return ds_error_set_errno(err, DS_ERROR_FAILED, errno, "cannot bind %s", path);
    if (listen(fd, BACKLOG) < 0) {
        ds_error_set_errno(err, DS_ERROR_FAILED, errno, "cannot listen on %s", path);
        unlink(path);
        return false;
    }
    return true;
}

int socket_listen(const char *path, struct ds_error *err)
{
    if (!folder_is_private(path, err))
        return -1;
    ds_auto_fd int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) {
        ds_error_set_errno(err, DS_ERROR_FAILED, errno, "cannot make a unix socket");
        return -1;
    }
    if (!bind_and_listen(fd, path, err))
        return -1;
    return ds_steal_fd(&fd);
}

bool socket_peer_allowed(int fd, uid_t own)
{
    struct ucred peer;
    socklen_t length = sizeof(peer);
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) < 0)
        return false;
    return peer.uid == own || peer.uid == 0;
}
