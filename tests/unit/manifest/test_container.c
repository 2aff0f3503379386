/* Keys of containers: mounts, secret files, extra hosts, the working folder. */
#include "read_fixture.h"

static void tells_paths_from_volumes(void **state)
{
    (void)state;
    struct ds_manifest *manifest = read_right(FILE_OF(
        "image: x, tmpfs: /t, volumes: ['data:/d', './c:/c:ro', '~/h:/h', "
        "{type: bind, source: rel, target: /r, read_only: true}, {type: tmpfs, target: /u}]"));
    const struct ds_container *container = &service(manifest, "a")->container;
    static const struct {
        int type;
        const char *source, *target;
        bool read_only;
    } expected[] = {
        {DS_MOUNT_TMPFS, NULL, "/t", false},         {DS_MOUNT_VOLUME, "data", "/d", false},
        {DS_MOUNT_BIND, "/project/c", "/c", true},   {DS_MOUNT_BIND, "/home/dev/h", "/h", false},
        {DS_MOUNT_BIND, "/project/rel", "/r", true}, {DS_MOUNT_TMPFS, NULL, "/u", false}};
    assert_int_equal(container->mount_count, DS_COUNT(expected));
    for (size_t i = 0; i < DS_COUNT(expected); i++) {
        assert_int_equal(container->mounts[i].type, expected[i].type);
        assert_true(ds_string_equal(container->mounts[i].source, expected[i].source));
        assert_string_equal(container->mounts[i].target, expected[i].target);
        assert_int_equal(container->mounts[i].read_only, expected[i].read_only);
    }
    ds_manifest_free(manifest);
}

static void secrets_become_files(void **state)
{
    (void)state;
    struct ds_manifest *manifest = read_right(FILE_OF(
        "image: x, secrets: [pw, {source: pw, target: /etc/p, uid: 5, gid: 6, mode: '0440'}]"));
    const struct ds_container *container = &service(manifest, "a")->container;
    assert_int_equal(container->file_count, 2);
    assert_string_equal(container->files[0].target, "/run/secrets/pw");
    assert_int_equal(container->files[0].mode, 0444);
    assert_source(container->files[0].value, "${secrets.pw}");
    assert_string_equal(container->files[1].target, "/etc/p");
    assert_int_equal(container->files[1].uid, 5);
    assert_int_equal(container->files[1].gid, 6);
    assert_int_equal(container->files[1].mode, 0440);
    ds_manifest_free(manifest);
}

static void extra_hosts_come_as_a_list_or_a_mapping(void **state)
{
    (void)state;
    struct ds_manifest *list = read_right(FILE_OF("image: x, extra_hosts: ['h=1.2.3.4']"));
    struct ds_manifest *map = read_right(FILE_OF("image: x, extra_hosts: {h: 1.2.3.4}"));
    assert_string_equal(service(list, "a")->container.extra_hosts.items[0], "h:1.2.3.4");
    assert_string_equal(service(map, "a")->container.extra_hosts.items[0], "h:1.2.3.4");
    ds_manifest_free(list);
    ds_manifest_free(map);
}

static void tells_what_cannot_be_mounted(void **state)
{
    (void)state;
    static const struct {
        const char *text, *told;
    } cases[] = {
        {FILE_OF("image: x, volumes: ['data']"), "expected SOURCE:/path/in/the/container"},
        {FILE_OF("image: x, volumes: ['data:rel']"), "must be an absolute path, not 'rel'"},
        {FILE_OF("image: x, volumes: ['a:/x', 'b:/x']"), "something is mounted at '/x' already"},
        {FILE_OF("image: x, volumes: ['a:/x:z']"), "a volume's mode is 'ro' or 'rw', not 'z'"},
        {FILE_OF("image: x, volumes: ['-a:/x']"), "is neither a path"},
        {FILE_OF("image: x, volumes: [{type: tmpfs, source: a, target: /x}]"),
         "a tmpfs has no 'source'"},
        {FILE_OF("image: x, tmpfs: '/t:size=1'"), "options of a tmpfs are not supported"},
        {FILE_OF("image: x, secrets: [{source: pw, mode: '9'}]"), "a secret's mode is octal"},
        {FILE_OF("image: x, extra_hosts: [h]"), "expected NAME:ADDRESS"},
        {FILE_OF("image: x, working_dir: rel"), "must be an absolute path, not 'rel'"},
        {FILE_OF("image: ''"), "a text that is not empty"},
    };
    for (size_t i = 0; i < DS_COUNT(cases); i++)
        expect_told(cases[i].text, cases[i].told);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_paths_from_volumes),
        cmocka_unit_test(secrets_become_files),
        cmocka_unit_test(extra_hosts_come_as_a_list_or_a_mapping),
        cmocka_unit_test(tells_what_cannot_be_mounted),
    };
    return cmocka_run_group_tests_name("manifest/container", tests, NULL, NULL);
}
