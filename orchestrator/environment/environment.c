/* Choosing an environment and collecting its settings. */
#include "devstack/environment/environment.h"

#include <stdlib.h>
#include <unistd.h>

#include "devstack/base/file.h"
#include "devstack/base/memory.h"
#include "devstack/manifest/dotenv.h"

const char *ds_environment_choose(const char *asked, const struct ds_variables *shell)
{
    if (asked && *asked)
        return asked;
    const char *name = shell ? ds_variables_get(shell, "DEVSTACK_ENV") : NULL;
    return name && *name ? name : "local";
}

static void read_file(const char *folder, const char *name, const struct ds_variables *shell,
                      struct ds_variables *settings, struct ds_faults *faults)
{
    ds_auto_free char *path = ds_path_join(folder, name);
    /* Nothing there is fine; something that cannot be read is not. */
    if (access(path, F_OK) == 0)
        ds_dotenv_read(path, name, (struct ds_where){name, 0, 0}, shell, settings, faults);
}

void ds_environment_read_settings(const char *folder, const char *name,
                                  const struct ds_variables *shell, struct ds_variables *settings,
                                  struct ds_faults *faults)
{
    ds_auto_free char *of_name = ds_printf(".env.%s", name);
    ds_auto_free char *of_name_local = ds_printf(".env.%s.local", name);
    const char *const files[] = {".env", ".env.local", of_name, of_name_local};
    for (size_t i = 0; i < DS_COUNT(files); i++) {
        /* The environment `local` has one file of the two that would share a name. */
        if (i != 2 || !ds_string_equal(files[1], of_name))
            read_file(folder, files[i], shell, settings, faults);
    }
}

struct ds_manifest *ds_environment_load_manifest(const char *path, const char *asked,
                                                 const struct ds_variables *shell,
                                                 struct ds_faults *faults)
{
    size_t errors = faults->errors;
    const char *name = ds_environment_choose(asked, shell);
    ds_auto_variables struct ds_variables settings = {0};
    ds_auto_free char *folder = ds_path_folder(path);
    ds_environment_read_settings(folder, name, shell, &settings, faults);
    const struct ds_manifest_options options = {
        .environment = name, .shell = shell, .settings = &settings};
    struct ds_manifest *manifest = ds_manifest_load(path, &options, faults);
    ds_faults_sort(faults);
    if (faults->errors == errors)
        return manifest;
    ds_manifest_free(manifest);
    return NULL;
}
