/* Keys of containers with a shape of their own: mounts, secret files, extra hosts. */
#include <stdlib.h>
#include <string.h>

#include "devstack/base/memory.h"
#include "keys.h"
#include "reference.h"

static void add_mount(struct ds_reader *reader, const struct ds_node *node,
                      struct ds_container *container, struct ds_mount mount)
{
    bool bad = mount.target[0] != '/';
    if (bad)
        ds_faults_add(reader->faults, node->where,
                      "the place in the container must be an absolute path, not '%s'",
                      mount.target);
    for (size_t i = 0; !bad && i < container->mount_count; i++) {
        bad = strcmp(container->mounts[i].target, mount.target) == 0;
        if (bad)
            ds_faults_add(reader->faults, node->where, "something is mounted at '%s' already",
                          mount.target);
    }
    if (bad) {
        free(mount.source);
        free(mount.target);
        return;
    }
    container->mounts =
        ds_realloc_array(container->mounts, container->mount_count + 1, sizeof(*container->mounts));
    container->mounts[container->mount_count++] = mount;
}

static bool is_volume_name(const char *text)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    if (!*text || !strchr(letters, *text))
        return false;
    for (; *text; text++)
        if (!strchr(letters, *text) && !strchr("_.-", *text))
            return false;
    return true;
}

/* A path is told from a volume's name by how it begins, as in Compose. */
static bool set_source(struct ds_reader *reader, const struct ds_node *node, const char *source,
                       struct ds_mount *mount)
{
    if (*source && strchr("./~", *source)) {
        mount->type = DS_MOUNT_BIND;
        mount->source = ds_read_resolve_path(reader, source);
        return true;
    }
    if (is_volume_name(source)) {
        mount->type = DS_MOUNT_VOLUME;
        mount->source = ds_strdup(source);
        return true;
    }
    ds_faults_add(reader->faults, node->where,
                  "'%s' is neither a path (starting with ./, / or ~/) nor the name of a volume",
                  source);
    return false;
}

/* SOURCE:TARGET[:ro|rw] */
static void read_short(struct ds_reader *reader, const struct ds_node *node,
                       struct ds_container *container)
{
    ds_auto_free char *text = NULL;
    if (!ds_read_text(reader, node, &text))
        return;
    char *target = strchr(text, ':');
    if (!target) {
        ds_faults_add(reader->faults, node->where,
                      "expected SOURCE:/path/in/the/container, found '%s'", text);
        return;
    }
    *target++ = '\0';
    char *mode = strchr(target, ':');
    if (mode)
        *mode++ = '\0';
    if (mode && strcmp(mode, "ro") != 0 && strcmp(mode, "rw") != 0) {
        ds_faults_add(reader->faults, node->where, "a volume's mode is 'ro' or 'rw', not '%s'",
                      mode);
        return;
    }
    struct ds_mount mount = {.read_only = mode && strcmp(mode, "ro") == 0};
    if (!set_source(reader, node, text, &mount))
        return;
    mount.target = ds_strdup(target);
    add_mount(reader, node, container, mount);
}

struct long_mount {
    int type;
    char *source;
    char *target;
    bool read_only;
};

static const struct ds_field long_fields[] = {
    {.name = "type",
     .type = DS_FIELD_WORD,
     .offset = offsetof(struct long_mount, type),
     .required = true,
     .words = (const char *const[]){"volume", "bind", "tmpfs", NULL}},
    {.name = "source", .type = DS_FIELD_TEXT, .offset = offsetof(struct long_mount, source)},
    {.name = "target",
     .type = DS_FIELD_TEXT,
     .offset = offsetof(struct long_mount, target),
     .required = true},
    {.name = "read_only", .type = DS_FIELD_BOOL, .offset = offsetof(struct long_mount, read_only)},
};
static const struct ds_table long_table = {"volume", long_fields, DS_COUNT(long_fields)};

