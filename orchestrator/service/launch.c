/* The end of a launch. */
#include "devstack/service/service.h"

#include <stdlib.h>
#include <string.h>

/* A password may stand in any word that the manifest lets refer to a secret. */
static void free_wiped(char *text)
{
    if (text)
        ds_wipe(text, strlen(text));
    free(text);
}

static void finish_wiped(struct ds_strings *words)
{
    for (size_t i = 0; i < words->count; i++)
        ds_wipe(words->items[i], strlen(words->items[i]));
    ds_strings_finish(words);
}

void ds_launch_finish(struct ds_launch *launch)
{
    free(launch->executable);
    finish_wiped(&launch->argv);
    ds_variables_finish(&launch->environment);
    free(launch->folder);
    free(launch->container_name);
    finish_wiped(&launch->command);
    finish_wiped(&launch->entrypoint);
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
    free_wiped(launch->url);
    for (size_t i = 0; i < launch->port_count; i++)
        free(launch->ports[i].name);
    free(launch->ports);
    ds_variables_finish(&launch->health_headers);
    finish_wiped(&launch->health_exec);
    free_wiped(launch->database);
    free_wiped(launch->user);
    ds_secret_unref(launch->password);
    *launch = (struct ds_launch){0};
}
