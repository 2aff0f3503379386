/* Ports: fixed ones as the file says, automatic ones unique, remembered and free. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "devstack/base/file.h"
#include "devstack/base/memory.h"
#include "orchestrator/stack/ports.h"

struct fixture {
    char root[32];
    struct ds_identity identity;
    struct ds_port ports[2];
    struct ds_service_spec services[2];
    struct ds_manifest manifest;
};

static int set_up(void **state)
{
    struct fixture *f = DS_NEW(struct fixture);
    ds_auto_variables struct ds_variables shell = {0};
    snprintf(f->root, sizeof(f->root), "/tmp/ports-XXXXXX");
    assert_non_null(mkdtemp(f->root));
    ds_variables_set(&shell, "XDG_RUNTIME_DIR", f->root);
    ds_variables_set(&shell, "HOME", f->root);
    assert_true(ds_identity_make("shop", "local", "/src", NULL, &shell, &f->identity, NULL));
    assert_true(ds_folder_make(f->identity.state_folder, 0700, NULL));
    assert_true(ds_folder_make(f->identity.runtime_root, 0700, NULL));
    for (size_t i = 0; i < 2; i++) {
        f->ports[i] = (struct ds_port){.name = (char *)""};
        f->services[i] = (struct ds_service_spec){
            .name = (char *)(i ? "web" : "api"), .ports = &f->ports[i], .port_count = 1};
    }
    f->manifest = (struct ds_manifest){.services = f->services, .service_count = 2};
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    ds_tree_remove(f->root, NULL);
    ds_identity_finish(&f->identity);
    free(f);
    return 0;
}

static int listen_on(int family, uint16_t port, uint16_t *ret_port)
{
    struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons(port)};
    socklen_t length = family == AF_INET ? sizeof(four) : sizeof(six);
    struct sockaddr *address =
        family == AF_INET ? (struct sockaddr *)&four : (struct sockaddr *)&six;
    four.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    six.sin6_addr = in6addr_loopback;
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, address, length), 0);
    assert_int_equal(listen(fd, 1), 0);
    assert_int_equal(getsockname(fd, address, &length), 0);
    *ret_port = ntohs(family == AF_INET ? four.sin_port : six.sin6_port);
    return fd;
}

static void sees_holders_of_both_families(void **state)
{
    (void)state;
    uint16_t four, six;
    int first = listen_on(AF_INET, 0, &four), second = listen_on(AF_INET6, 0, &six);
    assert_false(port_is_free(four));
    assert_false(port_is_free(six));
    close(first);
    close(second);
    assert_true(port_is_free(four));
}

static void automatic_ports_are_remembered(void **state)
{
    struct fixture *f = *state;
    struct ports *ports = ports_assign(&f->manifest, &f->identity, false, NULL);
    uint16_t api = ports_find(ports, "api", NULL), web = ports_find(ports, "web", "");
    assert_true(api >= 1024 && web >= 1024 && api != web);
    assert_int_equal(ports_find(ports, "none", NULL), 0);
    ports_release(ports);
    ports = ports_assign(&f->manifest, &f->identity, false, NULL);
    assert_int_equal(ports_find(ports, "api", NULL), api);
    assert_int_equal(ports_find(ports, "web", NULL), web);
    ports_release(ports);
}

static void two_devstacks_never_pick_the_same(void **state)
{
    struct fixture *f = *state;
    struct ports *first = ports_assign(&f->manifest, &f->identity, false, NULL);
    /* The same memory, so the second wants just the ports that the first has. */
    struct ports *second = ports_assign(&f->manifest, &f->identity, false, NULL);
    assert_int_not_equal(ports_find(first, "api", NULL), ports_find(second, "api", NULL));
    assert_int_not_equal(ports_find(first, "web", NULL), ports_find(second, "web", NULL));
    ports_release(first);
    ports_release(second);
    ds_auto_free char *locks = ds_path_join(f->identity.runtime_root, "ports");
    assert_false(ds_folder_exists(locks));
}

static void auto_ports_moves_only_what_is_taken(void **state)
{
    struct fixture *f = *state;
    uint16_t taken, open_port;
    int fd = listen_on(AF_INET, 0, &taken);
    int probe = listen_on(AF_INET, 0, &open_port);
    close(probe);
    f->ports[0].host = taken;
    f->ports[1].host = open_port;
    struct ports *ports = ports_assign(&f->manifest, &f->identity, true, NULL);
    assert_int_not_equal(ports_find(ports, "api", NULL), taken);
    assert_int_equal(ports_find(ports, "web", NULL), open_port);
    ports_release(ports);
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sees_holders_of_both_families),
        cmocka_unit_test_setup_teardown(automatic_ports_are_remembered, set_up, tear_down),
        cmocka_unit_test_setup_teardown(two_devstacks_never_pick_the_same, set_up, tear_down),
        cmocka_unit_test_setup_teardown(auto_ports_moves_only_what_is_taken, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
