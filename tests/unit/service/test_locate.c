/* Whose listener a port has. This test program is the stranger; trees of services' own are in the
 * tests of the probes. */
#include "fixture.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "orchestrator/service/locate.h"

/* Listens on loopback, on a port of the kernel's choice. */
static int listen_on(int family, uint16_t *ret_port)
{
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    struct sockaddr *address = family == AF_INET ? (struct sockaddr *)&v4 : (struct sockaddr *)&v6;
    socklen_t length = family == AF_INET ? sizeof(v4) : sizeof(v6);
    assert_int_equal(bind(fd, address, length), 0);
    assert_int_equal(listen(fd, 8), 0);
    assert_int_equal(getsockname(fd, address, &length), 0);
    *ret_port = ntohs(family == AF_INET ? v4.sin_port : v6.sin6_port);
    return fd;
}

static void on_turn(uv_timer_t *timer)
{
    (void)timer;
}

/* One turn of the loop: what was dumped before is stale. */
static void turn(struct bench *bench)
{
    uv_timer_start(&bench->deadline, on_turn, 1000, 0);
    uv_run(&bench->loop, UV_RUN_NOWAIT);
    uv_timer_stop(&bench->deadline);
}

static struct ds_runner runner_of(struct bench *bench, const struct ds_service_spec *spec)
{
    return (struct ds_runner){.run = {.host = &bench->host, .spec = spec}};
}

static void nobody_listens(void **state)
{
    const struct ds_service_spec spec = {.kind = DS_KIND_PROCESS};
    struct ds_runner runner = runner_of(*state, &spec);
    struct ds_location location = {0};
    uint16_t port = 0;
    close(listen_on(AF_INET, &port));
    assert_int_equal(ds_locate(&location, &runner, port), DS_LOCATED_NOTHING);
    assert_null(location.address);
    assert_null(location.holder);
    ds_location_finish(&location);
}

static void a_stranger_is_named_with_its_address(void **state)
{
    const struct ds_service_spec spec = {.kind = DS_KIND_PROCESS};
    static const struct {
        int family;
        const char *address;
    } cases[] = {{AF_INET, "127.0.0.1"}, {AF_INET6, "[::1]"}};
    for (size_t i = 0; i < DS_COUNT(cases); i++) {
        struct ds_runner runner = runner_of(*state, &spec);
        struct ds_location location = {0};
        uint16_t port = 0;
        ds_auto_fd int fd = listen_on(cases[i].family, &port);
        assert_true(fd >= 0);
        turn(*state);
        assert_int_equal(ds_locate(&location, &runner, port), DS_LOCATED_STRANGER);
        assert_string_equal(location.address, cases[i].address);
        ds_auto_free char *pid = ds_printf("(pid %d)", (int)getpid());
        assert_non_null(strstr(location.holder, pid));
        ds_location_finish(&location);
        assert_null(location.holder);
    }
}

static void any_owner_is_ours_when_the_file_says_so(void **state)
{
    const struct ds_service_spec spec = {.kind = DS_KIND_PROCESS, .health.any_owner = true};
    struct ds_runner runner = runner_of(*state, &spec);
    struct ds_location location = {0};
    uint16_t port = 0;
    ds_auto_fd int fd = listen_on(AF_INET, &port);
    assert_true(fd >= 0);
    assert_int_equal(ds_locate(&location, &runner, port), DS_LOCATED_OURS);
    assert_null(location.holder);
    ds_location_finish(&location);
}

static void a_verdict_is_kept_until_the_socket_is_gone(void **state)
{
    struct bench *bench = *state;
    struct ds_service_spec spec = {.kind = DS_KIND_PROCESS, .health.any_owner = true};
    struct ds_runner runner = runner_of(bench, &spec);
    struct ds_location location = {0};
    uint16_t port = 0;
    int fd = listen_on(AF_INET, &port);
    assert_int_equal(ds_locate(&location, &runner, port), DS_LOCATED_OURS);
    spec.health.any_owner = false; /* would be judged otherwise now */
    turn(bench);
    assert_int_equal(ds_locate(&location, &runner, port), DS_LOCATED_OURS);
    close(fd);
    turn(bench);
    assert_int_equal(ds_locate(&location, &runner, port), DS_LOCATED_NOTHING);
    assert_int_equal(location.inode, 0);
    ds_location_finish(&location);
}

struct answer {
    unsigned count;
    enum ds_reason_code code;
    char *text;
};

static void on_answer(void *data, const struct ds_probe_answer *got)
{
    struct answer *answer = data;
    assert_false(got->passed);
    answer->count++;
    answer->code = got->code;
    free(answer->text);
    answer->text = ds_strdup(got->text);
}

static void a_probe_is_answered_when_there_is_nobody_to_speak_to(void **state)
{
    const struct ds_service_spec spec = {.kind = DS_KIND_PROCESS};
    struct ds_runner runner = runner_of(*state, &spec);
    struct ds_location location = {0};
    struct answer answer = {0};
    struct ds_probe probe = {.runner = &runner, .answered = on_answer, .data = &answer};
    const char *address = NULL;
    int fd = listen_on(AF_INET, &probe.port);
    assert_false(ds_probe_find_listener(&probe, &location, &address));
    assert_int_equal(answer.count, 1);
    assert_int_equal(answer.code, DS_REASON_PORT_STRANGER);
    close(fd);
    turn(*state);
    assert_false(ds_probe_find_listener(&probe, &location, &address));
    assert_int_equal(answer.count, 2);
    assert_int_equal(answer.code, DS_REASON_NONE);
    assert_non_null(strstr(answer.text, "nothing listens on port"));
    assert_null(address);
    free(answer.text);
    ds_location_finish(&location);
}

static void a_probe_of_a_container_speaks_to_loopback(void **state)
{
    const struct ds_service_spec spec = {.kind = DS_KIND_CONTAINER};
    struct ds_runner runner = runner_of(*state, &spec);
    struct ds_location location = {0};
    struct answer answer = {0};
    struct ds_probe probe = {.runner = &runner, .answered = on_answer, .data = &answer};
    const char *address = NULL;
    assert_true(ds_probe_find_listener(&probe, &location, &address));
    assert_string_equal(address, "127.0.0.1");
    assert_int_equal(answer.count, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(nobody_listens),
        TEST(a_stranger_is_named_with_its_address),
        TEST(any_owner_is_ours_when_the_file_says_so),
        TEST(a_verdict_is_kept_until_the_socket_is_gone),
        TEST(a_probe_is_answered_when_there_is_nobody_to_speak_to),
        TEST(a_probe_of_a_container_speaks_to_loopback),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
