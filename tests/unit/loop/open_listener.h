/*
 * Real sockets on loopback, for the tests of listeners*.c.
 */
#ifndef TESTS_UNIT_LOOP_OPEN_LISTENER_H
#define TESTS_UNIT_LOOP_OPEN_LISTENER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "devstack/base/memory.h"
#include "devstack/base/text.h"
#include "orchestrator/loop/listeners_internal.h"

struct opened {
    int fd;
    uint16_t port;
    uint64_t inode;
};

static inline struct opened open_listener(const char *address, bool only_v6)
{
    bool six = strchr(address, ':');
    struct sockaddr_storage where = {0};
    socklen_t length = six ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
    struct sockaddr_in *four_part = (struct sockaddr_in *)&where;
    struct sockaddr_in6 *six_part = (struct sockaddr_in6 *)&where;
    where.ss_family = six ? AF_INET6 : AF_INET;
    void *bytes = six ? (void *)&six_part->sin6_addr : (void *)&four_part->sin_addr;
    assert_int_equal(inet_pton(where.ss_family, address, bytes), 1);
    struct opened opened = {.fd = socket(where.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    assert_true(opened.fd >= 0);
    if (six) {
        int on = only_v6;
        assert_int_equal(setsockopt(opened.fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)), 0);
    }
    assert_int_equal(bind(opened.fd, (struct sockaddr *)&where, length), 0);
    assert_int_equal(listen(opened.fd, 1), 0);
    assert_int_equal(getsockname(opened.fd, (struct sockaddr *)&where, &length), 0);
    opened.port = ntohs(six ? six_part->sin6_port : four_part->sin_port);
    struct stat status;
    assert_int_equal(fstat(opened.fd, &status), 0);
    opened.inode = status.st_ino;
    return opened;
}

static inline const struct ds_listener *find(const struct ds_listeners *listeners, uint64_t inode)
{
    for (size_t i = 0; i < listeners->count; i++)
        if (listeners->items[i].inode == inode)
            return &listeners->items[i];
    return NULL;
}

#endif
