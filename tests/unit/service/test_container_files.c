/* Secret files on their way into a container: which are shared as mounts, and how they lie on the
 * disk. The engine is one that nobody calls. */
#include "fixture.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "devstack/base/file.h"
#include "orchestrator/service/container.h"

#define MOST_FILES 4

struct files {
    struct ds_launch launch;
    struct container_runner runner;
    struct ds_engine_mount mounts[MOST_FILES];
};

/* Where SELinux enforces nothing is shared. */
static size_t shareable(size_t count)
{
    ds_auto_free char *text = NULL;
    size_t length = 0;
    bool enforces = ds_file_read("/sys/fs/selinux/enforce", 16, &text, &length, NULL) &&
                    length > 0 && *text == '1';
    return enforces ? 0 : count;
}

static void open_files(struct files *files, struct bench *bench, const char *engine)
{
    ds_auto_variables struct ds_variables environment = {0};
    ds_auto_error struct ds_error err = {0};
    ds_variables_set(&environment, "DOCKER_HOST", engine);
    bench->engine = ds_engine_create(bench->http, &environment, &err);
    assert_non_null(bench->engine);
    *files = (struct files){.runner.engine = bench->engine};
    files->runner.base.run.launch = &files->launch;
    files->launch.files_folder = bench_path(bench, "files");
    files->launch.files = ds_realloc_array(NULL, MOST_FILES, sizeof(struct ds_launch_file));
}

static void add_file(struct files *files, const char *target, const char *contents, unsigned mode)
{
    assert_true(files->launch.file_count < MOST_FILES);
    files->launch.files[files->launch.file_count++] =
        (struct ds_launch_file){.target = ds_strdup(target),
                                .contents = ds_secret_create(contents, strlen(contents)),
                                .mode = mode};
}

static void assert_not_shared(struct files *files)
{
    assert_int_equal(container_files_share(&files->runner, files->mounts), 0);
    assert_false(files->runner.shared);
}

static unsigned mode_of(const char *path)
{
    struct stat status;
    assert_int_equal(stat(path, &status), 0);
    return status.st_mode & 07777;
}

static void assert_lies_there(const struct ds_engine_mount *mount, const char *contents,
                              unsigned mode)
{
    ds_auto_free char *bytes = NULL;
    size_t length = 0;
    assert_true(ds_file_read(mount->source, 100, &bytes, &length, NULL));
    assert_string_equal(bytes, contents);
    assert_int_equal(mode_of(mount->source), mode);
}

static const char local[] = "unix:///nonexistent/docker.sock";

static void files_that_all_may_read_are_mounted(void **state)
{
    struct files files;
    open_files(&files, *state, local);
    add_file(&files, "/run/secrets/password", "sesame", 0644);
    add_file(&files, "/run/secrets/script", "#!", 0755);
    size_t count = container_files_share(&files.runner, files.mounts);
    assert_int_equal(count, shareable(2));
    assert_int_equal(files.runner.shared, count > 0);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(files.mounts[i].type, DS_ENGINE_BIND);
        assert_true(files.mounts[i].read_only);
        assert_string_equal(files.mounts[i].target, files.launch.files[i].target);
    }
    if (count) {
        assert_int_equal(mode_of(files.launch.files_folder), 0700);
        assert_lies_there(&files.mounts[0], "sesame", 0444);
        assert_lies_there(&files.mounts[1], "#!", 0555);
    }
    container_files_remove(&files.runner);
    assert_false(ds_folder_exists(files.launch.files_folder));
    container_files_remove(&files.runner);
    container_files_forget(files.mounts, count);
    ds_launch_finish(&files.launch);
}

static void names_cannot_be_guessed_and_are_never_used_twice(void **state)
{
    struct files files;
    struct ds_engine_mount again[MOST_FILES];
    open_files(&files, *state, local);
    add_file(&files, "/run/secrets/password", "sesame", 0444);
    size_t count = container_files_share(&files.runner, files.mounts);
    assert_int_equal(container_files_share(&files.runner, again), count);
    for (size_t i = 0; i < count; i++) {
        const char *name = ds_path_name(files.mounts[i].source);
        assert_int_equal(strlen(name), 32);
        assert_int_equal(strspn(name, "0123456789abcdef"), 32);
        assert_string_not_equal(files.mounts[i].source, again[i].source);
    }
    container_files_forget(files.mounts, count);
    container_files_forget(again, count);
    ds_launch_finish(&files.launch);
}

static void one_private_file_makes_archives_of_all(void **state)
{
    struct files files;
    open_files(&files, *state, local);
    add_file(&files, "/run/secrets/open", "open", 0444);
    add_file(&files, "/run/secrets/private", "private", 0440);
    assert_not_shared(&files);
    assert_false(ds_folder_exists(files.launch.files_folder));
    ds_launch_finish(&files.launch);
}

static void files_that_were_refused_are_not_shared_again(void **state)
{
    struct files files;
    open_files(&files, *state, local);
    add_file(&files, "/run/secrets/password", "sesame", 0444);
    files.runner.unshared = true;
    assert_not_shared(&files);
    assert_false(ds_folder_exists(files.launch.files_folder));
    ds_launch_finish(&files.launch);
}

static void an_engine_elsewhere_shares_no_files(void **state)
{
    struct files files;
    open_files(&files, *state, "tcp://127.0.0.1:1");
    add_file(&files, "/run/secrets/password", "sesame", 0444);
    assert_not_shared(&files);
    ds_launch_finish(&files.launch);
}

static void without_a_folder_there_are_archives(void **state)
{
    struct files files;
    open_files(&files, *state, local);
    add_file(&files, "/run/secrets/password", "sesame", 0444);
    free(ds_steal(files.launch.files_folder));
    assert_not_shared(&files);
    container_files_remove(&files.runner);
    ds_launch_finish(&files.launch);
}

static void a_folder_that_cannot_be_made_leads_to_archives(void **state)
{
    struct files files;
    ds_auto_free char *file = bench_path(*state, "file");
    open_files(&files, *state, local);
    add_file(&files, "/run/secrets/password", "sesame", 0444);
    assert_true(ds_file_write(file, "", 0, 0600, NULL));
    free(files.launch.files_folder);
    files.launch.files_folder = ds_path_join(file, "files");
    assert_not_shared(&files);
    ds_launch_finish(&files.launch);
}

static void without_files_nothing_is_made(void **state)
{
    struct files files;
    open_files(&files, *state, local);
    assert_not_shared(&files);
    assert_false(ds_folder_exists(files.launch.files_folder));
    ds_launch_finish(&files.launch);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(files_that_all_may_read_are_mounted),
        TEST(names_cannot_be_guessed_and_are_never_used_twice),
        TEST(one_private_file_makes_archives_of_all),
        TEST(files_that_were_refused_are_not_shared_again),
        TEST(an_engine_elsewhere_shares_no_files),
        TEST(without_a_folder_there_are_archives),
        TEST(a_folder_that_cannot_be_made_leads_to_archives),
        TEST(without_files_nothing_is_made),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
