/* Reading services, secrets and configs: the named things of the file. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "devstack/base/file.h"
#include "devstack/base/memory.h"
#include "devstack/manifest/dotenv.h"
#include "keys.h"
#include "reference.h"

#define CONFIG_SIZE_LIMIT ((size_t)1 << 20)

bool ds_check_name(struct ds_reader *reader, const struct ds_node *node, const char *what,
                   const char *more, size_t limit)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz";
    if (node->kind != DS_NODE_SCALAR || ds_node_is_null(node)) {
        ds_read_refuse(reader, node, "a name");
        return false;
    }
    const char *text = node->text;
    bool good = *text && strchr(letters, *text) && strlen(text) <= limit;
    for (; good && *text; text++)
        good = strchr(letters, *text) || strchr("0123456789", *text) || strchr(more, *text);
    if (!good)
        ds_faults_add(reader->faults, node->where,
                      "%s is made of lower case letters, digits%s%s, starts with a letter and has "
                      "at most %zu characters: '%s' does not",
                      what, strchr(more, '-') ? ", '-'" : "", strchr(more, '_') ? ", '_'" : "",
                      limit, node->text);
    return good;
}

static void read_one_env_file(struct ds_reader *reader, const struct ds_node *node,
                              const struct ds_node *path_node, bool required,
                              struct ds_service_spec *spec)
{
    ds_auto_free char *name = NULL;
    if (!ds_read_text(reader, path_node, &name))
        return;
    ds_auto_free char *path = ds_read_resolve_path(reader, name);
    if (!required && !ds_file_exists(path))
        return;
    ds_strings_add(&spec->env_files, path);
    ds_dotenv_read(path, name, node->where, reader->variables, &reader->from_env_file,
                   reader->faults);
}

static void read_env_file_item(struct ds_reader *reader, const struct ds_node *node,
                               struct ds_service_spec *spec)
{
    if (node->kind != DS_NODE_MAP) {
        read_one_env_file(reader, node, node, true, spec);
        return;
    }
    static const struct ds_field fields[] = {{.name = "path"}, {.name = "required"}};
    static const struct ds_table table = {"env-file", fields, DS_COUNT(fields)};
    bool required = true;
    const struct ds_node *path = ds_node_get(node, "path");
    const struct ds_node *required_node = ds_node_get(node, "required");
    for (size_t i = 0; i < node->count; i++)
        if (!ds_table_find(&table, node->entries[i].key->text))
            ds_table_refuse(reader, &table, node->entries[i].key, "'env_file'");
    if (required_node)
        ds_read_bool(reader, required_node, &required);
    if (path)
        read_one_env_file(reader, node, path, required, spec);
    else
        ds_faults_add(reader->faults, node->where, "'env_file' lacks the key 'path'");
}

void ds_read_env_file(struct ds_reader *reader, const struct ds_node *node, void *target)
{
    if (node->kind != DS_NODE_LIST) {
        read_env_file_item(reader, node, target);
        return;
    }
    for (size_t i = 0; i < node->count; i++)
        read_env_file_item(reader, node->items[i], target);
}

/* What env files set and `environment:` does not. */
static void add_env_file_values(struct ds_reader *reader, struct ds_service_spec *spec)
{
    const struct ds_variables *values = &reader->from_env_file;
    for (size_t i = 0; i < values->count; i++)
        if (!ds_settings_find(&spec->environment, values->items[i].name))
            ds_settings_add(&spec->environment, values->items[i].name,
                            ds_template_from_text(values->items[i].value, spec->where),
                            spec->where);
    ds_variables_finish(&reader->from_env_file);
}

