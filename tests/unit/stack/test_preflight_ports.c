/* Ports: a free one is no problem; of a taken one it is said who has it and who wants it. */
#include "fixture.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "devstack/base/memory.h"
#include "orchestrator/stack/preflight_checks.h"

/* A socket that has a port of loopback; it listens when asked to. */
static int take_port(bool listens, uint16_t *ret_port)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t length = sizeof(address);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, length), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &length), 0);
    if (listens)
        assert_int_equal(listen(fd, 1), 0);
    *ret_port = ntohs(address.sin_port);
    return fd;
}

static void load(struct run_fixture *f, uint16_t port)
{
    ds_auto_free char *services = ds_printf("services:\n"
                                            "  api:\n"
                                            "    run: serve\n"
                                            "    port: %u\n"
                                            "  auto: {run: serve, port: auto}\n",
                                            port);
    run_fixture_load(f, services);
}

static struct ds_problems check(const struct run_fixture *f, bool wanted, bool auto_ports,
                                const struct held_ports *held)
{
    struct ds_problems problems = {0};
    const bool all[] = {wanted, wanted};
    const struct ds_preflight preflight = {
        .manifest = f->manifest, .shell = &f->shell, .auto_ports = auto_ports};
    assert_int_equal(f->manifest->service_count, DS_COUNT(all));
    preflight_check_ports(&preflight, all, held, &problems);
    return problems;
}

static void a_free_port_is_no_problem(void **state)
{
    struct run_fixture *f = *state;
    const struct held_ports held = {0};
    uint16_t port;
    close(take_port(false, &port));
    load(f, port);
    assert_int_equal(check(f, true, false, &held).count, 0);
}

static void of_a_taken_port_the_holder_is_told(void **state)
{
    struct run_fixture *f = *state;
    const struct held_ports held = {0};
    uint16_t port;
    int fd = take_port(true, &port);
    load(f, port);
    struct ds_problems problems = check(f, true, false, &held);
    assert_int_equal(problems.count, 1);
    ds_auto_free char *subject = ds_printf("port %u", port);
    ds_auto_free char *pid = ds_printf("(pid %d), wanted by api (services.yaml:5).", (int)getpid());
    assert_int_equal(problems.items[0].code, DS_ERROR_PORT);
    assert_string_equal(problems.items[0].subject, subject);
    assert_true(ds_string_starts(problems.items[0].message, "Taken by `"));
    assert_non_null(strstr(problems.items[0].message, pid));
    assert_non_null(strstr(problems.items[0].fix, "--auto-ports"));
    ds_problems_finish(&problems);
    close(fd);
}

static void a_container_is_told_by_its_name(void **state)
{
    struct run_fixture *f = *state;
    uint16_t port;
    int fd = take_port(true, &port);
    struct held_port items[] = {{.port = (uint16_t)(port - 1), .container = (char *)"other"},
                                {.port = port, .container = (char *)"shop-db"}};
    const struct held_ports held = {.items = items, .count = DS_COUNT(items)};
    load(f, port);
    struct ds_problems problems = check(f, true, false, &held);
    assert_int_equal(problems.count, 1);
    assert_true(ds_string_starts(problems.items[0].message, "Taken by the container shop-db, "));
    ds_problems_finish(&problems);
    close(fd);
}

static void a_port_that_is_bound_and_not_listened_on_has_no_name(void **state)
{
    struct run_fixture *f = *state;
    const struct held_ports held = {0};
    uint16_t port;
    int fd = take_port(false, &port);
    load(f, port);
    struct ds_problems problems = check(f, true, false, &held);
    assert_int_equal(problems.count, 1);
    assert_true(ds_string_starts(problems.items[0].message, "Taken by another process, "));
    ds_problems_finish(&problems);
    close(fd);
}

static void a_port_that_nobody_insists_on_is_no_problem(void **state)
{
    struct run_fixture *f = *state;
    const struct held_ports held = {0};
    uint16_t port;
    int fd = take_port(true, &port);
    load(f, port);
    assert_int_equal(check(f, false, false, &held).count, 0);
    assert_int_equal(check(f, true, true, &held).count, 0);
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_RUN(a_free_port_is_no_problem),
        WITH_RUN(of_a_taken_port_the_holder_is_told),
        WITH_RUN(a_container_is_told_by_its_name),
        WITH_RUN(a_port_that_is_bound_and_not_listened_on_has_no_name),
        WITH_RUN(a_port_that_nobody_insists_on_is_no_problem),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
