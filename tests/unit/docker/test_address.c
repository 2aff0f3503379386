/* Where the engine is, from variables, contexts and defaults. */
#include "tests/support/cmocka_headers.h"

#include <stdlib.h>
#include <string.h>

#include "devstack/base/file.h"
#include "orchestrator/docker/internal.h"

struct home {
    char *folder;
    struct ds_variables environment;
};

static int setup(void **state)
{
    char folder[] = "/tmp/devstack-address-XXXXXX";
    struct home *home = DS_NEW(struct home);
    home->folder = ds_strdup(mkdtemp(folder));
    ds_variables_set(&home->environment, "HOME", home->folder);
    *state = home;
    return 0;
}

static int teardown(void **state)
{
    struct home *home = *state;
    ds_tree_remove(home->folder, NULL);
    ds_variables_finish(&home->environment);
    free(home->folder);
    free(home);
    return 0;
}

static void put(struct home *home, const char *path, const char *text)
{
    ds_auto_free char *full = ds_path_join(home->folder, path);
    ds_auto_free char *folder = ds_path_folder(full);
    assert_true(ds_folder_make(folder, 0700, NULL));
    assert_true(ds_file_write(full, text, strlen(text), 0600, NULL));
}

static void assert_found(struct home *home, const char *base_url, const char *unix_socket)
{
    struct engine_address address;
    ds_auto_error struct ds_error error = {0};
    if (!engine_address_find(&home->environment, &address, &error))
        fail_msg("%s", error.message);
    assert_string_equal(address.base_url, base_url);
    if (unix_socket)
        assert_string_equal(address.unix_socket, unix_socket);
    else
        assert_null(address.unix_socket);
    engine_address_finish(&address);
}

static void assert_refused(struct home *home, const char *words)
{
    struct engine_address address;
    ds_auto_error struct ds_error error = {0};
    assert_false(engine_address_find(&home->environment, &address, &error));
    assert_non_null(strstr(error.message, words));
}

static void the_default_is_the_system_socket(void **state)
{
    assert_found(*state, "http://engine", "/var/run/docker.sock");
    put(*state, ".docker/config.json", "{\"currentContext\": \"default\"}");
    assert_found(*state, "http://engine", "/var/run/docker.sock");
}

static void the_host_variable_comes_first(void **state)
{
    struct home *home = *state;
    put(home, ".docker/config.json", "{\"currentContext\": \"other\"}");
    ds_variables_set(&home->environment, "DOCKER_CONTEXT", "another");
    ds_variables_set(&home->environment, "DOCKER_HOST", "unix:///run/user/7/docker.sock");
    assert_found(home, "http://engine", "/run/user/7/docker.sock");
    ds_variables_set(&home->environment, "DOCKER_HOST", "tcp://box");
    assert_found(home, "http://box:2375", NULL);
    ds_variables_set(&home->environment, "DOCKER_HOST", "tcp://[::1]:99");
    assert_found(home, "http://[::1]:99", NULL);
}

static void tls_takes_the_certificates(void **state)
{
    struct home *home = *state;
    put(home, "certs/ca.pem", "x");
    put(home, "certs/key.pem", "x");
    ds_auto_free char *certificates = ds_path_join(home->folder, "certs");
    ds_auto_free char *ca = ds_path_join(certificates, "ca.pem");
    ds_variables_set(&home->environment, "DOCKER_HOST", "tcp://box");
    ds_variables_set(&home->environment, "DOCKER_TLS_VERIFY", "1");
    ds_variables_set(&home->environment, "DOCKER_CERT_PATH", certificates);
    assert_found(home, "https://box:2376", NULL);
    struct engine_address address;
    assert_true(engine_address_find(&home->environment, &address, NULL));
    assert_string_equal(address.ca_file, ca);
    assert_null(address.certificate_file);
    assert_non_null(address.key_file);
    assert_true(address.tls);
    assert_false(address.insecure);
    engine_address_finish(&address);
}

static void contexts_are_found_by_name(void **state)
{
    struct home *home = *state;
    put(home, ".docker/contexts/meta/1a2b/meta.json",
        "{\"Name\":\"far\",\"Endpoints\":{\"docker\":{\"Host\":\"tcp://far:2376\"}}}");
    put(home, ".docker/contexts/tls/1a2b/docker/ca.pem", "x");
    put(home, ".docker/contexts/meta/3c4d/meta.json",
        "{\"Name\":\"rootless\",\"Endpoints\":{\"docker\":{\"Host\":\"unix:///run/d.sock\"}}}");
    put(home, ".docker/contexts/meta/broken/meta.json", "{");
    put(home, ".docker/config.json", "{\"currentContext\": \"rootless\"}");
    assert_found(home, "http://engine", "/run/d.sock");
    ds_variables_set(&home->environment, "DOCKER_CONTEXT", "far");
    assert_found(home, "https://far:2376", NULL);
    ds_variables_set(&home->environment, "DOCKER_CONTEXT", "nowhere");
    assert_refused(home, "'nowhere' does not exist");
}

static void the_configuration_folder_can_be_moved(void **state)
{
    struct home *home = *state;
    put(home, "elsewhere/contexts/meta/1/meta.json",
        "{\"Name\":\"x\",\"Endpoints\":{\"docker\":{\"Host\":\"unix:///x.sock\"}}}");
    put(home, "elsewhere/config.json", "{\"currentContext\": \"x\"}");
    ds_auto_free char *folder = ds_path_join(home->folder, "elsewhere");
    ds_variables_set(&home->environment, "DOCKER_CONFIG", folder);
    assert_found(home, "http://engine", "/x.sock");
}

static void what_cannot_be_reached_is_refused(void **state)
{
    struct home *home = *state;
    static const char *const wrong[][2] = {
        {"ssh://me@box", "ssh is not supported"}, {"npipe:////./pipe/x", "unknown scheme"},
        {"unix://relative", "no absolute path"},  {"tcp://", "not scheme://host:port"},
        {"tcp://a/b", "not scheme://host:port"},  {"box:2375", "unknown scheme"},
    };
    for (size_t i = 0; i < DS_COUNT(wrong); i++) {
        ds_variables_set(&home->environment, "DOCKER_HOST", wrong[i][0]);
        assert_refused(home, wrong[i][1]);
    }
}

static void a_broken_configuration_is_pointed_at(void **state)
{
    put(*state, ".docker/config.json", "{\n  \"auths\": nonsense\n}");
    assert_refused(*state, "config.json:2:");
    put(*state, ".docker/config.json", "[]");
    assert_refused(*state, "a JSON object is expected");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_default_is_the_system_socket),
        TEST(the_host_variable_comes_first),
        TEST(tls_takes_the_certificates),
        TEST(contexts_are_found_by_name),
        TEST(the_configuration_folder_can_be_moved),
        TEST(what_cannot_be_reached_is_refused),
        TEST(a_broken_configuration_is_pointed_at),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
