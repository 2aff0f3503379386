/* The preset, lowered to a container. */
#include "read_fixture.h"

static void the_password_reaches_it_as_a_file(void **state)
{
    (void)state;
    struct ds_manifest *manifest =
        read_right(FILE_OF("postgres: {user: u, password: '${secrets.pw}'}"));
    const struct ds_service_spec *a = service(manifest, "a");
    assert_string_equal(a->container.image, "postgres:17");
    assert_string_equal(a->url_scheme, "postgres");
    assert_source(a->database, "u");
    assert_int_equal(a->container.file_count, 1);
    assert_string_equal(a->container.files[0].target, "/run/secrets/postgres_password");
    assert_source(a->container.files[0].value, "${secrets.pw}");
    for (size_t i = 0; i < a->environment.count; i++)
        assert_false(a->environment.items[i].value->tainted);
    ds_manifest_free(manifest);
}

static void settings_become_arguments(void **state)
{
    (void)state;
    struct ds_manifest *manifest =
        read_right(FILE_OF("postgres: {password: x, settings: {max_connections: 9, fsync: off}}"));
    const struct ds_command *command = &service(manifest, "a")->container.command;
    static const char *const expected[] = {"postgres", "-c", "max_connections=9", "-c",
                                           "fsync=off"};
    assert_int_equal(command->count, DS_COUNT(expected));
    for (size_t i = 0; i < DS_COUNT(expected); i++)
        assert_source(command->items[i], expected[i]);
    ds_manifest_free(manifest);
}

static void data_lives_where_it_is_told_to(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int type;
        const char *source;
    } cases[] = {
        {FILE_OF("postgres: {password: x}"), DS_MOUNT_VOLUME, "a"},
        {FILE_OF("postgres: {password: x, data: tmpfs}"), DS_MOUNT_TMPFS, NULL},
        {FILE_OF("postgres: {password: x, data: ./pg}"), DS_MOUNT_BIND, "/project/pg"},
    };
    for (size_t i = 0; i < DS_COUNT(cases); i++) {
        struct ds_manifest *manifest = read_right(cases[i].text);
        const struct ds_mount *mount = &service(manifest, "a")->container.mounts[0];
        assert_int_equal(mount->type, cases[i].type);
        assert_true(ds_string_equal(mount->source, cases[i].source));
        assert_string_equal(mount->target, "/var/lib/postgresql/data");
        ds_manifest_free(manifest);
    }
}

static void tells_what_it_cannot_be(void **state)
{
    (void)state;
    expect_told(FILE_OF("postgres: {}"), "lacks the key 'password'");
    expect_told(FILE_OF("postgres: {password: ''}"), "a text that is not empty");
    expect_told(FILE_OF("postgres: {password: x, data: here}"), "'data' must be 'volume'");
    expect_told(FILE_OF("postgres: {password: x, engine: native}"), "not supported");
    expect_told(FILE_OF("postgres: {password: x, initdb: none.sql}"), "there is no file or folder");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_password_reaches_it_as_a_file),
        cmocka_unit_test(settings_become_arguments),
        cmocka_unit_test(data_lives_where_it_is_told_to),
        cmocka_unit_test(tells_what_it_cannot_be),
    };
    return cmocka_run_group_tests_name("manifest/postgres", tests, NULL, NULL);
}
