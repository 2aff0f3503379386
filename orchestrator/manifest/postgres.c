/*
 * The preset `postgres:`, lowered to a container: the official image's contract (its environment,
 * files under /run/secrets, scripts in /docker-entrypoint-initdb.d) with a login as its health
 * check. Source: the documentation of the official image, hub.docker.com/_/postgres.
 */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "devstack/base/file.h"
#include "devstack/base/memory.h"
#include "keys.h"

static const char scripts_folder[] = "/docker-entrypoint-initdb.d/";

struct ds_postgres {
    char *version;
    char *image;
    struct ds_template *database;
    struct ds_template *user;
    struct ds_template *password;
    struct ds_settings settings;
    struct ds_strings initdb;
    char *data;
    int engine;
};

static const struct ds_field postgres_fields[] = {
    {.name = "version",
     .type = DS_FIELD_TEXT,
     .offset = offsetof(struct ds_postgres, version),
     .fallback = "17",
     .description = "The tag of the official image. A new major does not read the data volume of "
                    "an old one."},
    {.name = "image",
     .type = DS_FIELD_TEXT,
     .offset = offsetof(struct ds_postgres, image),
     .example = "postgis/postgis:17-3.5",
     .description = "Another image with the same contract, instead of `postgres:<version>`."},
    {.name = "database",
     .type = DS_FIELD_TEMPLATE,
     .offset = offsetof(struct ds_postgres, database),
     .description = "The database that is made. The user's name otherwise."},
    {.name = "user",
     .type = DS_FIELD_TEMPLATE,
     .offset = offsetof(struct ds_postgres, user),
     .fallback = "postgres",
     .description = "Its owner, a superuser."},
    {.name = "password",
     .type = DS_FIELD_TEMPLATE,
     .offset = offsetof(struct ds_postgres, password),
     .required = true,
     .example = "${secrets.db_password}",
     .description = "The user's password. It reaches the container as a file, so `docker inspect` "
                    "does not show it."},
    {.name = "settings",
     .type = DS_FIELD_SETTINGS,
     .offset = offsetof(struct ds_postgres, settings),
     .example = "{max_connections: 200}",
     .description = "Server settings, as in `postgresql.conf`."},
    {.name = "initdb",
     .type = DS_FIELD_PATHS,
     .offset = offsetof(struct ds_postgres, initdb),
     .example = "[schema.sql]",
     .description = "SQL and shell files, or folders of them, that run in this order when an empty "
                    "data folder is set up."},
    {.name = "data",
     .type = DS_FIELD_TEXT,
     .offset = offsetof(struct ds_postgres, data),
     .fallback = "volume",
     .description = "Where the data lives: `volume` (one of the stack's own), `tmpfs` (gone with "
                    "the container), or a folder's path starting with `./`, `/` or `~/`."},
    {.name = "engine",
     .type = DS_FIELD_WORD,
     .offset = offsetof(struct ds_postgres, engine),
     .words = (const char *const[]){"auto", "docker", "native", NULL},
     .fallback = "auto",
     .description = "What runs the server. Both `auto` and `docker` are the Docker Engine; "
                    "`native` is not supported by this version."},
};
const struct ds_table ds_table_postgres = {"postgres", postgres_fields, DS_COUNT(postgres_fields)};

static void postgres_finish(struct ds_postgres *keys)
{
    free(keys->version);
    free(keys->image);
    ds_template_free(keys->database);
    ds_template_free(keys->user);
    ds_template_free(keys->password);
    ds_settings_finish(&keys->settings);
    ds_strings_finish(&keys->initdb);
    free(keys->data);
}

static struct ds_mount *new_mount(struct ds_container *container)
{
    container->mounts =
        ds_realloc_array(container->mounts, container->mount_count + 1, sizeof(*container->mounts));
    struct ds_mount *mount = &container->mounts[container->mount_count++];
    *mount = (struct ds_mount){0};
    return mount;
}

/* The image of version 18 moved its volume up, to /var/lib/postgresql, with a folder a major in it.
 */
static const char *data_folder(const struct ds_postgres *keys)
{
    const char *version = keys->version;
    const char *tag = keys->image ? strrchr(keys->image, ':') : NULL;
    if (tag && tag[1] >= '0' && tag[1] <= '9')
        version = tag + 1;
    return strtol(version, NULL, 10) >= 18 ? "/var/lib/postgresql" : "/var/lib/postgresql/data";
}

static void lower_data(struct ds_reader *reader, const struct ds_node *node,
                       const struct ds_postgres *keys, struct ds_service_spec *spec)
{
    struct ds_mount mount = {.target = ds_strdup(data_folder(keys))};
    const struct ds_node *data = ds_node_get(node, "data");
    if (strcmp(keys->data, "volume") == 0) {
        mount.type = DS_MOUNT_VOLUME;
        mount.source = ds_strdup(spec->name);
    } else if (strcmp(keys->data, "tmpfs") == 0) {
        mount.type = DS_MOUNT_TMPFS;
    } else {
        mount.type = DS_MOUNT_BIND;
        mount.source = ds_read_resolve_path(reader, keys->data);
        if (data && !strchr("./~", keys->data[0]))
            ds_faults_add(reader->faults, data->where,
                          "'data' must be 'volume', 'tmpfs' or a path starting with ./, / or ~/, "
                          "not '%s'",
                          keys->data);
    }
    *new_mount(&spec->container) = mount;
}

