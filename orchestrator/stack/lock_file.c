/* Lock files that go with their lock. */
#include "lock_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "devstack/base/memory.h"

static bool still_there(const char *path, int fd)
{
    struct stat ours, theirs;
    return fstat(fd, &ours) == 0 && stat(path, &theirs) == 0 && ours.st_ino == theirs.st_ino &&
           ours.st_dev == theirs.st_dev;
}

enum lock_outcome lock_file_try(const char *path, int *ret_fd)
{
    for (;;) {
        ds_auto_fd int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (fd < 0)
            return LOCK_FAILED;
        if (flock(fd, LOCK_EX | LOCK_NB) < 0)
            return errno == EWOULDBLOCK ? LOCK_HELD : LOCK_FAILED;
        if (still_there(path, fd)) {
            *ret_fd = ds_steal_fd(&fd);
            return LOCK_TAKEN;
        }
        /* Its last holder removed it between our open and our lock: there may be a new one. */
    }
}

void lock_file_drop(const char *path, int fd)
{
    unlink(path);
    close(fd);
}
