/* The listening unix socket: nobody but its owner (and root) may speak through it. */
#ifndef SERVER_SOCKET_H
#define SERVER_SOCKET_H

#include <stdbool.h>
#include <sys/types.h>

#include "devstack/base/error.h"

/* A listening, close-on-exec, non-blocking socket at `path` with mode 0600 from its first moment,
 * whatever the umask. The folder must be the owner's alone. -1 with `err` when it cannot. */
int socket_listen(const char *path, struct ds_error *err);
/* Is the process at the other end the user `own`, or root? (SO_PEERCRED, unix(7).) */
bool socket_peer_allowed(int fd, uid_t own);

#endif
