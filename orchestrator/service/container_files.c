/*
 * Secret files on their way into a container.
 *
 * Two ways, and `docker inspect` shows the contents of neither. Shared: the file lies in the
 * stack's private run-time folder and is mounted read-only; that costs nothing. As an archive: put
 * into the created container through the Engine API, which costs the engine a process for each file
 * (some 40 ms of the 250 ms that a Postgres takes to start), but works wherever the engine is.
 * Sharing is for files that everyone in the container may read, on an engine of this machine,
 * without SELinux (which would want a label); when a create with shared files is refused, for
 * whatever reason, it is made again with archives.
 */
#include "container.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "devstack/base/file.h"

static bool selinux_enforces(void)
{
    ds_auto_fd int fd = open("/sys/fs/selinux/enforce", O_RDONLY | O_CLOEXEC);
    char enforce = '0';
    return fd >= 0 && read(fd, &enforce, 1) == 1 && enforce == '1';
}

static bool may_share(const struct container_runner *runner)
{
    const struct ds_launch *launch = runner->base.run.launch;
    if (runner->unshared || launch->file_count == 0 || !launch->files_folder ||
        !ds_engine_is_local(runner->engine) || selinux_enforces())
        return false;
    for (size_t i = 0; i < launch->file_count; i++)
        if ((launch->files[i].mode & 0444) != 0444)
            return false;
    return true;
}

static bool share(const struct ds_launch *launch, const struct ds_launch_file *file,
                  struct ds_engine_mount *ret_mount)
{
    /* A name that no other file system has by chance: an engine that looks at another one must not
     * find it. */
    ds_auto_free char *name = ds_random_hex(16);
    char *path = ds_path_join(launch->files_folder, name);
    if (!ds_file_write(path, ds_secret_bytes(file->contents), ds_secret_length(file->contents),
                       (mode_t)file->mode & 0555, NULL)) {
        free(path);
        return false;
    }
    *ret_mount = (struct ds_engine_mount){
        .type = DS_ENGINE_BIND, .source = path, .target = file->target, .read_only = true};
    return true;
}

size_t container_files_share(struct container_runner *runner, struct ds_engine_mount *mounts)
{
    const struct ds_launch *launch = runner->base.run.launch;
    runner->shared = may_share(runner) && ds_folder_make(launch->files_folder, 0700, NULL);
    size_t count = 0;
    while (runner->shared && count < launch->file_count) {
        if (share(launch, &launch->files[count], &mounts[count]))
            count++;
        else
            runner->shared = false;
    }
    if (!runner->shared) {
        container_files_forget(mounts, count);
        count = 0;
    }
    return count;
}

void container_files_forget(struct ds_engine_mount *mounts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free((char *)mounts[i].source);
}

void container_files_remove(const struct container_runner *runner)
{
    const struct ds_launch *launch = runner->base.run.launch;
    if (launch && launch->files_folder)
        ds_tree_remove(launch->files_folder, NULL);
}
