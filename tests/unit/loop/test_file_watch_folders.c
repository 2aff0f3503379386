/* Descriptors and folders, with a real inotify. */
#include "tests/support/cmocka_headers.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "devstack/base/file.h"
#include "orchestrator/loop/file_watch_internal.h"

struct subject {
    struct ds_file_watch watch;
    char *folder;
    unsigned errors;
};

/* The limit of a machine's watches cannot be reached in a test. */
int __real_inotify_add_watch(int fd, const char *path, uint32_t mask);
int __wrap_inotify_add_watch(int fd, const char *path, uint32_t mask);
static bool full;
int __wrap_inotify_add_watch(int fd, const char *path, uint32_t mask)
{
    if (!full)
        return __real_inotify_add_watch(fd, path, mask);
    errno = ENOSPC;
    return -1;
}

static void on_error(void *data, const struct ds_error *error)
{
    struct subject *subject = data;
    if (error->code == DS_ERROR_FAILED && error->hint)
        subject->errors++;
}

static int setup(void **state)
{
    char folder[] = "/tmp/devstack-folders-XXXXXX";
    struct subject *subject = DS_NEW(struct subject);
    subject->folder = ds_strdup(mkdtemp(folder));
    subject->watch = (struct ds_file_watch){.fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK),
                                            .base = subject->folder,
                                            .on_error = on_error,
                                            .data = subject};
    full = false;
    *state = subject;
    return subject->watch.fd < 0 ? -1 : 0;
}

static int teardown(void **state)
{
    struct subject *subject = *state;
    unwatch_below(&subject->watch, "/");
    size_t left = subject->watch.folders.count;
    free(subject->watch.folders.items);
    close(subject->watch.fd);
    ds_tree_remove(subject->folder, NULL);
    free(subject->folder);
    free(subject);
    return left == 0 ? 0 : -1;
}

static char *make(struct subject *subject, const char *name)
{
    char *path = ds_path_join(subject->folder, name);
    assert_true(ds_folder_make(path, 0700, NULL));
    return path;
}

static const char *path_at(const struct subject *subject, size_t index)
{
    const struct ds_file_watch *watch = &subject->watch;
    return watched_folder_path(watch, watch->folders.items[index].descriptor);
}

static void a_descriptor_leads_to_its_folder(void **state)
{
    struct subject *subject = *state;
    ds_auto_free char *a = make(subject, "a"), *b = make(subject, "b");
    assert_true(watch_folder(&subject->watch, b));
    assert_true(watch_folder(&subject->watch, a));
    assert_int_equal(subject->watch.folders.count, 2);
    assert_string_equal(path_at(subject, 0), b);
    assert_string_equal(path_at(subject, 1), a);
    assert_null(watched_folder_path(&subject->watch, 1 << 20));
}

static void a_folder_that_moved_gets_its_new_path(void **state)
{
    struct subject *subject = *state;
    ds_auto_free char *a = make(subject, "a"), *b = ds_path_join(subject->folder, "b");
    assert_true(watch_folder(&subject->watch, a));
    assert_int_equal(rename(a, b), 0);
    assert_true(watch_folder(&subject->watch, b));
    assert_int_equal(subject->watch.folders.count, 1);
    assert_string_equal(path_at(subject, 0), b);
}

static void ends_below_a_folder_and_nowhere_else(void **state)
{
    struct subject *subject = *state;
    ds_auto_free char *a = make(subject, "a"), *below = make(subject, "a/x"),
                      *beside = make(subject, "ab");
    assert_true(watch_folder(&subject->watch, a));
    assert_true(watch_folder(&subject->watch, below));
    assert_true(watch_folder(&subject->watch, beside));
    unwatch_below(&subject->watch, a);
    assert_int_equal(subject->watch.folders.count, 1);
    assert_string_equal(path_at(subject, 0), beside);
}

static void one_that_the_kernel_ended_is_dropped_once(void **state)
{
    struct subject *subject = *state;
    ds_auto_free char *a = make(subject, "a");
    assert_true(watch_folder(&subject->watch, a));
    int descriptor = subject->watch.folders.items[0].descriptor;
    ds_auto_free char *dropped = watched_folder_drop(&subject->watch, descriptor);
    assert_string_equal(dropped, a);
    assert_null(watched_folder_drop(&subject->watch, descriptor));
}

static void what_is_no_folder_is_not_watched(void **state)
{
    struct subject *subject = *state;
    ds_auto_free char *file = ds_path_join(subject->folder, "file");
    assert_true(ds_file_write(file, "", 0, 0600, NULL));
    assert_false(watch_folder(&subject->watch, file));
    assert_false(watch_folder(&subject->watch, "/nowhere/at/all"));
    assert_int_equal(subject->errors, 0);
}

static void the_limit_is_told_once(void **state)
{
    struct subject *subject = *state;
    full = true;
    assert_false(watch_folder(&subject->watch, subject->folder));
    assert_false(watch_folder(&subject->watch, subject->folder));
    assert_int_equal(subject->errors, 1);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_descriptor_leads_to_its_folder),     TEST(a_folder_that_moved_gets_its_new_path),
        TEST(ends_below_a_folder_and_nowhere_else), TEST(one_that_the_kernel_ended_is_dropped_once),
        TEST(what_is_no_folder_is_not_watched),     TEST(the_limit_is_told_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
