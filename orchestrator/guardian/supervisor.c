/*
 * The supervisor's loop. It never gives up on a tree: as long as a child is left it looks again,
 * with longer pauses when what is left cannot be killed (uninterruptible, or another user's).
 */
#include "supervisor.h"

#include "launch.h"
#include "system.h"

enum { WATCH_START, WATCH_SIGNALS, WATCH_REPORTS, WATCH_LIFELINE, WATCH_ORCHESTRATOR, WATCHES };

enum { FIRST_PAUSE_MS = 1, LONGEST_PAUSE_MS = 128 };

struct supervisor {
    int reports;
    int signals; /* signalfd: SIGCHLD */
    int start;   /* read end of the first process' failure pipe, until it runs; else -1 */
    int first;   /* the first process */
    bool first_runs;
    bool failed; /* it never ran */
    struct pollfd watches[WATCHES];
    enum ds_guard_tree_source source;
};

static void report(struct supervisor *supervisor, struct ds_guard_report_message message)
{
    message.ns = sys_now();
    /* At most three of these are ever sent: they always fit, or nobody is there to read. */
    sys_send(supervisor->reports, &message, sizeof(message));
}

static void report_failure(struct supervisor *supervisor, int stage, int errno_value)
{
    supervisor->failed = true;
    report(supervisor, (struct ds_guard_report_message){.kind = DS_GUARD_FAILED,
                                                        .stage = (uint32_t)stage,
                                                        .value = errno_value});
}

/* The first process has written why it failed, or its end was closed by a successful exec. */
static void read_start(struct supervisor *supervisor)
{
    struct ds_guard_failure failure;
    long length = sys_read(supervisor->start, &failure, sizeof(failure));
    sys_close(supervisor->start);
    supervisor->start = -1;
    supervisor->watches[WATCH_START].fd = -1;
    if (length == (long)sizeof(failure))
        report_failure(supervisor, failure.stage, failure.errno_value);
    else
        report(supervisor, (struct ds_guard_report_message){.kind = DS_GUARD_SPAWNED,
                                                            .pid = supervisor->first,
                                                            .supervisor = sys_getpid()});
}

static void first_ended(struct supervisor *supervisor, int status)
{
    supervisor->first_runs = false;
    if (supervisor->start >= 0)
        read_start(supervisor);
    if (!supervisor->failed)
        report(supervisor,
               (struct ds_guard_report_message){.kind = DS_GUARD_EXITED, .value = status});
}

/* Reaps all that has ended. Returns how many, or -1 when no child is left. */
static int reap(struct supervisor *supervisor)
{
    char info[256]; /* one struct signalfd_siginfo, 128 bytes: SIGCHLD does not queue */
    while (sys_read(supervisor->signals, info, sizeof(info)) > 0)
        ;
    for (int count = 0;; count++) {
        int status = 0;
        int pid = sys_wait(&status);
        if (pid == -ECHILD)
            return -1;
        if (pid <= 0)
            return count;
        if (pid == supervisor->first && supervisor->first_runs)
            first_ended(supervisor, status);
    }
}

static _Noreturn void finish(struct supervisor *supervisor)
{
    if (!supervisor->failed)
        report(supervisor, (struct ds_guard_report_message){.kind = DS_GUARD_EMPTIED});
    sys_exit(0);
}

static void signal_tree(struct supervisor *supervisor, int signal)
{
    struct ds_guard_pids pids = {0};
    ds_guard_tree_collect(supervisor->source, sys_getpid(), NULL, &pids);
    for (size_t i = 0; i < pids.count; i++)
        sys_kill(pids.items[i], signal);
    ds_guard_pids_finish(&pids);
}

/* Whatever is missed in one round (a fork behind the walk's back) is found in another: it becomes
 * this process' child when its parent dies. */
static _Noreturn void kill_tree(struct supervisor *supervisor)
{
    int64_t pause = FIRST_PAUSE_MS;
    for (;;) {
        int reaped = reap(supervisor);
        if (reaped < 0)
            finish(supervisor);
        signal_tree(supervisor, SIGKILL);
        pause = reaped > 0 ? FIRST_PAUSE_MS : pause < LONGEST_PAUSE_MS ? pause * 2 : pause;
        sys_poll(&supervisor->watches[WATCH_SIGNALS], 1, pause);
    }
}

