/*
 * `watch:`, a list of paths or a mapping. Paths are meant from the service's working_dir, which may
 * stand below it in the file, so they are made absolute once the service is complete.
 */
#include <string.h>

#include "devstack/base/file.h"
#include "devstack/base/memory.h"
#include "keys.h"

static void read_paths(struct ds_reader *reader, const struct ds_node *node, void *target)
{
    struct ds_watch_spec *watch = target;
    if (node->kind == DS_NODE_LIST && node->count == 0)
        ds_faults_add(reader->faults, node->where, "'watch' names no path");
    else if (node->kind == DS_NODE_MAP)
        ds_read_refuse(reader, node, "a path or a list of paths");
    else
        ds_read_texts(reader, node, &watch->paths);
}

static const struct ds_field watch_fields[] = {
    {.name = "paths",
     .type = DS_FIELD_CUSTOM,
     .read = read_paths,
     .required = true,
     .shape = "a path or a list of paths",
     .schema = "{\"$ref\": \"#/$defs/watch-paths\"}",
     .example = "[server.js, src/]",
     .description = "Files and folders, from `working_dir` on. They need not be there yet."},
    {.name = "ignore",
     .type = DS_FIELD_TEXTS,
     .offset = offsetof(struct ds_watch_spec, ignore),
     .example = "[\"*.log\", /src/generated/]",
     .description = "What to leave out, as in a `.gitignore` file in `working_dir`."},
    {.name = "debounce",
     .type = DS_FIELD_DURATION,
     .offset = offsetof(struct ds_watch_spec, debounce),
     .fallback = "100ms",
     .description = "So long nothing more has to change before the service is restarted."},
};
const struct ds_table ds_table_watch = {"watch-keys", watch_fields, DS_COUNT(watch_fields)};

void ds_read_watch(struct ds_reader *reader, const struct ds_node *node, void *target)
{
    struct ds_watch_spec *watch = target;
    ds_table_read_defaults(reader, &ds_table_watch, 0, watch);
    if (node->kind == DS_NODE_MAP)
        ds_table_read(reader, &ds_table_watch, node, "'watch'", 0, watch);
    else
        read_paths(reader, node, watch);
}

/* Without the `./`, `//` and `/.` that a person may write: paths are compared as texts later. */
static char *tidied(const char *path)
{
    struct ds_strings parts = {0};
    for (const char *part = path; *part; part += strspn(part, "/")) {
        size_t length = strcspn(part, "/");
        bool up = length == 2 && memcmp(part, "..", 2) == 0;
        if (up && parts.count) {
            free(parts.items[--parts.count]);
            parts.items[parts.count] = NULL;
        } else if (!up && length > 0 && !(length == 1 && *part == '.')) {
            ds_strings_take(&parts, ds_strndup(part, length));
        }
        part += length;
    }
    ds_auto_free char *joined = ds_strings_join(&parts, "/");
    ds_strings_finish(&parts);
    return ds_printf("/%s", joined);
}

void ds_complete_watch(struct ds_reader *reader, struct ds_service_spec *spec)
{
    for (size_t i = 0; i < spec->watch.paths.count; i++) {
        char **path = &spec->watch.paths.items[i];
        bool home = (*path)[0] == '~' && ((*path)[1] == '/' || (*path)[1] == '\0');
        ds_auto_free char *full =
            home ? ds_read_resolve_path(reader, *path) : ds_path_join(spec->working_dir, *path);
        free(*path);
        *path = tidied(full);
    }
}
