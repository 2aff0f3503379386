/* Loading a manifest: the steps in their order, and the end of its life. */
#include "devstack/manifest/manifest.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "devstack/base/file.h"
#include "devstack/base/memory.h"
#include "keys.h"
#include "overlay.h"

/* Variables by their rank: the shell's, then settings; the environment's own are added later. */
static void layer_variables(const struct ds_manifest_options *options, struct ds_variables *vars)
{
    const struct ds_variables *layers[] = {options->settings, options->shell};
    for (size_t i = 0; i < DS_COUNT(layers); i++)
        for (size_t v = 0; layers[i] && v < layers[i]->count; v++)
            ds_variables_set(vars, layers[i]->items[v].name, layers[i]->items[v].value);
}

static void collect_names(struct ds_reader *reader, const struct ds_node *root)
{
    const struct ds_node *services = ds_node_get(root, "services");
    for (size_t i = 0; services && services->kind == DS_NODE_MAP && i < services->count; i++)
        ds_strings_add(&reader->services, services->entries[i].key->text);
}

static void check_all(struct ds_manifest *manifest, struct ds_faults *faults)
{
    ds_check_graph(manifest, faults);
    ds_check_references(manifest, faults);
    ds_check_taint(manifest, faults);
}

static void read_tree(struct ds_manifest *manifest, struct ds_node_pool *pool, struct ds_node *root,
                      const struct ds_manifest_options *options, struct ds_faults *faults)
{
    ds_auto_variables struct ds_variables vars = {0};
    layer_variables(options, &vars);
    struct ds_reader reader = {
        .manifest = manifest, .faults = faults, .variables = &vars, .shell = options->shell};
    if (root->kind != DS_NODE_MAP) {
        ds_read_refuse(&reader, root, "a mapping with the keys 'name' and 'services'");
        return;
    }
    const struct ds_node *whole = ds_overlay_apply(&reader, pool, root, &vars);
    collect_names(&reader, whole);
    ds_table_read_defaults(&reader, &ds_table_top, 0, manifest);
    ds_table_read(&reader, &ds_table_top, whole, "the file", 0, manifest);
    /* Checks of the whole would only repeat, in other words, what is wrong with its parts; but a
     * wrong name of one part and a wrong value of another belong together in one report. */
    check_all(manifest, faults);
    ds_strings_finish(&reader.services);
}

struct ds_manifest *ds_manifest_parse(const char *file, const char *folder, const char *text,
                                      size_t length, const struct ds_manifest_options *options,
                                      struct ds_faults *faults)
{
    static const struct ds_manifest_options none = {0};
    if (!options)
        options = &none;
    size_t errors = faults->errors;
    struct ds_manifest *manifest = DS_NEW(struct ds_manifest);
    manifest->file = ds_strdup(file);
    manifest->folder = ds_strdup(folder);
    manifest->environment = ds_strdup(options->environment ? options->environment : "local");
    struct ds_node_pool pool = {0};
    struct ds_node *root = ds_yaml_parse(&pool, manifest->file, text, length, faults);
    if (root)
        read_tree(manifest, &pool, root, options, faults);
    ds_node_pool_finish(&pool);
    ds_faults_sort(faults);
    if (faults->errors > errors) {
        ds_manifest_free(manifest);
        return NULL;
    }
    return manifest;
}

struct ds_manifest *ds_manifest_load(const char *path, const struct ds_manifest_options *options,
                                     struct ds_faults *faults)
{
    ds_auto_error struct ds_error err = {0};
    ds_auto_free char *text = NULL, *parent = ds_path_folder(path);
    ds_auto_free char *folder = realpath(parent, NULL);
    const char *name = ds_path_name(path);
    size_t length;
    if (!folder) {
        ds_faults_add(faults, (struct ds_where){path, 0, 0}, "the folder %s cannot be opened: %s",
                      parent, strerror(errno));
        return NULL;
    }
    if (!ds_file_read(path, DS_YAML_SIZE_LIMIT, &text, &length, &err)) {
        ds_faults_add(faults, (struct ds_where){name, 0, 0}, "%s", err.message);
        return NULL;
    }
    return ds_manifest_parse(name, folder, text, length, options, faults);
}

