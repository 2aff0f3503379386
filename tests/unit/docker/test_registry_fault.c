/* The registry's own words, and the advice that goes with them. */
#include "tests/support/cmocka_headers.h"

#include <string.h>

#include "devstack/base/memory.h"
#include "orchestrator/docker/registry_fault.h"

static void expect(const char *registry, const char *words, const char *message, const char *hint)
{
    ds_auto_error struct ds_error none = {0};
    ds_auto_error struct ds_error error = {0};
    assert_false(registry_fault(registry, words, &none, &error));
    assert_int_equal(error.code, DS_ERROR_MISSING);
    assert_string_equal(error.message, message);
    if (hint)
        assert_string_equal(error.hint, hint);
    else
        assert_null(error.hint);
}

static void kinds_of_refusals_are_told_apart(void **state)
{
    (void)state;
    expect("docker.io", "pull access denied for me/private", "pull access denied for me/private",
           "docker login");
    expect("r.example", "Unauthorized", "Unauthorized", "docker login r.example");
    expect("r.example", "manifest for a:9 not found", "manifest for a:9 not found",
           "check the image's name and tag");
    expect("r.example", "dial tcp 127.0.0.1:9: connection refused",
           "the registry r.example cannot be reached: dial tcp 127.0.0.1:9: connection refused",
           "check the network and the proxy settings of the Docker Engine");
    expect("r.example", "write /x: no space left on device", "write /x: no space left on device",
           "docker system df shows what takes the space");
    expect("r.example", "something else", "something else", NULL);
}

static void a_login_that_could_not_be_read_is_said(void **state)
{
    (void)state;
    ds_auto_error struct ds_error why = {0};
    ds_auto_error struct ds_error error = {0};
    ds_error_set(&why, DS_ERROR_FAILED, "the helper is not there");
    registry_fault("r.example", "unauthorized", &why, &error);
    assert_string_equal(error.message, "unauthorized (the helper is not there)");
    ds_auto_error struct ds_error other = {0};
    registry_fault("r.example", "manifest unknown", &why, &other);
    assert_string_equal(other.message, "manifest unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kinds_of_refusals_are_told_apart),
        cmocka_unit_test(a_login_that_could_not_be_read_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
