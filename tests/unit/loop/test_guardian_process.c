/* A guardian's process without a client around it, and the form of specs. */
#include "tests/support/cmocka_headers.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "devstack/base/memory.h"
#include "devstack/base/text.h"
#include "orchestrator/loop/guardian_internal.h"

static void a_guardian_ends_when_nobody_controls_it(void **state)
{
    (void)state;
    struct ds_guardian_config config = {.lease_fd = -1, .sweeper.executable_fd = -1};
    pid_t pid = 0;
    int control = -1, exit = -1;
    assert_true(guardian_process_start(&config, &pid, &control, &exit, NULL));
    assert_true(pid > 0);
    assert_int_equal(kill(pid, 0), 0);
    assert_true(fcntl(control, F_GETFD) & FD_CLOEXEC);
    assert_true(fcntl(exit, F_GETFD) & FD_CLOEXEC);
    close(control);
    struct pollfd ended = {.fd = exit, .events = POLLIN};
    assert_int_equal(poll(&ended, 1, 20000), 1);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    close(exit);
}

static void a_spec_holds_everything_in_its_order(void **state)
{
    (void)state;
    const char *const argv[] = {"sleep", "7", NULL};
    const char *const envp[] = {"A=1", NULL};
    struct ds_spawn spawn = {.executable = "/bin/sleep",
                             .folder = "/tmp",
                             .argv = argv,
                             .envp = envp,
                             .has_user = true,
                             .uid = 11,
                             .gid = 12};
    int fd = guardian_spec_create(&spawn, NULL);
    assert_true(fd >= 0);
    static const char strings[] = "/bin/sleep\0/tmp\0sleep\0"
                                  "7\0A=1";
    struct ds_guard_spec head;
    char rest[sizeof(strings) + 1];
    assert_int_equal(pread(fd, &head, sizeof(head), 0), sizeof(head));
    assert_int_equal(pread(fd, rest, sizeof(rest), sizeof(head)), sizeof(strings));
    assert_memory_equal(rest, strings, sizeof(strings));
    assert_int_equal(head.argument_count, 2);
    assert_int_equal(head.environment_count, 1);
    assert_true(head.has_user);
    assert_int_equal(head.uid, 11);
    assert_int_equal(head.gid, 12);
    close(fd);
}

static void what_a_spec_leaves_out_has_defaults(void **state)
{
    (void)state;
    const char *const argv[] = {"/bin/true", NULL};
    int fd = guardian_spec_create(&(struct ds_spawn){.argv = argv}, NULL);
    static const char strings[] = "/bin/true\0/\0/bin/true";
    char rest[sizeof(strings) + 1];
    assert_int_equal(pread(fd, rest, sizeof(rest), sizeof(struct ds_guard_spec)), sizeof(strings));
    assert_memory_equal(rest, strings, sizeof(strings));
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_guardian_ends_when_nobody_controls_it),
        cmocka_unit_test(a_spec_holds_everything_in_its_order),
        cmocka_unit_test(what_a_spec_leaves_out_has_defaults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
