/*
 * The way to a started container: volumes, create, secret files, start. It goes straight for the
 * create, since image and name are nearly always fine; only when the engine refuses is the image
 * pulled, or what a dead run left under the same name removed.
 */
#include <stdlib.h>
#include <string.h>

#include "container.h"
#include "devstack/docker/labels.h"
#include "exit_reason.h"

#define PROGRESS_MS 50 /* an engine tells more often than anybody can read */

static void create(struct container_runner *runner);
static void make_volumes(struct container_runner *runner);

static void note(struct container_runner *runner, enum ds_reason_code code, const char *text)
{
    struct ds_reason reason = {0};
    ds_reason_set(&reason, code, "%s", text);
    runner->base.events.noted(runner->base.events.data, &reason);
    ds_reason_clear(&reason);
}

/* A step has ended. False when that is the end: it failed, or nobody wants the container any more.
 */
static bool goes_on(struct container_runner *runner, const struct ds_error *error)
{
    runner->call = NULL;
    if (container_unwanted(runner))
        return false;
    if (error)
        container_failed(runner, false, DS_REASON_ENGINE, error);
    return !error;
}

/* The image. */

static void on_progress(void *data, const struct ds_pull_progress *progress)
{
    struct container_runner *runner = data;
    struct ds_reason reason = {0};
    uint64_t now = uv_now(runner->base.run.host->loop);
    if (now - runner->progress_told < PROGRESS_MS)
        return;
    runner->progress_told = now;
    ds_reason_set(&reason, DS_REASON_PULLING, "pulling %s, layer %u of %u",
                  runner->base.run.spec->container.image, progress->layers_done,
                  progress->layers_total);
    reason.subject = ds_strdup(runner->base.run.spec->container.image);
    reason.done = progress->bytes_done;
    reason.total = progress->bytes_total;
    if (!runner->stop_asked)
        runner->base.events.noted(runner->base.events.data, &reason);
    ds_reason_clear(&reason);
}

static void on_pulled(void *data, const struct ds_error *error)
{
    struct container_runner *runner = data;
    runner->call = NULL;
    runner->pulling = false;
    if (container_unwanted(runner))
        return;
    if (error) {
        container_failed(runner, true, DS_REASON_IMAGE, error);
        return;
    }
    runner->pulled = true;
    make_volumes(runner);
}

static void pull(struct container_runner *runner)
{
    const struct ds_container *container = &runner->base.run.spec->container;
    ds_auto_free char *text = ds_printf("pulling %s", container->image);
    note(runner, DS_REASON_PULLING, text);
    runner->pulling = true;
    runner->call = ds_engine_pull(runner->engine, container->image, container->platform,
                                  on_progress, on_pulled, runner);
}

/* The engine says that something is missing: is it the image? */
static void on_presence(void *data, bool present, const struct ds_error *error)
{
    struct container_runner *runner = data;
    runner->call = NULL;
    if (container_unwanted(runner))
        return;
    const struct ds_container *container = &runner->base.run.spec->container;
    ds_auto_error struct ds_error missing = {0};
    if (error) {
        container_failed(runner, false, DS_REASON_ENGINE, error);
    } else if (present) {
        /* The create's own error was kept: a network, say. */
        ds_error_set(&missing, DS_ERROR_MISSING, "%s", runner->reason.text);
        container_failed(runner, false, DS_REASON_ENGINE, &missing);
    } else if (container->pull_policy == DS_PULL_NEVER) {
        ds_error_set(&missing, DS_ERROR_MISSING,
                     "the image %s is not there, and pull_policy is never", container->image);
        ds_error_hint(&missing, "docker pull %s", container->image);
        container_failed(runner, true, DS_REASON_IMAGE, &missing);
    } else {
        pull(runner);
    }
}

/* A container of the same name. */

static void on_cleared(void *data, const struct ds_error *error)
{
    struct container_runner *runner = data;
    if (goes_on(runner, error))
        create(runner);
}

/* The same stack under the same lease, which this run holds: then it is from an earlier start. */
static bool is_ours(const struct ds_variables *ours, const struct ds_variables *theirs)
{
    static const char *const names[] = {DS_LABEL_STACK, DS_LABEL_LEASE, DS_LABEL_MACHINE,
                                        DS_LABEL_UID, DS_LABEL_PID_NAMESPACE};
    for (size_t i = 0; i < DS_COUNT(names); i++)
        if (!ds_string_equal(ds_variables_get(ours, names[i]), ds_variables_get(theirs, names[i])))
            return false;
    return ds_variables_get(ours, DS_LABEL_STACK) != NULL;
}

static void on_namesake(void *data, const struct ds_container_state *state,
                        const struct ds_error *error)
{
    struct container_runner *runner = data;
    const struct ds_launch *launch = runner->base.run.launch;
    runner->call = NULL;
    if (container_unwanted(runner))
        return;
    ds_auto_error struct ds_error refused = {0};
    if (error) { /* nobody has the name: the create failed for another reason, which was kept */
        ds_error_set(&refused, DS_ERROR_FAILED, "%s", runner->reason.text);
        container_failed(runner, false, DS_REASON_ENGINE, &refused);
        return;
    }
    if (!is_ours(&launch->labels, state->labels)) {
        ds_error_set(&refused, DS_ERROR_FAILED,
                     "a container named %s is there already and does not belong to this stack",
                     launch->container_name);
        ds_error_hint(&refused, "docker rm %s, if nobody needs it", launch->container_name);
        container_failed(runner, true, DS_REASON_ENGINE, &refused);
        return;
    }
    runner->cleared = true;
    runner->call = ds_container_remove(runner->engine, state->id, on_cleared, runner);
}

