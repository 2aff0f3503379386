/*
 * One service's process tree, as its supervisor reports it.
 *
 * The report socket ends without a final report when the supervisor was killed. That alone is not
 * told: the guardian first ends what was left behind and then says so.
 */
#include "guardian_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "devstack/base/memory.h"
#include "guardian/tree.h"

static void poll_closed(uv_handle_t *handle)
{
    struct ds_child *child = handle->data;
    struct ds_guardian *guardian = child->guardian;
    close(child->reports);
    for (size_t i = 0; i < DS_GUARD_SPAWN_FDS; i++)
        if (child->request[i] >= 0)
            close(child->request[i]);
    free(child);
    guardian_handle_closed(guardian);
}

/* The caller may release the child in the event, so this is set before. */
static void become_final(struct ds_child *child)
{
    child->final = true;
    child->pid = 0;
    child->supervisor = 0;
    uv_poll_stop(&child->poll);
}

static void handle_report(struct ds_child *child, const struct ds_guard_report_message *report)
{
    const struct ds_child_events *events = &child->events;
    switch ((enum ds_guard_report)report->kind) {
    case DS_GUARD_SPAWNED:
        child->pid = report->pid;
        child->supervisor = report->supervisor;
        if (events->spawned)
            events->spawned(events->data, child, report->pid, report->ns);
        break;
    case DS_GUARD_FAILED:
        become_final(child);
        if (events->failed)
            events->failed(events->data, child, (enum ds_spawn_stage)report->stage, report->value);
        break;
    case DS_GUARD_EXITED:
        child->pid = 0;
        if (events->exited)
            events->exited(events->data, child, report->value, report->ns);
        break;
    case DS_GUARD_EMPTIED:
        become_final(child);
        if (events->emptied)
            events->emptied(events->data, child);
        break;
    }
}

static void read_reports(struct ds_child *child)
{
    while (!child->final && !child->hung_up) {
        struct ds_guard_report_message report;
        ssize_t length = recv(child->reports, &report, sizeof(report), MSG_DONTWAIT);
        if (length == (ssize_t)sizeof(report)) {
            handle_report(child, &report);
        } else if (length < 0 && errno == EAGAIN) {
            return;
        } else if (length < 0 && (errno == EINTR || errno == ECONNRESET)) {
            continue; /* a reset comes before the messages that were sent earlier */
        } else {
            child->hung_up = true;
            uv_poll_stop(&child->poll);
        }
    }
}

static void reports_ready(uv_poll_t *poll, int status, int events)
{
    (void)status, (void)events;
    struct ds_child *child = poll->data;
    read_reports(child);
    if (child->hung_up && !child->final && child->guardian->pid == 0)
        child_supervisor_lost(child);
}

void child_supervisor_lost(struct ds_child *child)
{
    read_reports(child); /* what it said before it died */
    if (child->final)
        return;
    become_final(child);
    if (child->events.lost)
        child->events.lost(child->events.data, child);
}

/* Copies of the descriptors, since the caller's are borrowed for the call alone. */
static bool hold_request(struct ds_child *child, const struct ds_spawn *spawn, int reports,
                         struct ds_error *err)
{
    const int stdio[] = {spawn->stdin_fd, spawn->stdout_fd, spawn->stderr_fd};
    child->request[DS_GUARD_SPAWN_REPORTS] = reports;
    child->request[DS_GUARD_SPAWN_SPEC] = guardian_spec_create(spawn, err);
    if (child->request[DS_GUARD_SPAWN_SPEC] < 0)
        return false;
    for (size_t i = 0; i < DS_COUNT(stdio); i++) {
        int fd = stdio[i] < 0 ? child->guardian->null : stdio[i];
        fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
        if (fd < 0)
            return ds_error_set_errno(err, DS_ERROR_FAILED, errno, "cannot hand over %s",
                                      spawn->argv[0]);
        child->request[DS_GUARD_SPAWN_STDIN + i] = fd;
    }
    return true;
}

static void enlist(struct ds_child *child)
{
    struct ds_guardian *guardian = child->guardian;
    child->next = guardian->children;
    if (child->next)
        child->next->previous = child;
    guardian->children = child;
}

static void delist(struct ds_child *child)
{
    if (child->previous)
        child->previous->next = child->next;
    else
        child->guardian->children = child->next;
    if (child->next)
        child->next->previous = child->previous;
    child->previous = child->next = NULL;
}

struct ds_child *ds_guardian_spawn(struct ds_guardian *guardian, const struct ds_spawn *spawn,
                                   const struct ds_child_events *events, struct ds_error *err)
{
    if (guardian->pid == 0 || guardian->dismissed) {
        ds_error_set(err, DS_ERROR_FAILED, "cannot start %s: the guardian is gone", spawn->argv[0]);
        return NULL;
    }
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) {
        ds_error_set_errno(err, DS_ERROR_FAILED, errno, "cannot start %s", spawn->argv[0]);
        return NULL;
    }
    struct ds_child *child = DS_NEW(struct ds_child);
    child->guardian = guardian;
    child->events = *events;
    child->service = ++guardian->last_service;
    child->reports = pair[0];
    child->poll.data = child;
    for (size_t i = 0; i < DS_GUARD_SPAWN_FDS; i++)
        child->request[i] = -1;
    uv_poll_init(guardian->loop, &child->poll, child->reports);
    guardian->open_handles++;
    if (!hold_request(child, spawn, pair[1], err)) {
        uv_close((uv_handle_t *)&child->poll, poll_closed);
        return NULL;
    }
    enlist(child);
    uv_poll_start(&child->poll, UV_READABLE | UV_DISCONNECT, reports_ready);
    guardian_request(guardian, child);
    return child;
}

static void order(struct ds_child *child, enum ds_guard_order kind, int signal)
{
    struct ds_guard_order_message message = {.kind = kind, .signal = signal};
    if (child->final || child->hung_up)
        return;
    ssize_t sent = send(child->reports, &message, sizeof(message), MSG_NOSIGNAL | MSG_DONTWAIT);
    /* The socket is full of signals that a stopped supervisor does not read. A half-closed socket
     * still tells it to end its tree. */
    if (sent < 0 && errno == EAGAIN && kind == DS_GUARD_KILL)
        shutdown(child->reports, SHUT_WR);
}

void ds_child_signal(struct ds_child *child, int signal)
{
    order(child, DS_GUARD_SIGNAL, signal);
}

void ds_child_kill(struct ds_child *child)
{
    order(child, DS_GUARD_KILL, 0);
}

bool ds_child_owns(const struct ds_child *child, pid_t pid)
{
    if (child->supervisor == 0)
        return false;
    while (pid > 1 && pid != child->supervisor)
        pid = ds_guard_tree_parent(pid);
    return pid == child->supervisor;
}

size_t ds_child_tree(const struct ds_child *child, pid_t **ret_pids)
{
    struct ds_guard_pids pids = {0};
    if (child->supervisor > 0)
        ds_guard_tree_collect(ds_guard_tree_source(), child->supervisor, NULL, &pids);
    size_t count = pids.count;
    *ret_pids = count > 0 ? ds_memdup(pids.items, count * sizeof(*pids.items)) : NULL;
    ds_guard_pids_finish(&pids);
    return count;
}

void ds_child_release(struct ds_child *child)
{
    if (!child)
        return;
    delist(child);
    guardian_forget_request(child->guardian, child);
    become_final(child);
    uv_close((uv_handle_t *)&child->poll, poll_closed);
}
