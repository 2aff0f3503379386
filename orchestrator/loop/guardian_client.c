/*
 * The connection to the guardian: requests out, losses in, and its end.
 */
#include "guardian_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "devstack/base/memory.h"

enum { RETRY_MS = 2 };

static void flush(struct ds_guardian *guardian);

static bool would_wait(int error)
{
    /* ETOOMANYREFS: the user has as many descriptors under way in sockets as the kernel allows. */
    return error == EAGAIN || error == ETOOMANYREFS || error == ENOBUFS || error == EINTR;
}

/* 0, or an errno. */
static int send_message(struct ds_guardian *guardian, enum ds_guard_control kind, uint64_t service,
                        const int *fds)
{
    struct ds_guard_control_message body = {.kind = kind, .service = service};
    struct iovec part = {.iov_base = &body, .iov_len = sizeof(body)};
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(DS_GUARD_SPAWN_FDS * sizeof(int))];
    } control;
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    if (fds) {
        memset(&control, 0, sizeof(control));
        message.msg_control = &control;
        message.msg_controllen = sizeof(control);
        control.header = (struct cmsghdr){.cmsg_level = SOL_SOCKET,
                                          .cmsg_type = SCM_RIGHTS,
                                          .cmsg_len = CMSG_LEN(DS_GUARD_SPAWN_FDS * sizeof(int))};
        memcpy(CMSG_DATA(&control.header), fds, DS_GUARD_SPAWN_FDS * sizeof(int));
    }
    ssize_t sent = sendmsg(guardian->control, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    return sent < 0 ? errno : 0;
}

static void tell_lost(struct ds_guardian *guardian, uint64_t service)
{
    for (struct ds_child *child = guardian->children; child; child = child->next) {
        if (child->service == service) {
            child_supervisor_lost(child);
            return;
        }
    }
}

static void read_control(struct ds_guardian *guardian)
{
    for (;;) {
        struct ds_guard_control_message message;
        ssize_t length = recv(guardian->control, &message, sizeof(message), MSG_DONTWAIT);
        if (length == (ssize_t)sizeof(message)) {
            if (message.kind == DS_GUARD_LOST)
                tell_lost(guardian, message.service);
        } else if (length < 0 && (errno == EINTR || errno == ECONNRESET)) {
            continue; /* after a reset, what was sent before still comes */
        } else {
            if (length >= 0 || errno != EAGAIN)
                uv_poll_stop(&guardian->control_poll);
            return;
        }
    }
}

static void control_ready(uv_poll_t *poll, int status, int events)
{
    struct ds_guardian *guardian = poll->data;
    if (status < 0 || events & (UV_READABLE | UV_DISCONNECT))
        read_control(guardian);
    if (events & UV_WRITABLE && uv_is_active((uv_handle_t *)poll))
        flush(guardian);
}

static void watch_control(struct ds_guardian *guardian, bool writable)
{
    uv_poll_start(&guardian->control_poll,
                  UV_READABLE | UV_DISCONNECT | (writable ? UV_WRITABLE : 0), control_ready);
}

static void retry_now(uv_timer_t *timer)
{
    flush(timer->data);
}

/* Writability tells nothing about descriptors under way, so those wait for the timer. */
static void wait_to_send(struct ds_guardian *guardian, int error)
{
    if (error == EAGAIN)
        watch_control(guardian, true);
    else
        uv_timer_start(&guardian->retry, retry_now, RETRY_MS, 0);
}

static void drop_request(struct ds_child *child)
{
    for (size_t i = 0; i < DS_GUARD_SPAWN_FDS; i++)
        if (child->request[i] >= 0)
            close(ds_steal_fd(&child->request[i]));
}

/* Sends what did not fit before. An error that does not pass means that the guardian is gone; its
 * exit tells the rest. */
static void flush(struct ds_guardian *guardian)
{
    if (guardian->pid == 0 || guardian->closing)
        return;
    watch_control(guardian, false);
    while (guardian->unsent) {
        struct ds_child *child = guardian->unsent;
        int error = send_message(guardian, DS_GUARD_SPAWN, child->service, child->request);
        if (would_wait(error)) {
            wait_to_send(guardian, error);
            return;
        }
        drop_request(child);
        guardian->unsent = child->next_unsent;
        if (!guardian->unsent)
            guardian->unsent_end = &guardian->unsent;
    }
    if (guardian->dismissed && !guardian->dismissal_sent) {
        int error = send_message(guardian, DS_GUARD_DISMISS, 0, NULL);
        if (would_wait(error))
            wait_to_send(guardian, error);
        else
            guardian->dismissal_sent = true;
    }
}

