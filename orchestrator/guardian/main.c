/*
 * The guardian: forks a supervisor for each request, ends what a killed supervisor leaves behind,
 * and when the orchestrator is gone sees to it that everything else goes too. protocol.h tells the
 * whole story.
 */
#include "launch.h"
#include "protocol.h"
#include "supervisor.h"
#include "system.h"
#include "tree.h"

enum { WATCH_SIGNALS, WATCH_CONTROL, WATCH_ORCHESTRATOR, WATCHES };

enum { FIRST_PAUSE_MS = 1, LONGEST_PAUSE_MS = 128 };

/* The service of each supervisor, or of each supervisor that was killed. */
struct wards {
    struct ward {
        int pid;
        uint64_t service;
    } * items; /* mapped memory */
    size_t count;
    size_t capacity;
};

struct guardian {
    bool has_lease, has_sweeper;
    int lifeline[2];
    int signals;               /* signalfd: SIGCHLD */
    int sweeper;               /* its pid, 0 when it does not run */
    struct ds_guard_pids mine; /* supervisors and sweeper: every other child is a stray */
    struct wards supervisors;  /* that live */
    struct wards lost;         /* that were killed, to be told when no stray is left */
    bool strays;               /* there may be some */
    int64_t pause;             /* ms until strays are looked for again */
    struct pollfd watches[WATCHES];
    enum ds_guard_tree_source source;
};

_Noreturn void ds_guard_main(void);

static bool add_ward(struct wards *wards, int pid, uint64_t service)
{
    if (wards->count == wards->capacity) {
        size_t capacity = wards->capacity ? wards->capacity * 2 : 256;
        struct ward *items =
            sys_map_grow(wards->items, wards->capacity * sizeof(*items), capacity * sizeof(*items));
        if (!items)
            return false;
        wards->items = items;
        wards->capacity = capacity;
    }
    wards->items[wards->count++] = (struct ward){.pid = pid, .service = service};
    return true;
}

static bool take_ward(struct wards *wards, int pid, uint64_t *ret_service)
{
    for (size_t i = 0; i < wards->count; i++) {
        if (wards->items[i].pid == pid) {
            *ret_service = wards->items[i].service;
            wards->items[i] = wards->items[--wards->count];
            return true;
        }
    }
    return false;
}

static void report_failed_fork(int reports, int error)
{
    struct ds_guard_report_message message = {
        .kind = DS_GUARD_FAILED, .stage = DS_GUARD_STAGE_FORK, .value = -error};
    sys_send(reports, &message, sizeof(message));
}

static _Noreturn void become_supervisor(struct guardian *guardian, const int *fds)
{
    /* The write end first: as long as a supervisor has it, its siblings cannot see the guardian's
     * end. */
    sys_close(guardian->lifeline[1]);
    sys_close(DS_GUARD_FD_CONTROL);
    if (guardian->has_lease)
        sys_close(DS_GUARD_FD_LEASE);
    if (guardian->has_sweeper) {
        sys_close(DS_GUARD_FD_SWEEPER);
        sys_close(DS_GUARD_FD_SWEEPER_SPEC);
    }
    sys_close(guardian->signals);
    struct ds_guard_supervision supervision = {
        .lifeline = guardian->lifeline[0],
        .orchestrator = DS_GUARD_FD_ORCHESTRATOR,
        .source = guardian->source,
    };
    for (int i = 0; i < DS_GUARD_SPAWN_FDS; i++)
        supervision.fds[i] = fds[i];
    ds_guard_supervise(&supervision);
}

static void start_supervisor(struct guardian *guardian, uint64_t service, const int *fds,
                             size_t count)
{
    int error = 0;
    if (count < DS_GUARD_SPAWN_FDS) {
        error = -EMFILE; /* the kernel drops the last ones when the limit is reached */
    } else {
        int pid = sys_fork();
        if (pid == 0)
            become_supervisor(guardian, fds);
        error = pid < 0 ? pid : 0;
        if (pid > 0 && (!ds_guard_pids_add(&guardian->mine, pid) ||
                        !add_ward(&guardian->supervisors, pid, service)))
            error = -ENOMEM; /* what cannot be remembered is a stray, and not kept */
        guardian->strays = guardian->strays || error == -ENOMEM;
    }
    if (error < 0 && count > DS_GUARD_SPAWN_REPORTS)
        report_failed_fork(fds[DS_GUARD_SPAWN_REPORTS], error);
    for (size_t i = 0; i < count; i++)
        sys_close(fds[i]);
}