static void read_long(struct ds_reader *reader, const struct ds_node *node,
                      struct ds_container *container)
{
    static const int types[] = {DS_MOUNT_VOLUME, DS_MOUNT_BIND, DS_MOUNT_TMPFS};
    struct long_mount parts = {0};
    size_t errors = reader->faults->errors;
    ds_table_read(reader, &long_table, node, "a volume", 0, &parts);
    struct ds_mount mount = {.read_only = parts.read_only};
    mount.type = (__typeof__(mount.type))types[parts.type];
    bool needs_source = mount.type != DS_MOUNT_TMPFS;
    if (reader->faults->errors == errors && needs_source != (parts.source != NULL))
        ds_faults_add(reader->faults, node->where,
                      needs_source ? "a volume lacks the key 'source'" : "a tmpfs has no 'source'");
    else if (parts.source && mount.type == DS_MOUNT_BIND)
        mount.source = ds_read_resolve_path(reader, parts.source);
    else if (parts.source && is_volume_name(parts.source))
        mount.source = ds_strdup(parts.source);
    else if (parts.source)
        ds_faults_add(reader->faults, node->where, "'%s' is not the name of a volume",
                      parts.source);
    if (reader->faults->errors == errors) {
        mount.target = ds_steal(parts.target);
        add_mount(reader, node, container, mount);
    } else {
        free(mount.source);
    }
    free(parts.source);
    free(parts.target);
}

void ds_read_volumes(struct ds_reader *reader, const struct ds_node *node, void *target)
{
    struct ds_service_spec *spec = target;
    if (node->kind != DS_NODE_LIST) {
        ds_read_refuse(reader, node, "a list of volumes, like [data:/var/lib/data]");
        return;
    }
    for (size_t i = 0; i < node->count; i++) {
        if (node->items[i]->kind == DS_NODE_MAP)
            read_long(reader, node->items[i], &spec->container);
        else
            read_short(reader, node->items[i], &spec->container);
    }
}

void ds_read_tmpfs(struct ds_reader *reader, const struct ds_node *node, void *target)
{
    struct ds_service_spec *spec = target;
    ds_auto_strings struct ds_strings paths = {0};
    ds_read_texts(reader, node, &paths);
    for (size_t i = 0; i < paths.count; i++) {
        const struct ds_mount mount = {.type = DS_MOUNT_TMPFS, .target = ds_strdup(paths.items[i])};
        if (strchr(mount.target, ':')) {
            ds_faults_add(reader->faults, node->where, "options of a tmpfs are not supported: '%s'",
                          mount.target);
            free(mount.target);
        } else {
            add_mount(reader, node, &spec->container, mount);
        }
    }
}

/* A folder of this machine, or of the container: that one must be absolute. */
void ds_read_working_dir(struct ds_reader *reader, const struct ds_node *node, void *target)
{
    struct ds_service_spec *spec = target;
    ds_auto_free char *text = NULL;
    if (!ds_read_text(reader, node, &text))
        return;
    if (spec->kind == DS_KIND_CONTAINER && text[0] != '/')
        ds_faults_add(reader->faults, node->where,
                      "in a container 'working_dir' must be an absolute path, not '%s'", text);
    free(spec->working_dir);
    spec->working_dir = ds_read_resolve_path(reader, text);
}

void ds_read_extra_hosts(struct ds_reader *reader, const struct ds_node *node, void *target)
{
    struct ds_service_spec *spec = target;
    struct ds_strings *hosts = &spec->container.extra_hosts;
    if (node->kind == DS_NODE_MAP) {
        for (size_t i = 0; i < node->count; i++) {
            ds_auto_free char *address = NULL;
            if (node->entries[i].key->text[0] == '\0')
                ds_faults_add(reader->faults, node->entries[i].key->where, "a host needs a name");
            else if (ds_read_text(reader, node->entries[i].value, &address))
                ds_strings_addf(hosts, "%s:%s", node->entries[i].key->text, address);
        }
        return;
    }
    if (node->kind != DS_NODE_LIST) {
        ds_read_refuse(reader, node, "a list of NAME:ADDRESS, or a mapping");
        return;
    }
    for (size_t i = 0; i < node->count; i++) {
        char *text;
        if (!ds_read_text(reader, node->items[i], &text))
            continue;
        char *separator = strpbrk(text, "=:");
        if (separator && separator != text && separator[1]) {
            *separator = ':';
            ds_strings_take(hosts, text);
        } else {
            ds_read_refuse(reader, node->items[i], "NAME:ADDRESS");
            free(text);
        }
    }
}

