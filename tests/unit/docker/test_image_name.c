/* Image names and the defaults for what is left out. */
#include "tests/support/cmocka_headers.h"

#include "devstack/base/memory.h"
#include "orchestrator/docker/image_name.h"

static const struct {
    const char *text, *registry, *repository, *version;
} names[] = {
    {"postgres:17", "docker.io", "postgres", "17"},
    {"postgres", "docker.io", "postgres", "latest"},
    {"bitnami/redis", "docker.io", "bitnami/redis", "latest"},
    {"localhost/x:1", "localhost", "localhost/x", "1"},
    {"localhost:5000/x", "localhost:5000", "localhost:5000/x", "latest"},
    {"ghcr.io/a/b/c:v1.2", "ghcr.io", "ghcr.io/a/b/c", "v1.2"},
    {"r.io:443/a@sha256:00ff", "r.io:443", "r.io:443/a", "sha256:00ff"},
    {"a:tag@sha256:00ff", "docker.io", "a", "sha256:00ff"},
};

static void parts_are_told_apart(void **state)
{
    (void)state;
    for (size_t i = 0; i < DS_COUNT(names); i++) {
        struct image_name name;
        assert_true(image_name_parse(names[i].text, &name, NULL));
        assert_string_equal(name.registry, names[i].registry);
        assert_string_equal(name.repository, names[i].repository);
        assert_string_equal(name.version, names[i].version);
        image_name_finish(&name);
    }
}

static void half_names_are_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {"", ":17", "a:", "a@", "@sha256:0"};
    for (size_t i = 0; i < DS_COUNT(wrong); i++) {
        struct image_name name;
        ds_auto_error struct ds_error error = {0};
        assert_false(image_name_parse(wrong[i], &name, &error));
        assert_int_equal(error.code, DS_ERROR_INVALID);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_are_told_apart),
        cmocka_unit_test(half_names_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
