/*
 * Environments: which one is chosen, and where its settings come from.
 *
 * Settings, first wins: the shell's environment, `.env.NAME.local`, `.env.NAME`, `.env.local`,
 * `.env`, and what the environment says in services.yaml.
 */
#ifndef DEVSTACK_ENVIRONMENT_ENVIRONMENT_H
#define DEVSTACK_ENVIRONMENT_ENVIRONMENT_H

#include "devstack/base/text.h"
#include "devstack/manifest/faults.h"
#include "devstack/manifest/manifest.h"

/* The environment's name: `asked` (of --env) when given, else DEVSTACK_ENV of `shell`, else
 * "local". Borrowed. */
const char *ds_environment_choose(const char *asked, const struct ds_variables *shell);

/*
 * Reads the dotenv files of `folder` for the environment `name` into `settings`, the weakest first,
 * so that a later one may use what an earlier one set; a file that is not there is no fault.
 * Variables of `shell` are seen inside the files, and are not part of `settings`.
 */
void ds_environment_read_settings(const char *folder, const char *name,
                                  const struct ds_variables *shell, struct ds_variables *settings,
                                  struct ds_faults *faults);

/* Loads the manifest at `path` with everything that belongs to the environment: what every command
 * starts with. `asked` and `shell` as above. NULL when there are errors. */
struct ds_manifest *ds_environment_load_manifest(const char *path, const char *asked,
                                                 const struct ds_variables *shell,
                                                 struct ds_faults *faults);

#endif