struct secret_keys {
    char *source;
    char *target;
    char *mode;
    unsigned uid, gid;
};

static const struct ds_field secret_fields[] = {
    {.name = "source",
     .type = DS_FIELD_TEXT,
     .offset = offsetof(struct secret_keys, source),
     .required = true},
    {.name = "target", .type = DS_FIELD_TEXT, .offset = offsetof(struct secret_keys, target)},
    {.name = "uid",
     .type = DS_FIELD_NUMBER,
     .offset = offsetof(struct secret_keys, uid),
     .most = 65535},
    {.name = "gid",
     .type = DS_FIELD_NUMBER,
     .offset = offsetof(struct secret_keys, gid),
     .most = 65535},
    {.name = "mode", .type = DS_FIELD_TEXT, .offset = offsetof(struct secret_keys, mode)},
};
static const struct ds_table secret_table = {"secret-file", secret_fields, DS_COUNT(secret_fields)};

static void add_file(struct ds_container *container, struct ds_secret_file file)
{
    container->files =
        ds_realloc_array(container->files, container->file_count + 1, sizeof(*container->files));
    container->files[container->file_count++] = file;
}

static char *secret_path(const char *target)
{
    return target[0] == '/' ? ds_strdup(target) : ds_printf("/run/secrets/%s", target);
}

static void add_secret(struct ds_reader *reader, const struct ds_node *node,
                       struct ds_container *container, const struct secret_keys *keys)
{
    ds_auto_free char *name = ds_printf("secrets.%s", keys->source);
    struct ds_reference *reference =
        ds_reference_parse(name, strlen(name), node->where, reader->faults);
    if (!reference)
        return;
    unsigned mode = 0444;
    if (keys->mode) {
        char *end;
        mode = (unsigned)strtoul(keys->mode, &end, 8);
        if (*end || strspn(keys->mode, "01234567") < 3 || mode > 0777)
            ds_faults_add(reader->faults, node->where,
                          "a secret's mode is octal, like \"0440\", not '%s'", keys->mode);
    }
    struct ds_template *value = ds_template_from_reference(reference, node->where);
    add_file(container, (struct ds_secret_file){
                            .target = secret_path(keys->target ? keys->target : keys->source),
                            .value = value,
                            .uid = keys->uid,
                            .gid = keys->gid,
                            .mode = mode,
                        });
}

/* [NAME], [{source, target, uid, gid, mode}] as in Compose, or {file: value with references}. */
void ds_read_secret_files(struct ds_reader *reader, const struct ds_node *node, void *target)
{
    struct ds_container *container = &((struct ds_service_spec *)target)->container;
    if (node->kind == DS_NODE_SCALAR) {
        ds_read_refuse(reader, node, "a list of secrets, or a mapping of file names to values");
        return;
    }
    for (size_t i = 0; i < node->count; i++) {
        if (node->kind == DS_NODE_MAP) {
            struct ds_template *value =
                ds_read_template(reader, node->entries[i].value, DS_INTERPOLATE_VALUE);
            if (node->entries[i].key->text[0] == '\0')
                ds_faults_add(reader->faults, node->entries[i].key->where,
                              "a secret's file needs a name");
            if (value)
                add_file(container,
                         (struct ds_secret_file){.target = secret_path(node->entries[i].key->text),
                                                 .value = value,
                                                 .mode = 0444});
            continue;
        }
        const struct ds_node *item = node->items[i];
        struct secret_keys keys = {0};
        if (item->kind == DS_NODE_MAP)
            ds_table_read(reader, &secret_table, item, "a secret", 0, &keys);
        else if (!ds_read_text(reader, item, &keys.source))
            continue;
        if (keys.source)
            add_secret(reader, item, container, &keys);
        free(keys.source);
        free(keys.target);
        free(keys.mode);
    }
}
