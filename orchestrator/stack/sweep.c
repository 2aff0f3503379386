/*
 * Sweeping after a run that could not end in order.
 *
 * The guardian starts `devstack sweep` the moment its orchestrator is gone, beside the supervisors
 * that kill the processes; the lease is held by the guardian until all of it is done.
 */
#include "sweep.h"

#include <dirent.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "devstack/base/clock.h"
#include "devstack/base/file.h"
#include "devstack/base/memory.h"
#include "devstack/docker/labels.h"
#include "devstack/docker/sweep.h"
#include "devstack/stack/start.h"
#include "leftovers.h"
#include "lock_file.h"

extern char **environ;

/* ---- files ---- */

void sweep_files(const char *runtime_folder)
{
    DIR *folder = opendir(runtime_folder);
    if (!folder)
        return;
    for (const struct dirent *entry; (entry = readdir(folder));) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
            strcmp(entry->d_name, "lease") == 0)
            continue;
        ds_auto_free char *path = ds_path_join(runtime_folder, entry->d_name);
        ds_tree_remove(path, NULL);
    }
    closedir(folder);
}

void sweep_folder(const char *runtime_folder)
{
    /* Renamed first, so that a start at this very moment makes a folder of its own instead of
     * losing files from ours. */
    ds_auto_free char *ended = ds_printf("%s.ended", runtime_folder);
    ds_auto_free char *root = ds_path_folder(runtime_folder);
    ds_tree_remove(ended, NULL);
    if (rename(runtime_folder, ended) == 0)
        ds_tree_remove(ended, NULL);
    rmdir(root);
}

/* Port locks that nobody holds. */
static void sweep_port_locks(const char *runtime_folder)
{
    ds_auto_free char *root = ds_path_folder(runtime_folder);
    ds_auto_free char *ports = ds_path_join(root, "ports");
    DIR *folder = opendir(ports);
    if (!folder)
        return;
    for (const struct dirent *entry; (entry = readdir(folder));) {
        int lock;
        ds_auto_free char *path = ds_path_join(ports, entry->d_name);
        if (entry->d_name[0] != '.' && lock_file_try(path, &lock) == LOCK_TAKEN)
            lock_file_drop(path, lock);
    }
    closedir(folder);
    rmdir(ports);
}

/* Are we the only child that our parent has left? The guardian's others are supervisors that still
 * kill. */
static bool has_siblings(void)
{
    ds_auto_free char *path =
        ds_printf("/proc/%d/task/%d/children", (int)getppid(), (int)getppid());
    ds_auto_file FILE *file = fopen(path, "re");
    int pid;
    while (file && fscanf(file, "%d", &pid) == 1)
        if (pid != getpid())
            return true;
    return false;
}

static void wait_for_siblings(void)
{
    uint64_t deadline = ds_clock_monotonic(ds_clock_system()) + 5 * DS_NS_PER_S;
    while (has_siblings() && ds_clock_monotonic(ds_clock_system()) < deadline)
        poll(NULL, 0, 5);
}

/* ---- the engine ---- */

struct sweeper {
    uv_loop_t loop;
    struct ds_http *http;
    struct ds_engine *engine;
    const char *run;                    /* of one run, or: */
    const struct ds_identity *identity; /* of all dead runs of a stack, whose lease we hold */
    struct ds_error *err;
    bool good;
};

static void on_engine_swept(void *data, const struct ds_error *error)
{
    struct sweeper *sweeper = data;
    sweeper->good = !error;
    if (error) {
        ds_error_set(sweeper->err, error->code, "%s", error->message);
        if (error->hint)
            ds_error_hint(sweeper->err, "%s", error->hint);
    }
    ds_engine_destroy(sweeper->engine);
    ds_http_close(sweeper->http, NULL, NULL);
}

static void on_run_swept(void *data, const struct ds_sweep_result *result,
                         const struct ds_error *error)
{
    (void)result;
    on_engine_swept(data, error);
}

static void on_connected(void *data, const struct ds_engine_info *info,
                         const struct ds_error *error)
{
    struct sweeper *sweeper = data;
    (void)info;
    if (error)
        on_engine_swept(sweeper, error);
    else if (sweeper->identity)
        leftovers_remove(sweeper->engine, sweeper->identity, on_engine_swept, sweeper);
    else {
        ds_auto_free char *label = ds_printf(DS_LABEL_RUN "=%s", sweeper->run);
        ds_engine_sweep(sweeper->engine, label, on_run_swept, sweeper);
    }
}

static bool sweep_engine(const char *run, const struct ds_identity *identity, struct ds_error *err)
{
    struct sweeper sweeper = {.run = run, .identity = identity, .err = err};
    ds_auto_variables struct ds_variables shell = {0};
    ds_variables_import(&shell, environ);
    uv_loop_init(&sweeper.loop);
    sweeper.http = ds_http_create(&sweeper.loop);
    sweeper.engine = ds_engine_create(sweeper.http, &shell, err);
    if (sweeper.engine)
        ds_engine_connect(sweeper.engine, on_connected, &sweeper);
    else
        ds_http_close(sweeper.http, NULL, NULL);
    uv_run(&sweeper.loop, UV_RUN_DEFAULT);
    uv_loop_close(&sweeper.loop);
    return sweeper.good;
}

bool ds_sweep_stack(const struct ds_identity *identity, bool containers, struct ds_error *err)
{
    sweep_files(identity->runtime_folder);
    sweep_port_locks(identity->runtime_folder);
    return !containers || sweep_engine(NULL, identity, err);
}

int ds_sweep_run(const char *runtime_folder, const char *run)
{
    signal(SIGPIPE, SIG_IGN);
    sweep_files(runtime_folder);
    sweep_port_locks(runtime_folder);
    ds_auto_error struct ds_error err = {0};
    bool good = strcmp(run, "-") == 0 || sweep_engine(run, NULL, &err);
    /* The lease file goes last: until then a new start waits for us. */
    wait_for_siblings();
    sweep_folder(runtime_folder);
    return good ? 0 : (int)err.code;
}