void guardian_request(struct ds_guardian *guardian, struct ds_child *child)
{
    *guardian->unsent_end = child;
    guardian->unsent_end = &child->next_unsent;
    if (guardian->unsent == child)
        flush(guardian);
}

static void forget_unsent(struct ds_guardian *guardian)
{
    while (guardian->unsent) {
        drop_request(guardian->unsent);
        guardian->unsent = guardian->unsent->next_unsent;
    }
    guardian->unsent_end = &guardian->unsent;
}

void guardian_forget_request(struct ds_guardian *guardian, struct ds_child *child)
{
    struct ds_child **link = &guardian->unsent;
    while (*link && *link != child)
        link = &(*link)->next_unsent;
    if (!*link)
        return;
    *link = child->next_unsent;
    if (guardian->unsent_end == &child->next_unsent)
        guardian->unsent_end = link;
    drop_request(child);
}

void guardian_handle_closed(struct ds_guardian *guardian)
{
    if (--guardian->open_handles > 0)
        return;
    void (*on_closed)(void *data) = guardian->on_closed;
    void *data = guardian->on_closed_data;
    close(guardian->control);
    close(guardian->exit);
    close(guardian->null);
    free(guardian);
    if (on_closed)
        on_closed(data);
}

static void handle_closed(uv_handle_t *handle)
{
    guardian_handle_closed(handle->data);
}

static void close_handles(struct ds_guardian *guardian)
{
    guardian->closing = true;
    uv_close((uv_handle_t *)&guardian->control_poll, handle_closed);
    uv_close((uv_handle_t *)&guardian->exit_poll, handle_closed);
    uv_close((uv_handle_t *)&guardian->retry, handle_closed);
}

/* Its process has ended: reap it. Libuv knows nothing of this child and leaves it alone. */
static void guardian_exited(uv_poll_t *poll, int status, int events)
{
    (void)status, (void)events;
    struct ds_guardian *guardian = poll->data;
    if (waitpid(guardian->pid, NULL, WNOHANG) == 0)
        return;
    uv_poll_stop(poll);
    read_control(guardian); /* a callback may dismiss: handles are closed below, and only there */
    uv_poll_stop(&guardian->control_poll);
    uv_timer_stop(&guardian->retry);
    guardian->pid = 0;
    forget_unsent(guardian);
    if (guardian->dismissed) {
        close_handles(guardian);
        return;
    }
    /* Who has no supervisor now will not hear of it from the guardian. A callback may release any
     * child, so start over after each. */
    for (struct ds_child *child = guardian->children; child;) {
        bool alone = child->hung_up && !child->final;
        if (alone)
            child_supervisor_lost(child);
        child = alone ? guardian->children : child->next;
    }
    if (guardian->on_lost && !guardian->dismissed)
        guardian->on_lost(guardian->on_lost_data);
}

struct ds_guardian *ds_guardian_start(uv_loop_t *loop, const struct ds_guardian_config *config,
                                      struct ds_error *err)
{
    ds_auto_fd int null = open("/dev/null", O_RDWR | O_CLOEXEC), control = -1, exit = -1;
    if (null < 0) {
        ds_error_set_errno(err, DS_ERROR_FAILED, errno, "cannot open /dev/null");
        return NULL;
    }
    pid_t pid;
    if (!guardian_process_start(config, &pid, &control, &exit, err))
        return NULL;
    struct ds_guardian *guardian = DS_NEW(struct ds_guardian);
    guardian->loop = loop;
    guardian->on_lost = config->on_lost;
    guardian->on_lost_data = config->data;
    guardian->pid = pid;
    guardian->null = ds_steal_fd(&null);
    guardian->control = ds_steal_fd(&control);
    guardian->exit = ds_steal_fd(&exit);
    guardian->unsent_end = &guardian->unsent;
    uv_poll_init(loop, &guardian->control_poll, guardian->control);
    uv_poll_init(loop, &guardian->exit_poll, guardian->exit);
    uv_timer_init(loop, &guardian->retry);
    guardian->open_handles = 3;
    guardian->control_poll.data = guardian->exit_poll.data = guardian->retry.data = guardian;
    watch_control(guardian, false);
    uv_poll_start(&guardian->exit_poll, UV_READABLE, guardian_exited);
    return guardian;
}

void ds_guardian_dismiss(struct ds_guardian *guardian, void (*on_closed)(void *data), void *data)
{
    if (guardian->dismissed)
        return;
    guardian->dismissed = true;
    guardian->on_closed = on_closed;
    guardian->on_closed_data = data;
    forget_unsent(guardian);
    while (guardian->children)
        ds_child_release(guardian->children);
    if (guardian->pid == 0)
        close_handles(guardian);
    else
        flush(guardian);
}