/* The one kind key, or NULL with a fault. */
static const struct ds_kind_key *find_kind(struct ds_reader *reader, const struct ds_entry *entry)
{
    const struct ds_kind_key *kind = NULL;
    bool later = false;
    for (size_t i = 0; i < entry->value->count; i++) {
        const struct ds_node *key = entry->value->entries[i].key;
        const struct ds_kind_key *found = ds_kind_key_find(key->text);
        const struct ds_field *field = ds_table_find(&ds_table_service, key->text);
        later = later || (field && field->type == DS_FIELD_LATER);
        if (found && kind)
            ds_faults_add(reader->faults, key->where,
                          "service '%s' is one thing: either '%s' or '%s'", entry->key->text,
                          kind->word, found->word);
        else if (found)
            kind = found;
    }
    if (!kind && !later)
        ds_faults_add(reader->faults, entry->key->where,
                      "service '%s' needs one of run, task, image, postgres, external",
                      entry->key->text);
    return kind;
}

/* The scheme of ${x.url}: containers are known by the port inside. */
static const char *scheme_of(const struct ds_service_spec *spec)
{
    static const struct {
        uint16_t port;
        const char *scheme;
    } known[] = {{443, "https"}, {3306, "mysql"}, {4222, "nats"},    {5432, "postgres"},
                 {5672, "amqp"}, {6379, "redis"}, {27017, "mongodb"}};
    uint16_t port =
        spec->kind == DS_KIND_CONTAINER && spec->port_count ? spec->ports[0].container : 0;
    for (size_t i = 0; i < DS_COUNT(known); i++)
        if (known[i].port == port)
            return known[i].scheme;
    return "http";
}

/* An external service's URL begins with its scheme, whatever references follow. */
static void check_external(struct ds_reader *reader, struct ds_service_spec *spec)
{
    const struct ds_template *url = spec->external;
    const char *text = url->count ? url->parts[0].literal : NULL;
    size_t length = text ? strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789+.-") : 0;
    if (length > 0 && ds_string_starts(text + length, "://"))
        spec->url_scheme = ds_strndup(text, length);
    else
        ds_faults_add(reader->faults, url->where,
                      "'external' is a URL like https://api.example, found '%s'",
                      text ? text : "a reference");
}

static void complete_service(struct ds_reader *reader, struct ds_service_spec *spec)
{
    add_env_file_values(reader, spec);
    if (spec->external)
        check_external(reader, spec);
    else if (!spec->url_scheme)
        spec->url_scheme = ds_strdup(scheme_of(spec));
    if (!spec->working_dir && spec->kind != DS_KIND_CONTAINER)
        spec->working_dir = ds_strdup(reader->manifest->folder);
    if (spec->kind == DS_KIND_PROCESS)
        ds_complete_watch(reader, spec);
    if (strcmp(spec->kind_word, "postgres") == 0 && spec->port_count == 0) {
        spec->ports = ds_alloc(sizeof(*spec->ports));
        spec->ports[0] =
            (struct ds_port){.name = ds_strdup(""), .container = 5432, .where = spec->where};
        spec->port_count = 1;
    }
    if (spec->backoff_initial > spec->backoff_max)
        ds_faults_add(reader->faults, spec->where,
                      "service '%s': backoff.initial is longer than backoff.max", spec->name);
    ds_check_health(reader, spec);
}

static void read_service(struct ds_reader *reader, const struct ds_entry *entry,
                         struct ds_service_spec *spec)
{
    ds_auto_free char *owner = ds_printf("service '%s'", entry->key->text);
    spec->name = ds_strdup(entry->key->text);
    spec->where = entry->key->where;
    if (entry->value->kind != DS_NODE_MAP) {
        ds_read_refuse(reader, entry->value, "the keys of a service");
        return;
    }
    const struct ds_kind_key *kind = find_kind(reader, entry);
    if (kind) {
        spec->kind = kind->kind;
        spec->kind_word = kind->word;
        bool postgres = kind->bit == DS_FOR_POSTGRES;
        ds_table_read_defaults(reader, &ds_table_service, kind->bit, spec);
        ds_table_read_defaults(reader, &ds_table_health, 0, &spec->health);
        if (kind->kind == DS_KIND_CONTAINER)
            spec->stop_signal = 0; /* the image's own */
        if (postgres) {
            /* A preset's defaults: its own check, and the fast shutdown, which does not wait for
             * clients to go. */
            spec->health.kind = DS_HEALTH_POSTGRES;
            spec->stop_signal = SIGINT;
        }
    }
    size_t errors = reader->faults->errors;
    spec->kind_word = kind ? kind->word : "run";
    ds_table_read(reader, &ds_table_service, entry->value, owner, kind ? kind->bit : 0, spec);
    if (kind && reader->faults->errors == errors)
        complete_service(reader, spec);
    ds_variables_finish(&reader->from_env_file);
}

