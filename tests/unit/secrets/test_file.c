/* Private files: what is written, and what is refused. */
#include "store_fixture.h"

#include <sys/stat.h>

#include "devstack/base/file.h"

struct place {
    struct loop_fixture *fixture;
    char *folder;       /* the data folder */
    char *stack, *path; /* of the key's stack, and of the key */
    struct ds_secret_store *store;
};

static int setup(void **state)
{
    if (loop_fixture_setup(state) != 0)
        return -1;
    struct place *place = DS_NEW(struct place);
    place->fixture = *state;
    place->folder = ds_strdup("/tmp/ds-secrets-XXXXXX");
    if (!mkdtemp(place->folder))
        return -1;
    place->stack = ds_printf("%s/secrets/%s", place->folder, key.stack);
    place->path = ds_printf("%s/%s", place->stack, key.name);
    place->store = ds_secret_store_file(&place->fixture->loop, place->folder);
    *state = place;
    return 0;
}

static int teardown(void **state)
{
    struct place *place = *state;
    ds_secret_store_destroy(place->store);
    bool removed = ds_tree_remove(place->folder, NULL);
    void *fixture = place->fixture;
    free(place->folder);
    free(place->stack);
    free(place->path);
    free(place);
    return loop_fixture_teardown(&fixture) == 0 && removed ? 0 : -1;
}

static mode_t mode_of(const char *path)
{
    struct stat status;
    assert_int_equal(lstat(path, &status), 0);
    return status.st_mode & (mode_t)07777;
}

static void put(const struct place *place, const char *value)
{
    auto_outcome struct outcome saved = {0};
    assert_int_equal(save(place->fixture, place->store, &key, value, &saved), DS_SECRET_FOUND);
}

static void writes_private_files_in_private_folders(void **state)
{
    const struct place *place = *state;
    mode_t before = umask(0);
    put(place, "first");
    put(place, "second\n");
    umask(before);
    ds_auto_free char *secrets = ds_printf("%s/secrets", place->folder);
    assert_int_equal(mode_of(place->path), 0600);
    assert_int_equal(mode_of(place->stack), 0700);
    assert_int_equal(mode_of(secrets), 0700);
    auto_outcome struct outcome found = {0};
    assert_int_equal(look_up(place->fixture, place->store, &key, &found), DS_SECRET_FOUND);
    assert_string_equal(ds_secret_bytes(found.value), "second\n");
    assert_true(found.stored_at > 0);
}

static void removes(void **state)
{
    const struct place *place = *state;
    auto_outcome struct outcome none = {0}, removed = {0}, found = {0};
    assert_int_equal(take_away(place->fixture, place->store, &key, &none), DS_SECRET_ABSENT);
    put(place, "value");
    assert_int_equal(take_away(place->fixture, place->store, &key, &removed), DS_SECRET_FOUND);
    assert_int_equal(look_up(place->fixture, place->store, &key, &found), DS_SECRET_ABSENT);
}

static void assert_refused(const struct place *place, const char *why)
{
    auto_outcome struct outcome found = {0};
    assert_int_equal(look_up(place->fixture, place->store, &key, &found), DS_SECRET_FAILED);
    assert_null(found.value);
    assert_non_null(strstr(found.message, why));
    assert_non_null(found.hint);
}

static void refuses_a_file_that_others_can_read(void **state)
{
    static const mode_t modes[] = {0644, 0640, 0604, 0660, 0601};
    const struct place *place = *state;
    put(place, "value");
    for (size_t i = 0; i < DS_COUNT(modes); i++) {
        assert_int_equal(chmod(place->path, modes[i]), 0);
        assert_refused(place, "others can read it");
    }
}

static void refuses_links_folders_and_pipes(void **state)
{
    const struct place *place = *state;
    put(place, "value");
    ds_auto_free char *aside = ds_printf("%s.aside", place->path);
    assert_int_equal(rename(place->path, aside), 0);
    assert_int_equal(symlink(aside, place->path), 0);
    assert_refused(place, "symbolic link");
    assert_int_equal(unlink(place->path), 0);
    assert_int_equal(mkdir(place->path, 0700), 0);
    assert_refused(place, "not a regular file");
    assert_int_equal(rmdir(place->path), 0);
    assert_int_equal(mkfifo(place->path, 0600), 0);
    assert_refused(place, "not a regular file");
}

static void refuses_a_folder_that_others_may_write_to(void **state)
{
    const struct place *place = *state;
    put(place, "value");
    assert_int_equal(chmod(place->stack, 0770), 0);
    assert_refused(place, "others may write to it");
    auto_outcome struct outcome saved = {0};
    assert_int_equal(save(place->fixture, place->store, &key, "other", &saved), DS_SECRET_FAILED);
}

static void refuses_a_link_in_the_folders_place(void **state)
{
    const struct place *place = *state;
    put(place, "value");
    ds_auto_free char *aside = ds_printf("%s.aside", place->stack);
    assert_int_equal(rename(place->stack, aside), 0);
    assert_int_equal(symlink(aside, place->stack), 0);
    assert_refused(place, "not a folder");
}

static void refuses_empty_and_huge_files(void **state)
{
    const struct place *place = *state;
    put(place, "value");
    assert_int_equal(truncate(place->path, 0), 0);
    assert_refused(place, "0 bytes");
    assert_int_equal(truncate(place->path, 1 << 20), 0);
    assert_refused(place, "1048576 bytes");
}

static void saving_replaces_a_link_and_not_its_target(void **state)
{
    const struct place *place = *state;
    put(place, "value");
    ds_auto_free char *target = ds_printf("%s/target", place->folder);
    assert_true(ds_file_write(target, "mine", 4, 0600, NULL));
    assert_int_equal(unlink(place->path), 0);
    assert_int_equal(symlink(target, place->path), 0);
    put(place, "new");
    ds_auto_free char *data = NULL;
    assert_true(ds_file_read(target, 100, &data, NULL, NULL));
    assert_string_equal(data, "mine");
    auto_outcome struct outcome found = {0};
    assert_int_equal(look_up(place->fixture, place->store, &key, &found), DS_SECRET_FOUND);
    assert_string_equal(ds_secret_bytes(found.value), "new");
}

static void names_cannot_leave_the_folder(void **state)
{
    const struct place *place = *state;
    static const struct ds_secret_key keys[] = {{"shop", "../x"}, {"..", "x"},  {"shop", ""},
                                                {"", "x"},        {"a/b", "x"}, {"shop", ".lock"}};
    for (size_t i = 0; i < DS_COUNT(keys); i++) {
        auto_outcome struct outcome saved = {0}, found = {0}, removed = {0};
        assert_int_equal(save(place->fixture, place->store, &keys[i], "value", &saved),
                         DS_SECRET_FAILED);
        assert_int_equal(look_up(place->fixture, place->store, &keys[i], &found), DS_SECRET_FAILED);
        assert_int_equal(take_away(place->fixture, place->store, &keys[i], &removed),
                         DS_SECRET_FAILED);
    }
}

#define FILE_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FILE_TEST(writes_private_files_in_private_folders),
        FILE_TEST(removes),
        FILE_TEST(refuses_a_file_that_others_can_read),
        FILE_TEST(refuses_links_folders_and_pipes),
        FILE_TEST(refuses_a_folder_that_others_may_write_to),
        FILE_TEST(refuses_a_link_in_the_folders_place),
        FILE_TEST(refuses_empty_and_huge_files),
        FILE_TEST(saving_replaces_a_link_and_not_its_target),
        FILE_TEST(names_cannot_leave_the_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
