/* Writing to what may be slow, full or gone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "orchestrator/cli/output.h"

struct fixture {
    uv_loop_t loop;
    struct output output;
    int reader, writer;
    unsigned idle;
};

static void on_idle(void *data)
{
    ((struct fixture *)data)->idle++;
}

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    int ends[2];
    if (!fixture || pipe2(ends, O_CLOEXEC) < 0)
        return -1;
    signal(SIGPIPE, SIG_IGN);
    fixture->reader = ends[0];
    fixture->writer = ends[1];
    uv_loop_init(&fixture->loop);
    output_init(&fixture->output, &fixture->loop, fixture->writer, on_idle, fixture);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    output_finish(&fixture->output);
    int left = uv_loop_close(&fixture->loop);
    if (fixture->reader >= 0)
        close(fixture->reader);
    close(fixture->writer);
    free(fixture);
    return left;
}

static void give(struct fixture *fixture, const char *bytes, size_t length)
{
    ds_auto_text struct ds_text text = {0};
    ds_text_append_bytes(&text, bytes, length);
    output_take(&fixture->output, &text);
    assert_int_equal(text.length, 0);
}

static void writes_in_order_and_says_when_it_is_done(void **state)
{
    struct fixture *fixture = *state;
    give(fixture, "one ", 4);
    give(fixture, "two", 3);
    assert_int_equal(output_waiting(&fixture->output), 7);
    uv_run(&fixture->loop, UV_RUN_DEFAULT);
    assert_int_equal(output_waiting(&fixture->output), 0);
    assert_true(fixture->idle >= 1);
    char got[16] = "";
    assert_int_equal(read(fixture->reader, got, sizeof(got)), 7);
    assert_string_equal(got, "one two");
}

static void a_full_pipe_holds_up_nothing_but_itself(void **state)
{
    struct fixture *fixture = *state;
    size_t size = (size_t)fcntl(fixture->writer, F_GETPIPE_SZ) + 100000, seen = 0;
    char *bytes = malloc(size);
    assert_non_null(bytes);
    memset(bytes, 'x', size);
    give(fixture, bytes, size);
    assert_true(fixture->output.busy);
    /* What the pipe holds goes out; the loop itself is never in write(2). */
    fcntl(fixture->reader, F_SETFL, O_NONBLOCK);
    while (output_waiting(&fixture->output)) {
        uv_run(&fixture->loop, UV_RUN_NOWAIT);
        struct pollfd fds[] = {
            {.fd = fixture->reader, .events = POLLIN},
            {.fd = uv_backend_fd(&fixture->loop), .events = POLLIN},
        };
        poll(fds, 2, 100);
        ssize_t got = read(fixture->reader, bytes, size);
        seen += got > 0 ? (size_t)got : 0;
    }
    ssize_t rest = read(fixture->reader, bytes, size);
    assert_int_equal(seen + (rest > 0 ? (size_t)rest : 0), size);
    assert_true(fixture->idle >= 1);
    assert_false(fixture->output.failed);
    free(bytes);
}

static void a_reader_that_is_gone_is_noticed(void **state)
{
    struct fixture *fixture = *state;
    close(fixture->reader);
    fixture->reader = -1;
    give(fixture, "one", 3);
    uv_run(&fixture->loop, UV_RUN_DEFAULT);
    assert_true(fixture->output.failed);
    assert_int_equal(fixture->idle, 1);
    /* From now on nothing is kept. */
    give(fixture, "two", 3);
    assert_int_equal(output_waiting(&fixture->output), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(writes_in_order_and_says_when_it_is_done, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_full_pipe_holds_up_nothing_but_itself, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_reader_that_is_gone_is_noticed, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