void ds_read_services(struct ds_reader *reader, const struct ds_node *node, void *target)
{
    struct ds_manifest *manifest = target;
    if (node->kind != DS_NODE_MAP || node->count == 0) {
        ds_read_refuse(reader, node, "a mapping of names to services");
        return;
    }
    manifest->services = ds_alloc(node->count * sizeof(*manifest->services));
    for (size_t i = 0; i < node->count; i++) {
        const struct ds_entry *entry = &node->entries[i];
        if (!ds_check_name(reader, entry->key, "a service's name", "-_", 40))
            continue;
        if (ds_reference_is_scope(entry->key->text))
            ds_faults_add(reader->faults, entry->key->where,
                          "a service cannot be called '%s': references begin with that word",
                          entry->key->text);
        read_service(reader, entry, &manifest->services[manifest->service_count++]);
    }
}

void ds_read_secrets(struct ds_reader *reader, const struct ds_node *node, void *target)
{
    struct ds_manifest *manifest = target;
    if (node->kind != DS_NODE_MAP) {
        ds_read_refuse(reader, node, "a mapping of names to secrets");
        return;
    }
    manifest->secrets = ds_alloc(node->count * sizeof(*manifest->secrets));
    for (size_t i = 0; i < node->count; i++) {
        const struct ds_entry *entry = &node->entries[i];
        struct ds_secret_spec *secret = &manifest->secrets[manifest->secret_count];
        if (!ds_check_name(reader, entry->key, "a secret's name", "_", 64))
            continue;
        ds_auto_free char *owner = ds_printf("secret '%s'", entry->key->text);
        secret->name = ds_strdup(entry->key->text);
        secret->where = entry->key->where;
        manifest->secret_count++;
        if (!ds_node_is_null(entry->value))
            ds_table_read(reader, &ds_table_secret, entry->value, owner, 0, secret);
    }
}

static void read_template(struct ds_reader *reader, const struct ds_node *node,
                          struct ds_config_spec *config)
{
    ds_auto_error struct ds_error err = {0};
    ds_auto_free char *text = NULL;
    size_t length;
    if (!ds_file_read(config->file, CONFIG_SIZE_LIMIT, &text, &length, &err)) {
        ds_faults_add(reader->faults, node->where, "%s", err.message);
        return;
    }
    if (strlen(text) != length) {
        ds_faults_add(reader->faults, node->where, "the template %s holds NUL characters",
                      config->file);
        return;
    }
    /* Its places are shown as the path stands in the file. */
    ds_strings_add(&reader->manifest->files, node->text);
    const char *name = reader->manifest->files.items[reader->manifest->files.count - 1];
    config->contents = ds_template_parse_config(name, text, &reader->services, reader->faults);
}

void ds_read_configs(struct ds_reader *reader, const struct ds_node *node, void *target)
{
    struct ds_manifest *manifest = target;
    if (node->kind != DS_NODE_MAP) {
        ds_read_refuse(reader, node, "a mapping of names to configs");
        return;
    }
    manifest->configs = ds_alloc(node->count * sizeof(*manifest->configs));
    for (size_t i = 0; i < node->count; i++) {
        const struct ds_entry *entry = &node->entries[i];
        struct ds_config_spec *config = &manifest->configs[manifest->config_count];
        if (!ds_check_name(reader, entry->key, "a config's name", "-_", 64))
            continue;
        ds_auto_free char *owner = ds_printf("config '%s'", entry->key->text);
        config->name = ds_strdup(entry->key->text);
        config->where = entry->key->where;
        manifest->config_count++;
        ds_table_read(reader, &ds_table_config, entry->value, owner, 0, config);
        if (config->file)
            read_template(reader, ds_node_get(entry->value, "template"), config);
    }
}
