/* What a configuration becomes on the wire. */
#include "tests/support/cmocka_headers.h"

#include <stdlib.h>

#include "orchestrator/docker/container_config.h"
#include "devstack/base/memory.h"

static void assert_json(const struct ds_container_config *config, const char *path[],
                        const char *expected)
{
    json_t *json = container_config_json(config);
    const json_t *at = json;
    for (; *path; path++)
        at = json_object_get(at, *path);
    char *text = json_dumps(at, JSON_COMPACT | JSON_ENCODE_ANY | JSON_SORT_KEYS);
    if (expected)
        assert_string_equal(text, expected);
    else
        assert_null(at);
    free(text);
    json_decref(json);
}

#define PATH(...) ((const char *[]){__VA_ARGS__, NULL})

static void what_is_left_open_is_left_out(void **state)
{
    (void)state;
    struct ds_container_config config = {.image = "a"};
    assert_json(&config, PATH("Image"), "\"a\"");
    static const char *const absent[] = {"User",       "WorkingDir",  "StopSignal",      "Cmd",
                                         "Entrypoint", "Healthcheck", "NetworkingConfig"};
    for (size_t i = 0; i < DS_COUNT(absent); i++)
        assert_json(&config, PATH(absent[i]), NULL);
    assert_json(&config, PATH("HostConfig"), "{\"PortBindings\":{}}");
    assert_json(&config, PATH("Tty"), "false");
}

static void ports_are_bound_to_the_address(void **state)
{
    (void)state;
    struct ds_engine_port ports[] = {{5432, 15432}, {80, 0}};
    struct ds_container_config config = {
        .image = "a", .ports = ports, .port_count = 2, .host_address = "127.0.0.1"};
    assert_json(&config, PATH("ExposedPorts"), "{\"5432/tcp\":{},\"80/tcp\":{}}");
    assert_json(&config, PATH("HostConfig", "PortBindings"),
                "{\"5432/tcp\":[{\"HostIp\":\"127.0.0.1\",\"HostPort\":\"15432\"}],"
                "\"80/tcp\":[{\"HostIp\":\"127.0.0.1\",\"HostPort\":\"\"}]}");
    config.host_address = NULL; /* never all interfaces by omission */
    config.port_count = 1;
    assert_json(&config, PATH("HostConfig", "PortBindings"),
                "{\"5432/tcp\":[{\"HostIp\":\"127.0.0.1\",\"HostPort\":\"15432\"}]}");
}

static void mounts_limits_and_network_are_told(void **state)
{
    (void)state;
    struct ds_engine_mount mounts[] = {
        {.type = DS_ENGINE_VOLUME, .source = "data", .target = "/data"},
        {.type = DS_ENGINE_BIND, .source = "/src", .target = "/app", .read_only = true},
        {.type = DS_ENGINE_TMPFS, .source = "ignored", .target = "/tmp"}};
    struct ds_container_config config = {.image = "a",
                                         .mounts = mounts,
                                         .mount_count = 3,
                                         .shm_size = 5,
                                         .mem_limit = 6,
                                         .cpus = 1.5,
                                         .init = true,
                                         .network = "net",
                                         .network_alias = "db"};
    assert_json(&config, PATH("HostConfig", "Mounts"),
                "[{\"ReadOnly\":false,\"Source\":\"data\",\"Target\":\"/data\",\"Type\":\"volume\"}"
                ",{\"ReadOnly\":true,\"Source\":\"/src\",\"Target\":\"/app\",\"Type\":\"bind\"},"
                "{\"ReadOnly\":false,\"Target\":\"/tmp\",\"Type\":\"tmpfs\"}]");
    assert_json(&config, PATH("HostConfig", "ShmSize"), "5");
    assert_json(&config, PATH("HostConfig", "Memory"), "6");
    assert_json(&config, PATH("HostConfig", "NanoCpus"), "1500000000");
    assert_json(&config, PATH("HostConfig", "Init"), "true");
    assert_json(&config, PATH("HostConfig", "NetworkMode"), "\"net\"");
    assert_json(&config, PATH("NetworkingConfig"),
                "{\"EndpointsConfig\":{\"net\":{\"Aliases\":[\"db\"]}}}");
}

static void a_healthcheck_is_replaced_or_switched_off(void **state)
{
    (void)state;
    ds_auto_strings struct ds_strings test = {0};
    ds_strings_add(&test, "CMD-SHELL");
    ds_strings_add(&test, "true");
    struct ds_container_config config = {.image = "a",
                                         .has_healthcheck_test = true,
                                         .healthcheck_test = &test,
                                         .healthcheck_interval = 1000000000};
    assert_json(&config, PATH("Healthcheck"),
                "{\"Interval\":1000000000,\"Test\":[\"CMD-SHELL\",\"true\"]}");
    struct ds_container_config off = {.image = "a", .has_healthcheck_test = true};
    assert_json(&off, PATH("Healthcheck"), "{\"Test\":[\"NONE\"]}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_left_open_is_left_out),
        cmocka_unit_test(ports_are_bound_to_the_address),
        cmocka_unit_test(mounts_limits_and_network_are_told),
        cmocka_unit_test(a_healthcheck_is_replaced_or_switched_off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
