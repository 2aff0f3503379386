/*
 * Who listens: choosing the source, and what a listener means for a connection to this machine.
 */
#include "listeners_internal.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "devstack/base/memory.h"

static const uint8_t loopback4[4] = {127, 0, 0, 1};
static const uint8_t loopback6[16] = {[15] = 1};
static const uint8_t any[16] = {0};
static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff}; /* ::ffff:0:0/96, RFC 4291 */

static bool dump_tables(struct ds_listeners *listeners, struct ds_error *err)
{
    enum listeners_outcome four = listeners_from_table(listeners, AF_INET, "/proc/net/tcp", err);
    if (four == LISTENERS_FAILED)
        return false;
    enum listeners_outcome six = listeners_from_table(listeners, AF_INET6, "/proc/net/tcp6", err);
    if (four == LISTENERS_REFUSED && six == LISTENERS_REFUSED)
        return ds_error_set(err, DS_ERROR_FAILED,
                            "cannot see who listens: neither sock_diag nor /proc/net/tcp is there");
    return six != LISTENERS_FAILED;
}

bool ds_listeners_dump(struct ds_listeners *listeners, struct ds_error *err)
{
    listeners->count = 0;
    switch (listeners_from_diag(listeners, err)) {
    case LISTENERS_DONE:
        return true;
    case LISTENERS_FAILED:
        return false;
    case LISTENERS_REFUSED:
        break;
    }
    listeners->count = 0;
    return dump_tables(listeners, err);
}

void ds_listeners_finish(struct ds_listeners *listeners)
{
    free(listeners->items);
    *listeners = (struct ds_listeners){0};
}

static bool accepts4(const uint8_t *address)
{
    return memcmp(address, loopback4, 4) == 0 || memcmp(address, any, 4) == 0;
}

bool ds_listener_accepts(const struct ds_listener *listener, int family)
{
    const uint8_t *address = listener->address;
    if (listener->family == AF_INET)
        return family == AF_INET && accepts4(address);
    if (family == AF_INET6)
        return memcmp(address, loopback6, 16) == 0 || memcmp(address, any, 16) == 0;
    if (memcmp(address, mapped, sizeof(mapped)) == 0)
        return accepts4(address + sizeof(mapped));
    return memcmp(address, any, 16) == 0 && !listener->only_v6;
}

const struct ds_listener *ds_listeners_next(const struct ds_listeners *listeners, uint16_t port,
                                            size_t *index)
{
    while (*index < listeners->count) {
        const struct ds_listener *listener = &listeners->items[(*index)++];
        if (listener->port == port &&
            (ds_listener_accepts(listener, AF_INET) || ds_listener_accepts(listener, AF_INET6)))
            return listener;
    }
    return NULL;
}
