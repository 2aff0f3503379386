/* Ports of processes and containers. */
#include "read_fixture.h"

static void expect_ports(const char *text, const char *expected)
{
    struct ds_manifest *manifest = read_right(text);
    const struct ds_service_spec *a = service(manifest, "a");
    ds_auto_text struct ds_text seen = {0};
    for (size_t i = 0; i < a->port_count; i++)
        ds_text_appendf(&seen, "%s=%u:%u ", a->ports[i].name, a->ports[i].host,
                        a->ports[i].container);
    assert_string_equal(ds_text_string(&seen), expected);
    ds_manifest_free(manifest);
}

static void a_process_has_ports_of_this_machine(void **state)
{
    (void)state;
    expect_ports(FILE_OF("run: x, port: 80"), "=80:0 ");
    expect_ports(FILE_OF("run: x, port: auto"), "=0:0 ");
    expect_ports(FILE_OF("run: x, port: '80${SIX}'"), "=806:0 ");
    expect_ports(FILE_OF("run: x, ports: {http: 80, m: auto}"), "http=80:0 m=0:0 ");
    expect_ports(FILE_OF("run: x, ports: {m: 81}, port: 80"), "=80:0 m=81:0 ");
}

static void a_container_has_two_sides(void **state)
{
    (void)state;
    expect_ports(FILE_OF("image: x, port: 80"), "=80:80 ");
    expect_ports(FILE_OF("image: x, port: '81:80'"), "=81:80 ");
    expect_ports(FILE_OF("image: x, ports: ['127.0.0.1:81:80', '90/tcp']"), "=81:80 90=0:90 ");
    expect_ports(FILE_OF("image: x, ports: {sql: {container: 5432, host: auto}}"), "sql=0:5432 ");
    expect_ports(FILE_OF("postgres: {password: x}, port: 6000"), "=6000:5432 ");
    expect_ports(FILE_OF("postgres: {password: x}"), "=0:5432 ");
}

static void tells_what_is_no_port(void **state)
{
    (void)state;
    static const struct {
        const char *text, *told;
    } cases[] = {
        {FILE_OF("run: x, port: 0"), "expected a port from 1 to 65535"},
        {FILE_OF("run: x, port: 65536"), "expected a port from 1 to 65535"},
        {FILE_OF("run: x, port: 080"), "expected a port from 1 to 65535"},
        {FILE_OF("run: x, port: '80'"), "expected a port from 1 to 65535"},
        {FILE_OF("image: x, port: auto"), "which port is meant inside the container"},
        {FILE_OF("image: x, ports: ['80/udp']"), "only TCP ports can be published"},
        {FILE_OF("image: x, ports: ['0.0.0.0:80:80']"), "expected a port like"},
        {FILE_OF("image: x, ports: {a: {host: 80}}"), "a port lacks the key 'container'"},
        {FILE_OF("image: x, ports: {a: {contaner: 80}}"), "did you mean 'container'?"},
        {FILE_OF("image: x, ports: ['80', '81', '82:81']"), "stands here a second time"},
        {FILE_OF("task: x, port: 80"), "'port' does not belong to a task"},
    };
    for (size_t i = 0; i < DS_COUNT(cases); i++)
        expect_told(cases[i].text, cases[i].told);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_process_has_ports_of_this_machine),
        cmocka_unit_test(a_container_has_two_sides),
        cmocka_unit_test(tells_what_is_no_port),
    };
    return cmocka_run_group_tests_name("manifest/ports", tests, NULL, NULL);
}