/* Returns what recvmsg(2) does. */
static long receive(struct ds_guard_control_message *ret_message, int *ret_fds, size_t *ret_count)
{
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(DS_GUARD_SPAWN_FDS * sizeof(int))];
    } control;
    struct iovec part = {.iov_base = ret_message, .iov_len = sizeof(*ret_message)};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = sizeof(control)};
    long length = sys_receive(DS_GUARD_FD_CONTROL, &message);
    *ret_count = 0;
    const struct cmsghdr *header = length > 0 ? CMSG_FIRSTHDR(&message) : NULL;
    if (header && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS) {
        const int *fds = (const void *)CMSG_DATA(header);
        *ret_count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < *ret_count; i++)
            ret_fds[i] = fds[i];
    }
    return length;
}

enum wish { WISH_GO_ON, WISH_DISMISS, WISH_END };

static enum wish read_control(struct guardian *guardian)
{
    for (;;) {
        struct ds_guard_control_message message = {0};
        int fds[DS_GUARD_SPAWN_FDS];
        size_t count;
        long length = receive(&message, fds, &count);
        if (length == -EAGAIN || length == -EINTR)
            return WISH_GO_ON;
        /* A reset means only that the other end went with messages unread: the rest still comes. */
        if (length == -ECONNRESET)
            continue;
        if (length <= 0)
            return WISH_END;
        if (message.kind == DS_GUARD_DISMISS)
            return WISH_DISMISS;
        start_supervisor(guardian, message.service, fds, count);
    }
}

static int reap(struct guardian *guardian)
{
    char info[256]; /* one struct signalfd_siginfo, 128 bytes: SIGCHLD does not queue */
    while (sys_read(guardian->signals, info, sizeof(info)) > 0)
        ;
    for (int count = 0;; count++) {
        int status = 0;
        int pid = sys_wait(&status);
        if (pid <= 0)
            return count;
        uint64_t service;
        ds_guard_pids_remove(&guardian->mine, pid);
        if (pid == guardian->sweeper)
            guardian->sweeper = 0;
        else if (take_ward(&guardian->supervisors, pid, &service) && WIFSIGNALED(status)) {
            /* What it had below it has become ours before its end could be reaped. */
            guardian->strays = true;
            guardian->pause = FIRST_PAUSE_MS;
            add_ward(&guardian->lost, pid, service);
        }
    }
}

static void kill_strays(struct guardian *guardian)
{
    struct ds_guard_pids pids = {0};
    ds_guard_tree_collect(guardian->source, sys_getpid(), &guardian->mine, &pids);
    for (size_t i = 0; i < pids.count; i++)
        sys_kill(pids.items[i], SIGKILL);
    guardian->strays = pids.count > 0;
    ds_guard_pids_finish(&pids);
}

/* Tells of those whose trees are known to be gone. What does not fit is told later. */
static void report_lost(struct guardian *guardian)
{
    while (guardian->lost.count > 0) {
        struct ds_guard_control_message message = {
            .kind = DS_GUARD_LOST,
            .service = guardian->lost.items[guardian->lost.count - 1].service,
        };
        if (sys_send(DS_GUARD_FD_CONTROL, &message, sizeof(message)) == -EAGAIN)
            break;
        guardian->lost.count--;
    }
    guardian->watches[WATCH_CONTROL].events =
        (short)(guardian->lost.count > 0 ? POLLIN | POLLOUT : POLLIN);
}

/* One look at the children. Returns how long to wait for the next one, -1: for a signal. */
static int64_t look_after_children(struct guardian *guardian)
{
    bool reaped = reap(guardian) > 0;
    if (guardian->strays)
        kill_strays(guardian);
    if (!guardian->strays) {
        report_lost(guardian);
        return -1;
    }
    if (reaped)
        guardian->pause = FIRST_PAUSE_MS;
    else if (guardian->pause < LONGEST_PAUSE_MS)
        guardian->pause *= 2;
    return guardian->pause;
}

