/* One supervisor without a guardian: its reports, its orders, and what ends it. */
#include "tests/support/cmocka_headers.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "orchestrator/guardian/supervisor.h"
#include "orchestrator/loop/guardian_internal.h"

struct supervised {
    pid_t supervisor;
    int reports, lifeline;
};

static int high(int fd)
{
    return fcntl(fd, F_DUPFD_CLOEXEC, 20);
}

static struct supervised supervise(const char *script)
{
    const char *const argv[] = {"/bin/sh", "-c", script, NULL};
    const char *const envp[] = {"PATH=/usr/bin:/bin", NULL};
    int spec = guardian_spec_create(&(struct ds_spawn){.argv = argv, .envp = envp}, NULL);
    int pair[2], life[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
    assert_int_equal(pipe2(life, O_CLOEXEC), 0);
    int self = (int)syscall(SYS_pidfd_open, getpid(), 0);
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    assert_true(spec >= 0 && self >= 0 && null >= 0);
    pid_t pid = fork();
    if (pid == 0) {
        sigset_t all;
        sigfillset(&all);
        sigprocmask(SIG_SETMASK, &all, NULL); /* as the guardian has it */
        close(pair[0]);
        close(life[1]);
        fcntl(pair[1], F_SETFL, O_NONBLOCK);
        ds_guard_supervise(&(struct ds_guard_supervision){
            .fds = {pair[1], high(spec), high(null), high(null), high(null)},
            .lifeline = life[0],
            .orchestrator = self,
            .source = DS_GUARD_TREE_STAT,
        });
    }
    close(pair[1]);
    close(life[0]);
    close(self);
    close(null);
    close(spec);
    return (struct supervised){.supervisor = pid, .reports = pair[0], .lifeline = life[1]};
}

static struct ds_guard_report_message next_report(const struct supervised *supervised)
{
    struct ds_guard_report_message message = {0};
    struct pollfd there = {.fd = supervised->reports, .events = POLLIN};
    assert_int_equal(poll(&there, 1, 20000), 1);
    assert_int_equal(recv(supervised->reports, &message, sizeof(message), 0), sizeof(message));
    return message;
}

static void order(const struct supervised *supervised, uint32_t kind, int signal)
{
    struct ds_guard_order_message message = {.kind = kind, .signal = signal};
    assert_int_equal(send(supervised->reports, &message, sizeof(message), 0), sizeof(message));
}

static void finish(struct supervised *supervised)
{
    assert_int_equal(waitpid(supervised->supervisor, NULL, 0), supervised->supervisor);
    close(supervised->reports);
    if (supervised->lifeline >= 0)
        close(supervised->lifeline);
}

static void it_tells_start_end_and_emptiness(void **state)
{
    (void)state;
    struct supervised one = supervise("exit 3");
    struct ds_guard_report_message message = next_report(&one);
    assert_int_equal(message.kind, DS_GUARD_SPAWNED);
    assert_int_equal(message.supervisor, one.supervisor);
    assert_true(message.pid > 0);
    message = next_report(&one);
    assert_int_equal(message.kind, DS_GUARD_EXITED);
    assert_int_equal(WEXITSTATUS(message.value), 3);
    assert_int_equal(next_report(&one).kind, DS_GUARD_EMPTIED);
    finish(&one);
}

static void a_signal_goes_to_the_first_process(void **state)
{
    (void)state;
    struct supervised one = supervise("exec sleep 3600");
    assert_int_equal(next_report(&one).kind, DS_GUARD_SPAWNED);
    order(&one, DS_GUARD_SIGNAL, SIGINT);
    struct ds_guard_report_message message = next_report(&one);
    assert_int_equal(message.kind, DS_GUARD_EXITED);
    assert_int_equal(WTERMSIG(message.value), SIGINT);
    assert_int_equal(next_report(&one).kind, DS_GUARD_EMPTIED);
    finish(&one);
}

static void killing_reaches_those_who_left_the_session(void **state)
{
    (void)state;
    struct supervised one = supervise("setsid sleep 3600 & exit 0");
    assert_int_equal(next_report(&one).kind, DS_GUARD_SPAWNED);
    assert_int_equal(next_report(&one).kind, DS_GUARD_EXITED);
    order(&one, DS_GUARD_KILL, 0);
    assert_int_equal(next_report(&one).kind, DS_GUARD_EMPTIED);
    finish(&one);
}

static void the_end_of_the_lifeline_ends_everything(void **state)
{
    (void)state;
    struct supervised one = supervise("exec sleep 3600");
    assert_int_equal(next_report(&one).kind, DS_GUARD_SPAWNED);
    close(one.lifeline);
    one.lifeline = -1;
    struct ds_guard_report_message message = next_report(&one);
    assert_int_equal(message.kind, DS_GUARD_EXITED);
    assert_int_equal(WTERMSIG(message.value), SIGTERM);
    assert_int_equal(next_report(&one).kind, DS_GUARD_EMPTIED);
    finish(&one);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_tells_start_end_and_emptiness),
        cmocka_unit_test(a_signal_goes_to_the_first_process),
        cmocka_unit_test(killing_reaches_those_who_left_the_session),
        cmocka_unit_test(the_end_of_the_lifeline_ends_everything),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
