/* One dump of listeners for a turn of the loop. */
#include "tests/support/cmocka_headers.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "devstack/base/memory.h"
#include "orchestrator/service/listener_watch.h"
#include "tests/support/loop_fixture.h"

static int listen_somewhere(uint16_t *ret_port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, length), 0);
    assert_int_equal(listen(fd, 8), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &length), 0);
    *ret_port = ntohs(address.sin_port);
    return fd;
}

static bool is_seen(struct ds_listener_watch *watch, uint16_t port)
{
    const struct ds_listeners *listeners = NULL;
    ds_auto_error struct ds_error err = {0};
    size_t index = 0;
    assert_true(ds_listener_watch_dump(watch, &listeners, &err));
    return ds_listeners_next(listeners, port, &index) != NULL;
}

static void on_timer(uv_timer_t *timer)
{
    *(bool *)timer->data = true;
}

static void turn(struct loop_fixture *fixture)
{
    bool done = false;
    uv_timer_t timer;
    uv_timer_init(&fixture->loop, &timer);
    timer.data = &done;
    uv_timer_start(&timer, on_timer, 1, 0);
    assert_true(loop_run_until(fixture, &done));
    uv_close((uv_handle_t *)&timer, NULL);
    assert_true(loop_drain(fixture));
}

static void on_closed(void *data)
{
    *(bool *)data = true;
}

static void finish(struct ds_listener_watch *watch, struct loop_fixture *fixture)
{
    bool closed = false;
    ds_listener_watch_close(watch, on_closed, &closed);
    assert_false(closed);
    assert_true(loop_run_until(fixture, &closed));
}

static void a_dump_serves_its_turn_and_no_longer(void **state)
{
    struct loop_fixture *fixture = *state;
    struct ds_listener_watch *watch = ds_listener_watch_create(&fixture->loop);
    uint16_t first = 0, second = 0;
    int first_fd = listen_somewhere(&first);
    assert_true(is_seen(watch, first));
    int second_fd = listen_somewhere(&second);
    close(first_fd);
    assert_true(is_seen(watch, first));
    assert_false(is_seen(watch, second));
    turn(fixture);
    assert_false(is_seen(watch, first));
    assert_true(is_seen(watch, second));
    close(second_fd);
    turn(fixture);
    assert_false(is_seen(watch, second));
    finish(watch, fixture);
}

static void it_does_not_keep_the_loop_alive(void **state)
{
    struct loop_fixture *fixture = *state;
    struct ds_listener_watch *watch = ds_listener_watch_create(&fixture->loop);
    assert_false(uv_loop_alive(&fixture->loop));
    is_seen(watch, 1);
    assert_false(uv_loop_alive(&fixture->loop));
    finish(watch, fixture);
}

static void it_can_be_closed_without_a_word(void **state)
{
    struct loop_fixture *fixture = *state;
    ds_listener_watch_close(ds_listener_watch_create(&fixture->loop), NULL, NULL);
    assert_true(loop_drain(fixture));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, loop_fixture_setup, loop_fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_dump_serves_its_turn_and_no_longer),
        TEST(it_does_not_keep_the_loop_alive),
        TEST(it_can_be_closed_without_a_word),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