static void start_sweeper(struct guardian *guardian)
{
    int ends[2];
    if (!guardian->has_sweeper || sys_pipe(ends) < 0)
        return;
    int parent = sys_getpid();
    int pid = sys_fork();
    if (pid == 0) {
        int null = sys_open(AT_FDCWD, "/dev/null", O_RDWR | O_CLOEXEC);
        ds_guard_launch(&(struct ds_guard_launch){
            .spec = DS_GUARD_FD_SWEEPER_SPEC,
            .executable = DS_GUARD_FD_SWEEPER,
            .stdio = {null, null, null},
            .parent = parent,
            .failure = ends[1],
        });
    }
    sys_close(ends[0]);
    sys_close(ends[1]);
    if (pid > 0 && ds_guard_pids_add(&guardian->mine, pid))
        guardian->sweeper = pid;
}

static _Noreturn void end(struct guardian *guardian, bool sweep)
{
    uint64_t deadline = sys_now_ms() + DS_GUARD_END_MS;
    sys_close(guardian->lifeline[1]);
    for (size_t i = 0; i < guardian->supervisors.count; i++)
        sys_kill(guardian->supervisors.items[i].pid, SIGCONT);
    if (sweep)
        start_sweeper(guardian);
    guardian->strays = true;
    for (uint64_t now = sys_now_ms(); now < deadline; now = sys_now_ms()) {
        int64_t pause = look_after_children(guardian);
        if (!guardian->strays && guardian->supervisors.count == 0 && guardian->sweeper == 0)
            sys_exit(0);
        int64_t rest = (int64_t)(deadline - now);
        sys_poll(&guardian->watches[WATCH_SIGNALS], 1, pause < 0 || pause > rest ? rest : pause);
    }
    /* A sweeper must not outlive the lease: a new start may be using the same names by then. */
    if (guardian->sweeper > 0)
        sys_kill(guardian->sweeper, SIGKILL);
    sys_exit(1);
}

/* Everything that can be blocked is, for good; handlers go back to the default for what is started
 * from here. */
static void set_up(struct guardian *guardian)
{
    static const char name[] = "devstack-guard";
    sys_signal_mask(~UINT64_C(0));
    for (int signal = 1; signal <= SYS_SIGNALS; signal++)
        sys_signal_default(signal);
    sys_setsid();
    sys_prctl(PR_SET_NAME, (unsigned long)name);
    if (sys_prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
        sys_exit(1); /* without it there is no guarantee to give */
    sys_chdir("/");
    sys_close_on_exec(3);
    /* Before other descriptors take the numbers of those that are absent. */
    guardian->has_lease = sys_is_open(DS_GUARD_FD_LEASE);
    guardian->has_sweeper = sys_is_open(DS_GUARD_FD_SWEEPER);
    guardian->signals = sys_signalfd(sys_signal_bit(SIGCHLD));
    if (guardian->signals < 0 || sys_pipe(guardian->lifeline) < 0)
        sys_exit(1);
    guardian->pause = FIRST_PAUSE_MS;
    guardian->source = ds_guard_tree_source();
    guardian->watches[WATCH_SIGNALS] = (struct pollfd){.fd = guardian->signals, .events = POLLIN};
    guardian->watches[WATCH_CONTROL] = (struct pollfd){.fd = DS_GUARD_FD_CONTROL, .events = POLLIN};
    guardian->watches[WATCH_ORCHESTRATOR] =
        (struct pollfd){.fd = DS_GUARD_FD_ORCHESTRATOR, .events = POLLIN};
}

_Noreturn void ds_guard_main(void)
{
    struct guardian guardian = {0};
    set_up(&guardian);
    for (;;) {
        sys_poll(guardian.watches, WATCHES, look_after_children(&guardian));
        if (guardian.watches[WATCH_ORCHESTRATOR].revents)
            end(&guardian, true);
        if (guardian.watches[WATCH_CONTROL].revents & (POLLIN | POLLHUP | POLLERR)) {
            enum wish wish = read_control(&guardian);
            if (wish != WISH_GO_ON)
                end(&guardian, wish == WISH_END);
        }
    }
}