static void add_script(struct ds_container *container, const char *path)
{
    size_t number = 1;
    for (size_t i = 0; i < container->mount_count; i++)
        number += ds_string_starts(container->mounts[i].target, scripts_folder);
    struct ds_mount *mount = new_mount(container);
    mount->type = DS_MOUNT_BIND;
    mount->source = ds_strdup(path);
    mount->target = ds_printf("%s%03zu-%s", scripts_folder, number, ds_path_name(path));
    mount->read_only = true;
}

static int is_script(const struct dirent *entry)
{
    return ds_string_ends(entry->d_name, ".sql") || ds_string_ends(entry->d_name, ".sh") ||
           ds_string_ends(entry->d_name, ".sql.gz") || ds_string_ends(entry->d_name, ".sql.xz") ||
           ds_string_ends(entry->d_name, ".sql.zst");
}

/* The image runs the files of one folder in the order of their names and does not look into folders
 * below it: so files are mounted one by one, with a number in front. */
static void lower_initdb(struct ds_reader *reader, const struct ds_node *node,
                         const struct ds_postgres *keys, struct ds_service_spec *spec)
{
    const struct ds_node *list = ds_node_get(node, "initdb");
    for (size_t i = 0; i < keys->initdb.count; i++) {
        const char *path = keys->initdb.items[i];
        if (ds_file_exists(path)) {
            add_script(&spec->container, path);
            continue;
        }
        struct dirent **entries;
        int count = scandir(path, &entries, is_script, alphasort);
        if (count < 0) {
            ds_faults_add(reader->faults, list->where, "'initdb': there is no file or folder %s",
                          path);
            continue;
        }
        for (int e = 0; e < count; e++) {
            ds_auto_free char *file = ds_path_join(path, entries[e]->d_name);
            add_script(&spec->container, file);
            free(entries[e]);
        }
        free(entries);
    }
}

static void lower_settings(const struct ds_postgres *keys, struct ds_service_spec *spec)
{
    struct ds_command *command = &spec->container.command;
    struct ds_where where = spec->where;
    if (keys->settings.count == 0)
        return;
    command->where = where;
    ds_command_add(command, ds_template_from_text("postgres", where));
    for (size_t i = 0; i < keys->settings.count; i++) {
        const struct ds_setting *setting = &keys->settings.items[i];
        ds_auto_free char *prefix = ds_printf("%s=", setting->name);
        ds_command_add(command, ds_template_from_text("-c", where));
        ds_command_add(command, ds_template_copy(setting->value, prefix));
    }
}

static void lower_login(struct ds_postgres *keys, struct ds_service_spec *spec)
{
    struct ds_where where = spec->where;
    if (!keys->database)
        keys->database = ds_template_copy(keys->user, "");
    spec->user_name = ds_steal(keys->user);
    spec->database = ds_steal(keys->database);
    spec->password = ds_steal(keys->password);
    ds_settings_add(&spec->environment, "POSTGRES_USER", ds_template_copy(spec->user_name, ""),
                    where);
    ds_settings_add(&spec->environment, "POSTGRES_DB", ds_template_copy(spec->database, ""), where);
    static const char path[] = "/run/secrets/postgres_password";
    ds_settings_add(&spec->environment, "POSTGRES_PASSWORD_FILE",
                    ds_template_from_text(path, where), where);
    struct ds_container *container = &spec->container;
    container->files =
        ds_realloc_array(container->files, container->file_count + 1, sizeof(*container->files));
    /*
     * The image's entrypoint starts as root and runs itself again as the user postgres, whose uid
     * differs between images (999, on Alpine 70), before it reads the file. So all may read it:
     * nobody else lives in that file system.
     */
    container->files[container->file_count++] = (struct ds_secret_file){
        .target = ds_strdup(path), .value = ds_template_copy(spec->password, ""), .mode = 0444};
}

void ds_read_postgres(struct ds_reader *reader, const struct ds_node *node, void *target)
{
    struct ds_service_spec *spec = target;
    struct ds_postgres keys = {0};
    size_t errors = reader->faults->errors;
    ds_auto_free char *owner = ds_printf("'postgres' of service '%s'", spec->name);
    ds_table_read_defaults(reader, &ds_table_postgres, 0, &keys);
    ds_table_read(reader, &ds_table_postgres, node, owner, 0, &keys);
    if (keys.engine == 2)
        ds_faults_add(reader->faults, ds_node_get(node, "engine")->where,
                      "'engine: native' is not supported by this version of devstack");
    if (reader->faults->errors == errors) {
        spec->container.image =
            keys.image ? ds_strdup(keys.image) : ds_printf("postgres:%s", keys.version);
        lower_login(&keys, spec);
        lower_data(reader, node, &keys, spec);
        lower_initdb(reader, node, &keys, spec);
        lower_settings(&keys, spec);
        spec->url_scheme = ds_strdup("postgres");
    }
    postgres_finish(&keys);
}
