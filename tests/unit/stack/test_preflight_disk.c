/* Disk: a file system that is as good as full is told, with what to set to go elsewhere. */
#include "fixture.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

#include "devstack/base/memory.h"
#include "orchestrator/stack/preflight_checks.h"

/* What the file systems of the test have to say. */
static struct {
    const char *missing; /* a folder that is not there, nor anything below it */
    const char *full;    /* the folder of `status`; all others have room */
    struct statvfs status;
} disk;

static const struct statvfs roomy = {
    .f_frsize = 4096, .f_bavail = 1 << 20, .f_files = 1000, .f_favail = 500};

/* Linked in the place of the C library's. */
int statvfs(const char *path, struct statvfs *ret_status)
{
    if (disk.missing && ds_string_starts(path, disk.missing)) {
        errno = ENOENT;
        return -1;
    }
    *ret_status = disk.full && strcmp(path, disk.full) == 0 ? disk.status : roomy;
    return 0;
}

static struct ds_problems check(const struct run_fixture *f)
{
    struct ds_problems problems = {0};
    const struct ds_preflight preflight = {.identity = &f->identity};
    preflight_check_disk(&preflight, &problems);
    return problems;
}

static void room_is_no_problem(void **state)
{
    disk.full = disk.missing = NULL;
    assert_int_equal(check(*state).count, 0);
}

static void too_few_bytes_for_logs(void **state)
{
    struct run_fixture *f = *state;
    disk.missing = NULL;
    disk.full = f->identity.state_folder;
    disk.status = (struct statvfs){.f_frsize = 1024, .f_bavail = 15, .f_files = 9, .f_favail = 9};
    struct ds_problems problems = check(f);
    assert_int_equal(problems.count, 1);
    assert_int_equal(problems.items[0].code, DS_ERROR_FAILED);
    assert_true(ds_string_starts(problems.items[0].message, "Logs go to "));
    assert_non_null(strstr(problems.items[0].message, f->identity.state_folder));
    assert_non_null(strstr(problems.items[0].message, "only 15 KiB are free"));
    assert_non_null(strstr(problems.items[0].fix, "XDG_STATE_HOME"));
    ds_problems_finish(&problems);
    disk.status.f_bavail = 16;
    assert_int_equal(check(f).count, 0);
}

static void no_more_files_at_run_time(void **state)
{
    struct run_fixture *f = *state;
    disk.missing = NULL;
    disk.full = f->identity.runtime_folder;
    disk.status = roomy;
    disk.status.f_favail = 0;
    struct ds_problems problems = check(f);
    assert_int_equal(problems.count, 1);
    assert_true(ds_string_starts(problems.items[0].message, "Run-time files go to "));
    assert_non_null(strstr(problems.items[0].message, "no more files"));
    assert_non_null(strstr(problems.items[0].fix, "XDG_RUNTIME_DIR"));
    ds_problems_finish(&problems);
}

static void a_file_system_that_counts_no_files_has_room(void **state)
{
    struct run_fixture *f = *state;
    disk.missing = NULL;
    disk.full = f->identity.runtime_folder;
    disk.status = roomy;
    disk.status.f_files = disk.status.f_favail = 0;
    assert_int_equal(check(f).count, 0);
}

static void a_folder_that_is_not_made_yet_is_where_its_parent_is(void **state)
{
    struct run_fixture *f = *state;
    disk.missing = f->identity.runtime_folder;
    disk.full = f->identity.runtime_root;
    disk.status = (struct statvfs){.f_frsize = 4096};
    struct ds_problems problems = check(f);
    assert_int_equal(problems.count, 1);
    assert_non_null(strstr(problems.items[0].message, f->identity.runtime_folder));
    assert_non_null(strstr(problems.items[0].message, "only 0 KiB"));
    ds_problems_finish(&problems);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_RUN(room_is_no_problem),
        WITH_RUN(too_few_bytes_for_logs),
        WITH_RUN(no_more_files_at_run_time),
        WITH_RUN(a_file_system_that_counts_no_files_has_room),
        WITH_RUN(a_folder_that_is_not_made_yet_is_where_its_parent_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