/* Volumes, create, files, start. */

static void on_volume(void *data, const struct ds_error *error)
{
    struct container_runner *runner = data;
    if (goes_on(runner, error))
        make_volumes(runner);
}

static void make_volumes(struct container_runner *runner)
{
    const struct ds_launch *launch = runner->base.run.launch;
    while (runner->next_volume < launch->mount_count) {
        const struct ds_engine_mount *mount = &launch->mounts[runner->next_volume++];
        if (mount->type != DS_ENGINE_VOLUME || !mount->source)
            continue;
        runner->call = ds_volume_create(runner->engine, mount->source, &launch->volume_labels,
                                        on_volume, runner);
        return;
    }
    create(runner);
}

static void on_started(void *data, const struct ds_error *error)
{
    struct container_runner *runner = data;
    runner->call = NULL;
    if (container_unwanted(runner))
        return;
    if (error)
        container_failed(runner, false,
                         error->code == DS_ERROR_PORT ? DS_REASON_PORT_TAKEN : DS_REASON_ENGINE,
                         error);
    else
        container_started(runner);
}

static void put_files(struct container_runner *runner);

static void on_file(void *data, const struct ds_error *error)
{
    struct container_runner *runner = data;
    if (goes_on(runner, error))
        put_files(runner);
}

static void put_files(struct container_runner *runner)
{
    const struct ds_launch *launch = runner->base.run.launch;
    if (runner->shared || runner->next_file == launch->file_count) {
        runner->call =
            ds_container_start(runner->engine, runner->base.container, on_started, runner);
        return;
    }
    const struct ds_launch_file *file = &launch->files[runner->next_file++];
    runner->call =
        ds_container_put_file(runner->engine, runner->base.container, file->target,
                              ds_secret_bytes(file->contents), ds_secret_length(file->contents),
                              file->uid, file->gid, (mode_t)file->mode, on_file, runner);
}

static void on_created(void *data, const char *id, const struct ds_error *error)
{
    struct container_runner *runner = data;
    runner->call = NULL;
    if (!error)
        runner->base.container = ds_strdup(id);
    if (container_unwanted(runner))
        return;
    if (!error) {
        put_files(runner);
        return;
    }
    ds_reason_set(&runner->reason, DS_REASON_ENGINE, "%s", error->message);
    if (runner->shared && error->code != DS_ERROR_MISSING) {
        /* Perhaps the engine cannot see our folder; if it is something else, it will say so again.
         */
        runner->unshared = true;
        create(runner);
        return;
    }
    if (error->code == DS_ERROR_MISSING && !runner->pulled)
        runner->call = ds_engine_image_present(
            runner->engine, runner->base.run.spec->container.image, on_presence, runner);
    else if (error->code == DS_ERROR_FAILED && !runner->cleared)
        runner->call = ds_container_inspect(runner->engine, runner->base.run.launch->container_name,
                                            on_namesake, runner);
    else
        container_failed(runner, false, DS_REASON_ENGINE, error);
}

static void create(struct container_runner *runner)
{
    const struct ds_launch *launch = runner->base.run.launch;
    const struct ds_service_spec *spec = runner->base.run.spec;
    const struct ds_container *container = &spec->container;
    struct ds_engine_port *ports = ds_alloc((launch->port_count + 1) * sizeof(*ports));
    size_t port_count = 0;
    for (size_t i = 0; i < launch->port_count; i++)
        if (launch->ports[i].container)
            ports[port_count++] = (struct ds_engine_port){.container = launch->ports[i].container,
                                                          .host = launch->ports[i].host};
    struct ds_engine_mount *mounts =
        ds_alloc((launch->mount_count + launch->file_count) * sizeof(*mounts));
    if (launch->mount_count)
        memcpy(mounts, launch->mounts, launch->mount_count * sizeof(*mounts));
    size_t shared = container_files_share(runner, mounts + launch->mount_count);
    ds_auto_free char *stop_signal = spec->stop_signal ? ds_signal_name(spec->stop_signal) : NULL;
    struct ds_container_config config = {.name = launch->container_name,
                                         .image = container->image,
                                         .platform = container->platform,
                                         .user = spec->user,
                                         .working_dir = launch->folder,
                                         .command = &launch->command,
                                         .entrypoint = &launch->entrypoint,
                                         .environment = &launch->environment,
                                         .labels = &launch->labels,
                                         .ports = ports,
                                         .port_count = port_count,
                                         .host_address = "127.0.0.1",
                                         .mounts = mounts,
                                         .mount_count = launch->mount_count + shared,
                                         .network = launch->network,
                                         .network_alias = launch->network_alias,
                                         .init = container->init,
                                         .tty = spec->tty,
                                         .shm_size = container->shm_size,
                                         .mem_limit = container->mem_limit,
                                         .cpus = container->cpus,
                                         .cap_add = &container->cap_add,
                                         .extra_hosts = &container->extra_hosts,
                                         .stop_signal = stop_signal,
                                         .has_healthcheck_test = spec->health.disable};
    note(runner, DS_REASON_CREATING, "creating the container");
    runner->call = ds_container_create(runner->engine, &config, on_created, runner);
    container_files_forget(mounts + launch->mount_count, shared);
    free(mounts);
    free(ports);
}

void container_prepare(struct container_runner *runner)
{
    if (runner->base.run.spec->container.pull_policy == DS_PULL_ALWAYS)
        pull(runner);
    else
        make_volumes(runner);
}
