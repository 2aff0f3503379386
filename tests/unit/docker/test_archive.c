/* The archive, judged by the machine's own tar. */
#include "tests/support/cmocka_headers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "orchestrator/docker/archive.h"
#include "devstack/base/file.h"
#include "devstack/base/memory.h"

/* What `tar OPTIONS` says of the archive. */
static char *tar(const struct ds_text *archive, const char *options)
{
    char folder[] = "/tmp/devstack-archive-XXXXXX";
    assert_non_null(mkdtemp(folder));
    ds_auto_free char *path = ds_path_join(folder, "a.tar");
    assert_true(ds_file_write(path, archive->data, archive->length, 0600, NULL));
    ds_auto_free char *command = ds_printf("tar --numeric-owner %s -f %s 2>&1", options, path);
    FILE *output = popen(command, "re");
    assert_non_null(output);
    struct ds_text text = {0};
    char buffer[4096];
    size_t got;
    while ((got = fread(buffer, 1, sizeof(buffer), output)) > 0)
        ds_text_append_bytes(&text, buffer, got);
    assert_int_equal(pclose(output), 0);
    ds_tree_remove(folder, NULL);
    return ds_text_take(&text);
}

static void tar_reads_names_owners_and_modes(void **state)
{
    (void)state;
    ds_auto_text struct ds_text archive = {0};
    struct archive_file file = {
        .contents = "secret", .length = 6, .uid = 999, .gid = 70, .mode = 0400};
    assert_true(archive_write(&archive, "run/secrets/db", &file, NULL));
    assert_int_equal(archive.length % 512, 0);
    ds_auto_free char *list = tar(&archive, "-tv --full-time");
    assert_string_equal(list,
                        "drwxr-xr-x 0/0               0 1970-01-01 00:00:00 run/\n"
                        "drwxr-xr-x 0/0               0 1970-01-01 00:00:00 run/secrets/\n"
                        "-r-------- 999/70            6 1970-01-01 00:00:00 run/secrets/db\n");
    ds_auto_free char *contents = tar(&archive, "-xO");
    assert_string_equal(contents, "secret");
}

static void sizes_around_a_block_are_whole(void **state)
{
    (void)state;
    static const size_t sizes[] = {0, 1, 511, 512, 513, 1024};
    char contents[1025];
    memset(contents, 'x', sizeof(contents));
    contents[1024] = '\0';
    for (size_t i = 0; i < DS_COUNT(sizes); i++) {
        ds_auto_text struct ds_text archive = {0};
        struct archive_file file = {.contents = contents, .length = sizes[i], .mode = 0644};
        assert_true(archive_write(&archive, "f", &file, NULL));
        ds_auto_free char *read = tar(&archive, "-xO");
        assert_int_equal(strlen(read), sizes[i]);
    }
}

static void long_paths_are_split_or_refused(void **state)
{
    (void)state;
    char folder[141], name[101];
    memset(folder, 'd', 140);
    folder[140] = '\0';
    memset(name, 'n', 100);
    name[100] = '\0';
    struct archive_file file = {.contents = "x", .length = 1, .mode = 0644};
    ds_auto_free char *flat = ds_printf("a%s", name);
    ds_auto_text struct ds_text refused = {0};
    ds_auto_error struct ds_error error = {0};
    assert_false(archive_write(&refused, flat, &file, &error));
    assert_non_null(error.message);
    memset(folder + 60, '/', 1);
    ds_auto_free char *path = ds_printf("%s/%s", folder, name);
    ds_auto_text struct ds_text archive = {0};
    assert_true(archive_write(&archive, path, &file, NULL));
    ds_auto_free char *list = tar(&archive, "-t");
    assert_non_null(strstr(list, path));
}

int main(void)
{
    setenv("TZ", "UTC", 1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tar_reads_names_owners_and_modes),
        cmocka_unit_test(sizes_around_a_block_are_whole),
        cmocka_unit_test(long_paths_are_split_or_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
