/* Sweeping: of a run-time folder the lease stays until the last, and locks that are held stay. */
#include "fixture.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "devstack/base/file.h"
#include "devstack/base/memory.h"
#include "devstack/stack/start.h"
#include "orchestrator/stack/lock_file.h"
#include "orchestrator/stack/sweep.h"

static char *add(const char *folder, const char *name)
{
    char *path = ds_path_join(folder, name);
    ds_auto_free char *parent = ds_path_folder(path);
    assert_true(ds_folder_make(parent, 0700, NULL));
    assert_true(ds_file_write(path, "x", 1, 0600, NULL));
    return path;
}

static void put(const char *folder, const char *name)
{
    free(add(folder, name));
}

static void files_go_and_the_lease_stays(void **state)
{
    struct run_fixture *f = *state;
    const char *folder = f->identity.runtime_folder;
    ds_auto_free char *lease = add(folder, "lease");
    put(folder, "configs/deep/nginx.conf");
    ds_auto_free char *hidden = add(folder, ".hidden");
    ds_auto_free char *configs = ds_path_join(folder, "configs");
    ds_auto_free char *outside = add(f->root, "outside");
    ds_auto_free char *link = ds_path_join(folder, "link");
    assert_int_equal(symlink(f->project, link), 0);
    sweep_files(folder);
    assert_true(ds_file_exists(lease));
    assert_false(ds_folder_exists(configs));
    assert_int_equal(access(hidden, F_OK), -1);
    assert_int_equal(access(link, F_OK), -1);
    /* What a link leads to is not ours. */
    assert_true(ds_folder_exists(f->project));
    assert_true(ds_file_exists(outside));
}

static void a_folder_that_is_not_there_needs_no_sweep(void **state)
{
    struct run_fixture *f = *state;
    ds_auto_free char *folder = ds_path_join(f->identity.runtime_root, "none");
    sweep_files(folder);
    sweep_folder(folder);
    assert_false(ds_folder_exists(folder));
    assert_true(ds_folder_exists(f->identity.runtime_folder));
}

static void the_folder_goes_with_its_lease_and_the_empty_root(void **state)
{
    struct run_fixture *f = *state;
    put(f->identity.runtime_folder, "lease");
    ds_auto_free char *ended = ds_printf("%s.ended", f->identity.runtime_folder);
    put(ended, "of/an/interrupted/sweep");
    sweep_folder(f->identity.runtime_folder);
    assert_false(ds_folder_exists(f->identity.runtime_folder));
    assert_false(ds_folder_exists(ended));
    assert_false(ds_folder_exists(f->identity.runtime_root));
}

static void a_root_that_others_use_stays(void **state)
{
    struct run_fixture *f = *state;
    ds_auto_free char *other = add(f->identity.runtime_root, "other/lease");
    sweep_folder(f->identity.runtime_folder);
    assert_false(ds_folder_exists(f->identity.runtime_folder));
    assert_true(ds_file_exists(other));
}

static void port_locks_that_nobody_holds_go(void **state)
{
    struct run_fixture *f = *state;
    ds_auto_free char *lease = add(f->identity.runtime_folder, "lease");
    ds_auto_free char *dead = add(f->identity.runtime_root, "ports/20001");
    ds_auto_free char *held = ds_path_join(f->identity.runtime_root, "ports/20002");
    ds_auto_free char *ports = ds_path_join(f->identity.runtime_root, "ports");
    int lock;
    assert_int_equal(lock_file_try(held, &lock), LOCK_TAKEN);
    assert_true(ds_sweep_stack(&f->identity, false, NULL));
    assert_false(ds_file_exists(dead));
    assert_true(ds_file_exists(held));
    assert_true(ds_file_exists(lease));
    lock_file_drop(held, lock);
    assert_true(ds_sweep_stack(&f->identity, false, NULL));
    assert_false(ds_folder_exists(ports));
}

/* In a process of its own, as the guardian does: it waits for other children of its parent. */
static int sweep_run(const char *runtime_folder)
{
    int status;
    pid_t child = fork();
    if (child == 0)
        _exit(ds_sweep_run(runtime_folder, "-"));
    assert_true(child > 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void a_dead_run_without_containers_leaves_nothing(void **state)
{
    struct run_fixture *f = *state;
    put(f->identity.runtime_folder, "lease");
    put(f->identity.runtime_folder, "socket");
    put(f->identity.runtime_root, "ports/20001");
    assert_int_equal(sweep_run(f->identity.runtime_folder), 0);
    assert_false(ds_folder_exists(f->identity.runtime_root));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_RUN(files_go_and_the_lease_stays),
        WITH_RUN(a_folder_that_is_not_there_needs_no_sweep),
        WITH_RUN(the_folder_goes_with_its_lease_and_the_empty_root),
        WITH_RUN(a_root_that_others_use_stays),
        WITH_RUN(port_locks_that_nobody_holds_go),
        WITH_RUN(a_dead_run_without_containers_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
