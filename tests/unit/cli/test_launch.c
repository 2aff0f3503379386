/* Starting an orchestrator. The test program is its own orchestrator: launch runs /proc/self/exe.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "devstack/base/file.h"
#include "devstack/base/memory.h"
#include "orchestrator/cli/launch.h"

enum { START_FD = 3 };

/* What the program does when it is run as `devstack orchestrator`: as the file's name says. */
static int be_orchestrator(void)
{
    struct ds_start_request request;
    ds_auto_error struct ds_error err = {0};
    if (!ds_start_request_receive(START_FD, &request, &err))
        return 1;
    struct ds_start_reply reply = {.accepted = strcmp(request.file, "/accept") == 0};
    bool leaked = getenv("DEVSTACK_SECRET_TOKEN") != NULL || getenv("KEPT") == NULL;
    if (reply.accepted)
        reply.socket = ds_strdup(leaked ? "leaked" : "/the/socket");
    else
        ds_error_set(&reply.error, DS_ERROR_PORT, "the port is taken");
    if (strcmp(request.file, "/silent") == 0 || leaked)
        return 3;
    ds_start_reply_send(START_FD, &reply, NULL);
    /* Lives as long as the lease. */
    char byte;
    while (reply.accepted && read(START_FD, &byte, 1) > 0)
        continue;
    ds_start_reply_finish(&reply);
    ds_start_request_finish(&request);
    return 0;
}

static bool launch(const char *file, int *ret_fd, pid_t *ret_pid, struct ds_error *err)
{
    ds_auto_free char *root = ds_strdup("/tmp/devstack-launch-XXXXXX");
    assert_non_null(mkdtemp(root));
    ds_auto_variables struct ds_variables shell = {0};
    ds_variables_set(&shell, "KEPT", "yes");
    ds_variables_set(&shell, "DEVSTACK_SECRET_TOKEN", "for nobody");
    struct ds_identity identity = {.state_folder = root};
    struct ds_start_request request = {.file = (char *)file, .foreground = true};
    bool started = launch_orchestrator(&identity, &shell, &request, ret_fd, ret_pid, err);
    ds_auto_free char *log = ds_path_join(root, "orchestrator.log");
    assert_true(ds_file_exists(log));
    ds_tree_remove(root, NULL);
    return started;
}

static void an_accepted_start_gives_the_lease_and_the_process(void **state)
{
    (void)state;
    ds_auto_error struct ds_error err = {0};
    int fd = -1;
    pid_t pid = 0;
    assert_true(launch("/accept", &fd, &pid, &err));
    assert_true(fd >= 0 && pid > 0);
    assert_false(launch_ended_by_itself(pid));
    close(fd);
    launch_await_exit(pid, 20000);
    assert_true(launch_ended_by_itself(pid));
}

static void a_refusal_is_the_orchestrators_own_error(void **state)
{
    (void)state;
    ds_auto_error struct ds_error err = {0};
    int fd = -1;
    pid_t pid = 0;
    assert_false(launch("/refuse", &fd, &pid, &err));
    assert_int_equal(err.code, DS_ERROR_PORT);
    assert_string_equal(err.message, "the port is taken");
    /* It was reaped. */
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

static void silence_points_to_its_log(void **state)
{
    (void)state;
    ds_auto_error struct ds_error err = {0};
    int fd = -1;
    pid_t pid = 0;
    assert_false(launch("/silent", &fd, &pid, &err));
    assert_non_null(strstr(err.message, "the orchestrator did not start"));
    assert_non_null(strstr(err.hint, "orchestrator.log"));
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

static void one_that_was_killed_did_not_end_by_itself(void **state)
{
    (void)state;
    pid_t child = fork();
    if (child == 0) {
        raise(SIGKILL);
        _exit(0);
    }
    launch_await_exit(child, 20000);
    assert_false(launch_ended_by_itself(child));
    assert_false(launch_ended_by_itself(0));
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "orchestrator") == 0)
        return be_orchestrator();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_accepted_start_gives_the_lease_and_the_process),
        cmocka_unit_test(a_refusal_is_the_orchestrators_own_error),
        cmocka_unit_test(silence_points_to_its_log),
        cmocka_unit_test(one_that_was_killed_did_not_end_by_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
