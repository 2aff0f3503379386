/* Rendering `configs:`: templates filled with this run's addresses, as files in the run-time
 * folder. */
#include <stdlib.h>
#include <string.h>

#include "context.h"
#include "devstack/base/file.h"
#include "devstack/base/memory.h"

char *configs_path(const struct ds_identity *identity, const struct ds_config_spec *config)
{
    /* The template's own name without ".in": some programs look at it. */
    ds_auto_free char *name = ds_strdup(ds_path_name(config->file));
    if (ds_string_ends(name, ".in"))
        name[strlen(name) - 3] = '\0';
    return ds_printf("%s/configs/%s/%s", identity->runtime_folder, config->name, name);
}

static bool render(const struct context *context, const struct ds_config_spec *config,
                   struct ds_error *err)
{
    struct reader reader = {.context = context};
    bool secret = false;
    char *text = NULL;
    if (!ds_template_expand(config->contents, context_resolve, &reader, &text, &secret, err))
        return ds_error_prefix(err, "config %s", config->name);
    ds_auto_free char *path = configs_path(context->identity, config);
    ds_auto_free char *folder = ds_path_folder(path);
    size_t length = strlen(text);
    /* The folder is private either way; a container's user has to be able to read what is not
     * secret. */
    bool good = ds_folder_make(folder, 0700, err) &&
                ds_file_write(path, text, length, secret || config->tainted ? 0600 : 0644, err);
    ds_wipe(text, length);
    free(text);
    return good;
}

bool configs_render(const struct context *context, struct ds_error *err)
{
    for (size_t i = 0; i < context->manifest->config_count; i++) {
        ds_auto_error struct ds_error inner = {0};
        /* A start brings the secrets that it needs: a config that reads another one belongs to
         * services that are not started. */
        if (!render(context, &context->manifest->configs[i], &inner) &&
            inner.code != DS_ERROR_SECRET)
            return ds_error_move(err, &inner);
    }
    return true;
}
