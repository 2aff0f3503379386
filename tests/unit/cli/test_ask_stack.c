/* Asking a running stack one question. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "devstack/base/file.h"
#include "devstack/base/memory.h"
#include "devstack/stack/lease.h"
#include "orchestrator/cli/ask.h"

struct fixture {
    char *root;
    struct ds_identity identity;
    int lease;
};

static int set_up(void **state)
{
    struct fixture *fixture = DS_NEW(struct fixture);
    ds_auto_variables struct ds_variables shell = {0};
    fixture->root = ds_strdup("/tmp/devstack-ask-XXXXXX");
    if (!mkdtemp(fixture->root))
        return -1;
    ds_variables_set(&shell, "XDG_RUNTIME_DIR", fixture->root);
    ds_variables_set(&shell, "HOME", fixture->root);
    fixture->lease = -1;
    *state = fixture;
    return ds_identity_make("shop", "local", "/src", NULL, &shell, &fixture->identity, NULL) ? 0
                                                                                             : -1;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    if (fixture->lease >= 0)
        ds_lease_give_up(&fixture->identity, fixture->lease);
    ds_tree_remove(fixture->root, NULL);
    ds_identity_finish(&fixture->identity);
    free(fixture->root);
    free(fixture);
    return 0;
}

static int listen_on(const char *path)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strncpy(address.sun_path, path, sizeof(address.sun_path) - 1);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(listen(fd, 1), 0);
    return fd;
}

/* A child that gives one connection this answer. */
static pid_t answer_with(const char *socket, const char *answer)
{
    ds_auto_fd int listener = listen_on(socket);
    pid_t child = fork();
    if (child != 0)
        return child;
    ds_auto_fd int fd = accept(listener, NULL, NULL);
    ds_auto_text struct ds_text request = {0};
    char byte;
    while (!strstr(ds_text_string(&request), "\r\n\r\n") && read(fd, &byte, 1) == 1)
        ds_text_append_char(&request, byte);
    ds_fd_write_all(fd, answer, strlen(answer));
    _exit(0);
}

static char *ask(struct fixture *fixture, const char *answer, struct ds_error *err)
{
    assert_true(ds_lease_take(&fixture->identity, "aa", 0, &fixture->lease, NULL));
    pid_t child = answer ? answer_with(fixture->identity.socket, answer) : 0;
    char *body = ask_stack(&fixture->identity, "/api/v1/stack", err);
    if (child)
        assert_int_equal(waitpid(child, NULL, 0), child);
    return body;
}

static void gives_the_body(void **state)
{
    ds_auto_error struct ds_error err = {0};
    ds_auto_free char *body =
        ask(*state, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}", &err);
    assert_string_equal(body, "{}");
    assert_null(err.message);
}

static void another_status_is_an_error(void **state)
{
    ds_auto_error struct ds_error err = {0};
    assert_null(
        ask(*state, "HTTP/1.1 503 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", &err));
    assert_int_equal(err.code, DS_ERROR_FAILED);
    assert_non_null(strstr(err.message, "status 503"));
}

static void who_does_not_listen_does_not_answer(void **state)
{
    ds_auto_error struct ds_error err = {0};
    assert_null(ask(*state, NULL, &err));
    assert_non_null(strstr(err.message, "does not answer on its socket"));
}

static void what_does_not_run_is_not_asked(void **state)
{
    struct fixture *fixture = *state;
    ds_auto_error struct ds_error err = {0};
    assert_null(ask_stack(&fixture->identity, "/api/v1/stack", &err));
    assert_int_equal(err.code, DS_ERROR_NOT_RUNNING);
    assert_string_equal(err.hint, "devstack up");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(gives_the_body, set_up, tear_down),
        cmocka_unit_test_setup_teardown(another_status_is_an_error, set_up, tear_down),
        cmocka_unit_test_setup_teardown(who_does_not_listen_does_not_answer, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_does_not_run_is_not_asked, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
