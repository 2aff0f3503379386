/* The end of a launch. */
#include "devstack/service/service.h"

#include <stdlib.h>

void ds_launch_finish(struct ds_launch *launch)
{
    free(launch->executable);
    ds_strings_finish(&launch->argv);
    ds_variables_finish(&launch->environment);
    free(launch->folder);
    free(launch->container_name);
    ds_strings_finish(&launch->command);
    ds_strings_finish(&launch->entrypoint);
    ds_variables_finish(&launch->labels);
    for (size_t i = 0; i < launch->file_count; i++) {
        free(launch->files[i].target);
        ds_secret_unref(launch->files[i].contents);
    }
    free(launch->files);
    free(launch->files_folder);
    for (size_t i = 0; i < launch->mount_count; i++) {
        free((char *)launch->mounts[i].source);
        free((char *)launch->mounts[i].target);
    }
    free(launch->mounts);
    ds_variables_finish(&launch->volume_labels);
    free(launch->network);
    free(launch->network_alias);
    free(launch->url);
    for (size_t i = 0; i < launch->port_count; i++)
        free(launch->ports[i].name);
    free(launch->ports);
    ds_variables_finish(&launch->health_headers);
    ds_strings_finish(&launch->health_exec);
    free(launch->database);
    free(launch->user);
    ds_secret_unref(launch->password);
    *launch = (struct ds_launch){0};
}
