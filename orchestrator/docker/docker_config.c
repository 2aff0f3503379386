/* The user's Docker configuration folder: DOCKER_CONFIG, else ~/.docker. */
#include "internal.h"

#include "devstack/base/file.h"

#define CONFIG_LIMIT (4096 * (size_t)1024)

char *docker_config_folder(const struct ds_variables *environment)
{
    const char *folder = ds_variables_get(environment, "DOCKER_CONFIG");
    if (folder && folder[0])
        return ds_strdup(folder);
    const char *home = ds_variables_get(environment, "HOME");
    return ds_path_join(home && home[0] ? home : "/", ".docker");
}

json_t *docker_config_load(const char *folder, struct ds_error *err)
{
    ds_auto_free char *path = ds_path_join(folder, "config.json");
    if (!ds_file_exists(path))
        return json_object();
    ds_auto_free char *text = NULL;
    size_t length;
    if (!ds_file_read(path, CONFIG_LIMIT, &text, &length, err))
        return NULL;
    json_error_t fault;
    json_t *config = json_loadb(text, length, 0, &fault);
    if (json_is_object(config))
        return config;
    if (config)
        ds_error_set(err, DS_ERROR_FAILED, "%s: a JSON object is expected", path);
    else
        ds_error_set(err, DS_ERROR_FAILED, "%s:%d:%d: %s", path, fault.line, fault.column,
                     fault.text);
    json_decref(config);
    return NULL;
}
