/* Output through pipes and terminals. */
#include "tests/support/cmocka_headers.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "devstack/base/file.h"
#include "devstack/base/memory.h"
#include "devstack/base/text.h"
#include "orchestrator/service/output.h"
#include "tests/support/loop_fixture.h"

struct reading {
    struct ds_output output;
    struct ds_text text;
    bool ended, closed;
};

static void on_bytes(void *data, const char *bytes, size_t length)
{
    ds_text_append_bytes(&((struct reading *)data)->text, bytes, length);
}

static void on_end(void *data)
{
    ((struct reading *)data)->ended = true;
}

static void on_closed(struct ds_output *output, void *data)
{
    struct reading *reading = data;
    assert_ptr_equal(output, &reading->output);
    reading->closed = true;
}

static void start_reading(struct reading *reading, struct loop_fixture *fixture, int fd)
{
    *reading = (struct reading){
        .output = {
            .on_bytes = on_bytes, .on_end = on_end, .on_closed = on_closed, .data = reading}};
    ds_output_open(&reading->output, &fixture->loop, fd);
}

static void finish_reading(struct reading *reading, struct loop_fixture *fixture)
{
    ds_output_close(&reading->output);
    assert_false(reading->closed);
    assert_true(loop_run_until(fixture, &reading->closed));
    ds_text_finish(&reading->text);
}

static void say(int fd, const char *text)
{
    assert_true(ds_fd_write_all(fd, text, strlen(text)));
}

static void a_pipe_gives_its_bytes_and_then_its_end(void **state)
{
    int read_fd = -1, write_fd = -1;
    struct reading reading;
    assert_int_equal(ds_output_pipe(&read_fd, &write_fd), 0);
    assert_true(fcntl(read_fd, F_GETFD) & FD_CLOEXEC);
    assert_true(fcntl(write_fd, F_GETFD) & FD_CLOEXEC);
    start_reading(&reading, *state, read_fd);
    assert_true(reading.output.open);
    say(write_fd, "one\ntwo");
    close(write_fd);
    assert_true(loop_run_until(*state, &reading.ended));
    assert_string_equal(ds_text_string(&reading.text), "one\ntwo");
    assert_false(reading.output.open);
    finish_reading(&reading, *state);
}

static void a_pipe_can_be_opened_by_its_path(void **state)
{
    int read_fd = -1, write_fd = -1;
    struct reading reading;
    assert_int_equal(ds_output_pipe(&read_fd, &write_fd), 0);
    start_reading(&reading, *state, read_fd);
    ds_auto_free char *path = ds_printf("/proc/self/fd/%d", write_fd);
    int again = open(path, O_WRONLY | O_CLOEXEC);
    close(write_fd);
    assert_true(again >= 0);
    say(again, "by its path");
    close(again);
    assert_true(loop_run_until(*state, &reading.ended));
    assert_string_equal(ds_text_string(&reading.text), "by its path");
    finish_reading(&reading, *state);
}

static void a_terminal_does_the_same(void **state)
{
    int master_fd = -1, slave_fd = -1;
    struct reading reading;
    assert_int_equal(ds_output_terminal(&master_fd, &slave_fd), 0);
    assert_true(isatty(slave_fd));
    assert_true(fcntl(master_fd, F_GETFD) & FD_CLOEXEC);
    assert_true(fcntl(slave_fd, F_GETFD) & FD_CLOEXEC);
    start_reading(&reading, *state, master_fd);
    say(slave_fd, "name? ");
    close(slave_fd);
    assert_true(loop_run_until(*state, &reading.ended));
    assert_string_equal(ds_text_string(&reading.text), "name? ");
    assert_false(reading.output.open);
    finish_reading(&reading, *state);
}

static void a_closed_one_says_nothing_more(void **state)
{
    int read_fd = -1, write_fd = -1;
    struct reading reading;
    assert_int_equal(ds_output_pipe(&read_fd, &write_fd), 0);
    start_reading(&reading, *state, read_fd);
    say(write_fd, "unread");
    close(write_fd);
    ds_output_close(&reading.output);
    assert_false(reading.output.open);
    assert_true(loop_run_until(*state, &reading.closed));
    assert_false(reading.ended);
    assert_int_equal(reading.text.length, 0);
}

static void what_cannot_be_read_is_not_open(void **state)
{
    struct reading reading;
    start_reading(&reading, *state, -1);
    assert_false(reading.output.open);
    finish_reading(&reading, *state);
    assert_false(reading.ended);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, loop_fixture_setup, loop_fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_pipe_gives_its_bytes_and_then_its_end),
        TEST(a_pipe_can_be_opened_by_its_path),
        TEST(a_terminal_does_the_same),
        TEST(a_closed_one_says_nothing_more),
        TEST(what_cannot_be_read_is_not_open),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
