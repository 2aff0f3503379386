/*
 * Listeners from the kernel's socket diagnostics: a dump of the sockets in state LISTEN, one
 * request a family since a netlink socket does one dump at a time.
 */
#include "listeners_internal.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "devstack/base/memory.h"

enum { BUFFER_SIZE = 32 * 1024 };

static bool request(int fd, int family)
{
    struct {
        struct nlmsghdr header;
        struct inet_diag_req_v2 body;
    } message = {
        .header = {.nlmsg_len = sizeof(message),
                   .nlmsg_type = SOCK_DIAG_BY_FAMILY,
                   .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP},
        .body = {.sdiag_family = (uint8_t)family,
                 .sdiag_protocol = IPPROTO_TCP,
                 .idiag_states = 1U << TCP_LISTEN},
    };
    const struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
    return sendto(fd, &message, sizeof(message), 0, (const struct sockaddr *)&kernel,
                  sizeof(kernel)) == (ssize_t)sizeof(message);
}

static bool read_only_v6(const struct inet_diag_msg *message, size_t length)
{
    size_t left = length - sizeof(*message);
    const struct rtattr *attribute = (const void *)(message + 1);
    for (; RTA_OK(attribute, left); attribute = RTA_NEXT(attribute, left))
        if (attribute->rta_type == INET_DIAG_SKV6ONLY && RTA_PAYLOAD(attribute) >= 1)
            return *(const uint8_t *)RTA_DATA(attribute) != 0;
    return false;
}

static void add(struct ds_listeners *listeners, const struct inet_diag_msg *message, size_t length)
{
    struct ds_listener *listener = DS_VEC_PUSH(listeners);
    *listener = (struct ds_listener){
        .family = message->idiag_family,
        .port = ntohs(message->id.idiag_sport),
        .uid = message->idiag_uid,
        .inode = message->idiag_inode,
    };
    memcpy(listener->address, message->id.idiag_src, message->idiag_family == AF_INET ? 4 : 16);
    if (message->idiag_family == AF_INET6)
        listener->only_v6 = read_only_v6(message, length);
}

/* 0 at the end of the dump, 1 when more is to come, a negative errno on failure. */
static int read_messages(struct ds_listeners *listeners, const char *buffer, size_t length)
{
    const struct nlmsghdr *header = (const void *)buffer;
    for (; NLMSG_OK(header, length); header = NLMSG_NEXT(header, length)) {
        if (header->nlmsg_type == NLMSG_DONE)
            return 0;
        if (header->nlmsg_type == NLMSG_ERROR) {
            const struct nlmsgerr *error = NLMSG_DATA(header);
            return header->nlmsg_len < NLMSG_LENGTH(sizeof(*error)) ? -EPROTO : error->error;
        }
        if (header->nlmsg_type == SOCK_DIAG_BY_FAMILY &&
            header->nlmsg_len >= NLMSG_LENGTH(sizeof(struct inet_diag_msg)))
            add(listeners, NLMSG_DATA(header), header->nlmsg_len - NLMSG_HDRLEN);
    }
    return 1;
}

/* 0, or a negative errno. */
static int dump_family(int fd, int family, char *buffer, struct ds_listeners *listeners)
{
    if (!request(fd, family))
        return -errno;
    for (;;) {
        ssize_t length = recv(fd, buffer, BUFFER_SIZE, 0);
        if (length < 0 && errno == EINTR)
            continue;
        if (length < 0)
            return -errno;
        int result = read_messages(listeners, buffer, (size_t)length);
        if (result <= 0)
            return result;
    }
}

/* Kernels without inet_diag, and sandboxes that forbid netlink, are no failure. ENOENT: no handler
 * for the family. */
static enum listeners_outcome judge(int error, struct ds_error *err)
{
    static const int refusals[] = {EACCES,     EPERM,  EPROTONOSUPPORT, EAFNOSUPPORT,
                                   EOPNOTSUPP, ENOENT, EINVAL};
    for (size_t i = 0; i < DS_COUNT(refusals); i++)
        if (error == refusals[i])
            return LISTENERS_REFUSED;
    ds_error_set_errno(err, DS_ERROR_FAILED, error, "cannot see who listens");
    return LISTENERS_FAILED;
}

enum listeners_outcome listeners_from_diag(struct ds_listeners *listeners, struct ds_error *err)
{
    ds_auto_fd int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
    if (fd < 0)
        return judge(errno, err);
    ds_auto_free char *buffer = ds_alloc(BUFFER_SIZE);
    int error = dump_family(fd, AF_INET, buffer, listeners);
    if (error < 0)
        return judge(-error, err);
    error = dump_family(fd, AF_INET6, buffer, listeners);
    /* A kernel without IPv6 has no listeners of it. */
    if (error < 0 && error != -ENOENT)
        return judge(-error, err);
    return LISTENERS_DONE;
}