bool ds_manifest_find(const char *start, char **ret_path, struct ds_error *err)
{
    static const char *const names[] = {"services.yaml", "services.yml"};
    ds_auto_free char *folder = realpath(start, NULL);
    if (!folder)
        return ds_error_set_errno(err, DS_ERROR_FAILED, errno, "cannot open the folder %s", start);
    for (;;) {
        for (size_t i = 0; i < DS_COUNT(names); i++) {
            char *path = ds_path_join(folder, names[i]);
            if (ds_file_exists(path)) {
                *ret_path = path;
                return true;
            }
            free(path);
        }
        if (strcmp(folder, "/") == 0)
            break;
        char *above = ds_path_folder(folder);
        free(folder);
        folder = above;
    }
    ds_error_set(err, DS_ERROR_INVALID, "there is no services.yaml in %s or above it", start);
    return ds_error_hint(err, "name the file with -f, or write one: docs/services-yaml.md");
}

const struct ds_service_spec *ds_manifest_service(const struct ds_manifest *manifest,
                                                  const char *name)
{
    for (size_t i = 0; i < manifest->service_count; i++)
        if (strcmp(manifest->services[i].name, name) == 0)
            return &manifest->services[i];
    return NULL;
}

void ds_settings_finish(struct ds_settings *settings)
{
    for (size_t i = 0; i < settings->count; i++) {
        free(settings->items[i].name);
        ds_template_free(settings->items[i].value);
    }
    free(settings->items);
    *settings = (struct ds_settings){0};
}

static void command_finish(struct ds_command *command)
{
    for (size_t i = 0; i < command->count; i++)
        ds_template_free(command->items[i]);
    free(command->items);
    *command = (struct ds_command){0};
}

static void container_finish(struct ds_container *container)
{
    free(container->image);
    free(container->platform);
    command_finish(&container->command);
    command_finish(&container->entrypoint);
    for (size_t i = 0; i < container->mount_count; i++) {
        free(container->mounts[i].source);
        free(container->mounts[i].target);
    }
    free(container->mounts);
    for (size_t i = 0; i < container->file_count; i++) {
        free(container->files[i].target);
        ds_template_free(container->files[i].value);
    }
    free(container->files);
    ds_strings_finish(&container->cap_add);
    ds_strings_finish(&container->extra_hosts);
}

static void service_finish(struct ds_service_spec *spec)
{
    free(spec->name);
    free(spec->description);
    free(spec->url_scheme);
    free(spec->working_dir);
    free(spec->user);
    command_finish(&spec->command);
    container_finish(&spec->container);
    ds_template_free(spec->external);
    ds_template_free(spec->user_name);
    ds_template_free(spec->password);
    ds_template_free(spec->database);
    for (size_t i = 0; i < spec->port_count; i++)
        free(spec->ports[i].name);
    free(spec->ports);
    for (size_t i = 0; i < spec->depends_on_count; i++)
        free(spec->depends_on[i].service);
    free(spec->depends_on);
    ds_settings_finish(&spec->environment);
    ds_settings_finish(&spec->labels);
    ds_settings_finish(&spec->links);
    ds_settings_finish(&spec->health.headers);
    command_finish(&spec->health.exec);
    free(spec->health.http_path);
    free(spec->health.port_name);
    free(spec->health.log_pattern);
    ds_strings_finish(&spec->env_files);
    ds_strings_finish(&spec->profiles);
    ds_strings_finish(&spec->watch.paths);
    ds_strings_finish(&spec->watch.ignore);
}

void ds_manifest_free(struct ds_manifest *manifest)
{
    if (!manifest)
        return;
    for (size_t i = 0; i < manifest->service_count; i++)
        service_finish(&manifest->services[i]);
    for (size_t i = 0; i < manifest->secret_count; i++) {
        free(manifest->secrets[i].name);
        free(manifest->secrets[i].prompt);
    }
    for (size_t i = 0; i < manifest->config_count; i++) {
        free(manifest->configs[i].name);
        free(manifest->configs[i].file);
        ds_template_free(manifest->configs[i].contents);
    }
    free(manifest->services);
    free(manifest->secrets);
    free(manifest->configs);
    free(manifest->file);
    free(manifest->folder);
    free(manifest->name);
    free(manifest->environment);
    free(manifest->environment_purpose);
    free(manifest->environment_url);
    ds_strings_finish(&manifest->environments);
    ds_strings_finish(&manifest->files);
    free(manifest);
}
