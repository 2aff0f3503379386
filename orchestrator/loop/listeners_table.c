/*
 * Listeners from /proc/net/tcp and tcp6, the slow way that needs nothing.
 */
#include "listeners_internal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "devstack/base/memory.h"

enum { STATE_LISTEN = 10 };

/* The address is in 32-bit words, each printed as the machine reads it from memory. */
static bool parse_address(const char *text, int family, uint8_t *ret_address)
{
    size_t words = family == AF_INET ? 1 : 4;
    if (strlen(text) != words * 8)
        return false;
    for (size_t i = 0; i < words; i++) {
        uint32_t word;
        if (sscanf(text + i * 8, "%8" SCNx32, &word) != 1)
            return false;
        memcpy(ret_address + i * sizeof(word), &word, sizeof(word));
    }
    return true;
}

static bool parse_line(const char *line, int family, struct ds_listener *ret_listener)
{
    char address[33];
    unsigned port, state;
    uint32_t uid;
    uint64_t inode;
    if (sscanf(line,
               " %*u: %32[0-9A-Fa-f]:%x %*[0-9A-Fa-f]:%*x %x %*x:%*x %*x:%*x %*x %" SCNu32
               " %*u %" SCNu64,
               address, &port, &state, &uid, &inode) != 5)
        return false;
    *ret_listener =
        (struct ds_listener){.family = family, .port = (uint16_t)port, .uid = uid, .inode = inode};
    return state == STATE_LISTEN && parse_address(address, family, ret_listener->address);
}

enum listeners_outcome listeners_from_table(struct ds_listeners *listeners, int family,
                                            const char *path, struct ds_error *err)
{
    ds_auto_file FILE *file = fopen(path, "re");
    if (!file) {
        if (errno == ENOENT || errno == EACCES)
            return LISTENERS_REFUSED;
        ds_error_set_errno(err, DS_ERROR_FAILED, errno, "cannot read %s", path);
        return LISTENERS_FAILED;
    }
    ds_auto_free char *line = NULL;
    size_t size = 0;
    while (getline(&line, &size, file) > 0) {
        struct ds_listener listener;
        if (parse_line(line, family, &listener))
            *DS_VEC_PUSH(listeners) = listener;
    }
    return LISTENERS_DONE;
}
