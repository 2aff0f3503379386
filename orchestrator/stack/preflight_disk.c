/* Disk: is there room where logs and run-time files go? */
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

#include "devstack/base/file.h"
#include "devstack/base/memory.h"
#include "preflight_checks.h"

/* Less than this is as good as full: the lease, the socket and the first log lines have to fit. */
#define LEAST_BYTES ((uint64_t)16 << 10)

/* The file system that `folder` is on, or will be on when it is made. */
static bool look_at(const char *folder, struct statvfs *ret_status)
{
    ds_auto_free char *at = ds_strdup(folder);
    while (statvfs(at, ret_status) < 0) {
        char *parent = ds_path_folder(at);
        bool top = strcmp(parent, at) == 0 || strcmp(parent, ".") == 0;
        free(at);
        at = parent;
        if (top)
            return false;
    }
    return true;
}

static void check(const char *folder, const char *what, struct ds_problems *problems)
{
    struct statvfs status;
    if (!look_at(folder, &status))
        return;
    uint64_t bytes = (uint64_t)status.f_bavail * status.f_frsize;
    /* Some file systems count no files and say 0 of 0. */
    bool no_files = status.f_files > 0 && status.f_favail == 0;
    if (bytes >= LEAST_BYTES && !no_files)
        return;
    ds_auto_free char *fix =
        ds_printf("free some space there, or set %s to a folder elsewhere",
                  strcmp(what, "Logs") == 0 ? "XDG_STATE_HOME" : "XDG_RUNTIME_DIR");
    if (no_files)
        ds_problems_add(problems, DS_ERROR_FAILED, "disk", fix,
                        "%s go to %s, where no more files can be made.", what, folder);
    else
        ds_problems_add(problems, DS_ERROR_FAILED, "disk", fix,
                        "%s go to %s, where only %llu KiB are free.", what, folder,
                        (unsigned long long)(bytes >> 10));
}

void preflight_check_disk(const struct ds_preflight *preflight, struct ds_problems *problems)
{
    check(preflight->identity->state_folder, "Logs", problems);
    check(preflight->identity->runtime_folder, "Run-time files", problems);
}
