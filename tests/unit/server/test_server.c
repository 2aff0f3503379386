/* The server on its loop: opening, clients that dawdle, closing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dashboard/server/private.h"
#include "devstack/base/file.h"
#include "wire.h"

static void its_socket_is_for_its_user_alone(void **state)
{
    struct wire *wire = *state;
    struct stat info;
    assert_int_equal(stat(wire->path, &info), 0);
    assert_true(S_ISSOCK(info.st_mode));
    assert_int_equal(info.st_mode & 0777, 0600);
}

static void where_it_cannot_listen_it_does_not_open(void **state)
{
    struct wire *wire = *state;
    ds_auto_error struct ds_error err = {0};
    ds_auto_free char *path = ds_path_join(wire->folder, "no/such/folder/socket");
    assert_null(ds_server_open(&wire->loop, &wire->stack, path, &err));
    assert_non_null(err.message);
}

static void a_picture_is_written_once_a_version(void **state)
{
    struct wire *wire = *state;
    struct ds_snapshot *first = ds_stack_snapshot(&wire->stack);
    const char *json = server_stack_json(wire->server, first);
    assert_ptr_equal(server_stack_json(wire->server, first), json);
    ds_auto_free char *before = ds_strdup(json);
    ds_snapshot_unref(first);
    fake_stack_change(&wire->stack, DS_STACK_READY);
    struct ds_snapshot *second = ds_stack_snapshot(&wire->stack);
    assert_string_not_equal(server_stack_json(wire->server, second), before);
    ds_snapshot_unref(second);
}

static void a_silent_client_delays_nobody(void **state)
{
    struct wire *wire = *state;
    ds_auto_fd int silent = wire_connect(wire);
    ds_auto_fd int half = wire_connect(wire);
    assert_true(silent >= 0 && half >= 0);
    wire_send(half, "GET /api/v1/st");
    ds_auto_free char *answer = wire_exchange(wire, "GET", "/healthz", NULL);
    assert_non_null(strstr(answer, "alive"));
    ds_auto_text struct ds_text got = {0};
    wire_send(half, "ack HTTP/1.1\nHost: devstack\n\n");
    assert_true(wire_until(wire, half, &got, "\"phase\""));
}

static void a_begun_answer_is_given_before_the_end(void **state)
{
    struct wire *wire = *state;
    ds_auto_fd int fd = wire_connect(wire);
    wire_send(fd, "POST /api/v1/stack/stop HTTP/1.1\nHost: devstack\n\n");
    while (!wire->stack.commands.count)
        uv_run(&wire->loop, UV_RUN_ONCE);
    wire_close(wire);
    ds_auto_text struct ds_text got = {0};
    assert_true(wire_until_end(wire, fd, &got));
    assert_non_null(strstr(ds_text_string(&got), " 202 "));
    assert_int_equal(wire_connect(wire), -1);
}

static void who_never_reads_does_not_keep_it_open(void **state)
{
    struct wire *wire = *state;
    ds_auto_fd int stream = wire_connect(wire);
    wire_send(stream, "GET /api/v1/stream?topics=services HTTP/1.1\nHost: devstack\n\n");
    ds_auto_text struct ds_text got = {0};
    assert_true(wire_until(wire, stream, &got, "event: stack"));
    ds_auto_fd int silent = wire_connect(wire);
    assert_true(silent >= 0);
    wire_turns(wire, 3);
    wire_close(wire);
    assert_true(wire_until_closed(wire));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(its_socket_is_for_its_user_alone, wire_setup,
                                        wire_teardown),
        cmocka_unit_test_setup_teardown(where_it_cannot_listen_it_does_not_open, wire_setup,
                                        wire_teardown),
        cmocka_unit_test_setup_teardown(a_picture_is_written_once_a_version, wire_setup,
                                        wire_teardown),
        cmocka_unit_test_setup_teardown(a_silent_client_delays_nobody, wire_setup, wire_teardown),
        cmocka_unit_test_setup_teardown(a_begun_answer_is_given_before_the_end, wire_setup,
                                        wire_teardown),
        cmocka_unit_test_setup_teardown(who_never_reads_does_not_keep_it_open, wire_setup,
                                        wire_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