/* Nobody is left who could ask for a polite stop, so this is a short one. */
static _Noreturn void end_tree(struct supervisor *supervisor)
{
    uint64_t deadline = sys_now_ms() + DS_GUARD_GRACE_MS;
    signal_tree(supervisor, SIGTERM);
    for (;;) {
        if (reap(supervisor) < 0)
            finish(supervisor);
        uint64_t now = sys_now_ms();
        if (now >= deadline)
            kill_tree(supervisor);
        sys_poll(&supervisor->watches[WATCH_SIGNALS], 1, (int64_t)(deadline - now));
    }
}

static void pass_signal(struct supervisor *supervisor, int signal)
{
    /* While the first process is not reaped, nobody else can have its number for a group. Before it
     * has made its session there is no such group. */
    if (!supervisor->first_runs)
        signal_tree(supervisor, signal);
    else if (sys_kill(-supervisor->first, signal) < 0)
        sys_kill(supervisor->first, signal);
}

static void read_orders(struct supervisor *supervisor)
{
    for (;;) {
        struct ds_guard_order_message order = {0};
        struct iovec part = {.iov_base = &order, .iov_len = sizeof(order)};
        struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
        long length = sys_receive(supervisor->reports, &message);
        if (length == -EAGAIN || length == -EINTR)
            return;
        if (length <= 0)
            end_tree(supervisor);
        if (order.kind == DS_GUARD_KILL)
            kill_tree(supervisor);
        if (order.kind == DS_GUARD_SIGNAL)
            pass_signal(supervisor, order.signal);
    }
}

static void start_first(struct supervisor *supervisor,
                        const struct ds_guard_supervision *supervision)
{
    int ends[2];
    int error = sys_pipe(ends);
    if (error == 0) {
        int parent = sys_getpid();
        supervisor->first = sys_fork();
        if (supervisor->first == 0)
            ds_guard_launch(&(struct ds_guard_launch){
                .spec = supervision->fds[DS_GUARD_SPAWN_SPEC],
                .executable = -1,
                .stdio = {supervision->fds[DS_GUARD_SPAWN_STDIN],
                          supervision->fds[DS_GUARD_SPAWN_STDOUT],
                          supervision->fds[DS_GUARD_SPAWN_STDERR]},
                .parent = parent,
                .failure = ends[1],
            });
        sys_close(ends[1]);
        error = supervisor->first < 0 ? supervisor->first : 0;
    }
    for (int i = DS_GUARD_SPAWN_SPEC; i < DS_GUARD_SPAWN_FDS; i++)
        sys_close(supervision->fds[i]);
    if (error < 0) {
        report_failure(supervisor, DS_GUARD_STAGE_FORK, -error);
        sys_exit(0);
    }
    supervisor->first_runs = true;
    supervisor->start = ends[0];
}

_Noreturn void ds_guard_supervise(const struct ds_guard_supervision *supervision)
{
    static const char name[] = "devstack-sup";
    struct supervisor supervisor = {
        .reports = supervision->fds[DS_GUARD_SPAWN_REPORTS],
        .source = supervision->source,
    };
    sys_setsid();
    sys_prctl(PR_SET_NAME, (unsigned long)name);
    sys_prctl(PR_SET_CHILD_SUBREAPER, 1);
    supervisor.signals = sys_signalfd(sys_signal_bit(SIGCHLD));
    start_first(&supervisor, supervision);
    struct pollfd *watches = supervisor.watches;
    watches[WATCH_START] = (struct pollfd){.fd = supervisor.start, .events = POLLIN};
    watches[WATCH_SIGNALS] = (struct pollfd){.fd = supervisor.signals, .events = POLLIN};
    watches[WATCH_REPORTS] = (struct pollfd){.fd = supervisor.reports, .events = POLLIN};
    watches[WATCH_LIFELINE] = (struct pollfd){.fd = supervision->lifeline, .events = POLLIN};
    watches[WATCH_ORCHESTRATOR] =
        (struct pollfd){.fd = supervision->orchestrator, .events = POLLIN};
    for (;;) {
        sys_poll(watches, WATCHES, -1);
        if (supervisor.start >= 0 && watches[WATCH_START].revents)
            read_start(&supervisor);
        if (watches[WATCH_SIGNALS].revents && reap(&supervisor) < 0)
            finish(&supervisor);
        if (watches[WATCH_LIFELINE].revents || watches[WATCH_ORCHESTRATOR].revents)
            end_tree(&supervisor);
        if (watches[WATCH_REPORTS].revents)
            read_orders(&supervisor);
    }
}
