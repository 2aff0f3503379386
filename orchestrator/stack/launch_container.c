/* The container part of a launch: names, labels, mounts, secret files. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "context.h"
#include "devstack/base/file.h"
#include "devstack/base/memory.h"
#include "devstack/docker/labels.h"
#include "ownership.h"

bool launch_needs_network(const struct ds_manifest *manifest)
{
    size_t containers = 0;
    for (size_t i = 0; i < manifest->service_count; i++)
        containers +=
            manifest->services[i].kind == DS_KIND_CONTAINER && !manifest->services[i].disabled;
    return containers > 1;
}

static void make_mounts(const struct context *context, const struct ds_service_spec *spec,
                        struct ds_launch *launch)
{
    const struct ds_container *container = &spec->container;
    launch->mounts = ds_realloc_array(NULL, container->mount_count, sizeof(*launch->mounts));
    for (size_t i = 0; i < container->mount_count; i++) {
        const struct ds_mount *mount = &container->mounts[i];
        struct ds_engine_mount made = {.target = ds_strdup(mount->target),
                                       .read_only = mount->read_only};
        switch (mount->type) {
        case DS_MOUNT_VOLUME:
            made.type = DS_ENGINE_VOLUME;
            made.source = ds_printf("%s-%s", context->identity->id, mount->source);
            break;
        case DS_MOUNT_BIND:
            made.type = DS_ENGINE_BIND;
            made.source = ds_strdup(mount->source);
            break;
        case DS_MOUNT_TMPFS:
            made.type = DS_ENGINE_TMPFS;
            break;
        }
        launch->mounts[launch->mount_count++] = made;
    }
}

static bool make_files(const struct reader *reader, const struct ds_container *container,
                       struct ds_launch *launch, struct ds_error *err)
{
    launch->files_folder =
        ds_printf("%s/files/%s", reader->context->identity->runtime_folder, reader->reader->name);
    launch->files = ds_realloc_array(NULL, container->file_count, sizeof(*launch->files));
    for (size_t i = 0; i < container->file_count; i++) {
        const struct ds_secret_file *file = &container->files[i];
        char *value = NULL;
        if (!ds_template_expand(file->value, context_resolve, (void *)reader, &value, NULL, err))
            return false;
        launch->files[launch->file_count++] = (struct ds_launch_file){
            .target = ds_strdup(file->target),
            .contents = ds_secret_create(value, strlen(value)),
            .uid = file->uid,
            .gid = file->gid,
            .mode = file->mode,
        };
        ds_wipe(value, strlen(value));
        free(value);
    }
    return true;
}

static bool make_labels(const struct reader *reader, const struct ds_service_spec *spec,
                        struct ds_launch *launch, struct ds_error *err)
{
    for (size_t i = 0; i < spec->labels.count; i++) {
        char *value = NULL;
        const struct ds_setting *label = &spec->labels.items[i];
        if (!ds_template_expand(label->value, context_resolve, (void *)reader, &value, NULL, err))
            return ds_error_prefix(err, "label %s", label->name);
        ds_variables_set(&launch->labels, label->name, value);
        free(value);
    }
    const struct context *context = reader->context;
    ownership_labels(context->identity, context->run, spec->name, &launch->labels);
    /* A volume outlives the run that made it: it carries the stack, not the run. */
    ownership_labels(context->identity, context->run, spec->name, &launch->volume_labels);
    ds_variables_unset(&launch->volume_labels, DS_LABEL_RUN);
    ds_variables_unset(&launch->volume_labels, DS_LABEL_LEASE);
    return true;
}

bool launch_container(const struct reader *reader, const struct ds_service_spec *spec,
                      struct ds_launch *launch, struct ds_error *err)
{
    const struct context *context = reader->context;
    launch->container_name = ds_printf("%s-%s", context->identity->id, spec->name);
    if (launch_needs_network(context->manifest)) {
        launch->network = ds_strdup(context->identity->id);
        launch->network_alias = ds_strdup(spec->name);
    }
    make_mounts(context, spec, launch);
    return launch_expand_list(&spec->container.command, reader, &launch->command, err) &&
           launch_expand_list(&spec->container.entrypoint, reader, &launch->entrypoint, err) &&
           make_labels(reader, spec, launch, err) &&
           make_files(reader, &spec->container, launch, err);
}
