/* A container's launch: names, labels, mounts, secret files. */
#include "fixture.h"

#include <stdlib.h>

#include "devstack/base/memory.h"
#include "devstack/docker/labels.h"

static const char one[] = "secrets: {key: {}}\n"
                          "services:\n"
                          "  db:\n"
                          "    image: x:1\n"
                          "    volumes: ['data:/data', './conf:/conf:ro']\n"
                          "    labels: {team: '${stack.name}'}\n"
                          "    secrets: [{source: key, target: /run/key, mode: '0400'}]\n";

static void objects_are_named_and_labelled_by_the_stack(void **state)
{
    struct run_fixture *f = *state;
    struct ds_launch launch = {0};
    run_fixture_load(f, one);
    run_fixture_secret(f, "key", "hunter22");
    assert_true(launch_make(&f->context, run_fixture_spec(f, "db"), &launch, NULL));
    ds_auto_free char *name = ds_printf("%s-db", f->identity.id);
    ds_auto_free char *volume = ds_printf("%s-data", f->identity.id);
    assert_string_equal(launch.container_name, name);
    assert_int_equal(launch.mount_count, 2);
    assert_string_equal(launch.mounts[0].source, volume);
    assert_int_equal(launch.mounts[1].type, DS_ENGINE_BIND);
    assert_true(launch.mounts[1].read_only);
    assert_string_equal(ds_variables_get(&launch.labels, "team"), "shop");
    assert_string_equal(ds_variables_get(&launch.labels, DS_LABEL_RUN), f->context.run);
    /* A volume outlives its run. */
    assert_string_equal(ds_variables_get(&launch.volume_labels, DS_LABEL_STACK), f->identity.id);
    assert_null(ds_variables_get(&launch.volume_labels, DS_LABEL_RUN));
    assert_null(ds_variables_get(&launch.volume_labels, DS_LABEL_LEASE));
    assert_int_equal(launch.file_count, 1);
    assert_int_equal(launch.files[0].mode, 0400);
    assert_string_equal(ds_secret_bytes(launch.files[0].contents), "hunter22");
    ds_launch_finish(&launch);
}

static void only_several_containers_share_a_network(void **state)
{
    struct run_fixture *f = *state;
    struct ds_launch launch = {0};
    run_fixture_load(f, "services: {a: {image: 'x:1'}, b: {image: 'x:1'}, c: {run: [serve]}}\n");
    assert_true(launch_needs_network(f->manifest));
    assert_true(launch_make(&f->context, run_fixture_spec(f, "a"), &launch, NULL));
    assert_string_equal(launch.network, f->identity.id);
    assert_string_equal(launch.network_alias, "a");
    ds_launch_finish(&launch);
    f->manifest->services[1].disabled = true;
    assert_false(launch_needs_network(f->manifest));
}

static void a_file_without_its_secret_fails(void **state)
{
    struct run_fixture *f = *state;
    ds_auto_error struct ds_error err = {0};
    struct ds_launch launch = {0};
    run_fixture_load(f, one);
    assert_false(launch_make(&f->context, run_fixture_spec(f, "db"), &launch, &err));
    assert_int_equal(err.code, DS_ERROR_SECRET);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_RUN(objects_are_named_and_labelled_by_the_stack),
        WITH_RUN(only_several_containers_share_a_network),
        WITH_RUN(a_file_without_its_secret_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
