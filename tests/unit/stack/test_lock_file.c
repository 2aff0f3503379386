/* Lock files: one holder, gone with it, and never mistaken for a file that was replaced. */
#include "fixture.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "devstack/base/file.h"
#include "devstack/base/memory.h"
#include "orchestrator/stack/lock_file.h"

static void has_one_holder_and_goes_with_it(void **state)
{
    struct run_fixture *f = *state;
    ds_auto_free char *path = ds_path_join(f->root, "lock");
    int first, second;
    assert_int_equal(lock_file_try(path, &first), LOCK_TAKEN);
    assert_int_equal(lock_file_try(path, &second), LOCK_HELD);
    lock_file_drop(path, first);
    assert_false(ds_file_exists(path));
    assert_int_equal(lock_file_try(path, &second), LOCK_TAKEN);
    lock_file_drop(path, second);
}

static void a_file_left_by_a_dead_holder_is_taken(void **state)
{
    struct run_fixture *f = *state;
    ds_auto_free char *path = ds_path_join(f->root, "lock");
    int first, second;
    assert_int_equal(lock_file_try(path, &first), LOCK_TAKEN);
    close(first);
    assert_true(ds_file_exists(path));
    assert_int_equal(lock_file_try(path, &second), LOCK_TAKEN);
    lock_file_drop(path, second);
}

static void without_a_folder_it_says_why(void **state)
{
    struct run_fixture *f = *state;
    ds_auto_free char *path = ds_path_join(f->root, "nowhere/lock");
    int fd;
    errno = 0;
    assert_int_equal(lock_file_try(path, &fd), LOCK_FAILED);
    assert_int_equal(errno, ENOENT);
}

static void never_follows_a_link(void **state)
{
    struct run_fixture *f = *state;
    ds_auto_free char *path = ds_path_join(f->root, "lock");
    ds_auto_free char *target = ds_path_join(f->root, "target");
    int fd;
    assert_int_equal(symlink(target, path), 0);
    assert_int_equal(lock_file_try(path, &fd), LOCK_FAILED);
    assert_false(ds_file_exists(target));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_RUN(has_one_holder_and_goes_with_it),
        WITH_RUN(a_file_left_by_a_dead_holder_is_taken),
        WITH_RUN(without_a_folder_it_says_why),
        WITH_RUN(never_follows_a_link),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
