/* Laying an environment over the file: merging trees, key by key. */
#include "overlay.h"

#include <stdlib.h>
#include <string.h>

#include "devstack/base/memory.h"
#include "keys.h"

const struct ds_kind_key *ds_kind_key_find(const char *word)
{
    for (size_t i = 0; i < ds_kind_key_count; i++)
        if (strcmp(ds_kind_keys[i].word, word) == 0)
            return &ds_kind_keys[i];
    return NULL;
}

static const struct ds_kind_key *kind_of(const struct ds_node *service)
{
    for (size_t i = 0; service->kind == DS_NODE_MAP && i < service->count; i++) {
        const struct ds_kind_key *kind = ds_kind_key_find(service->entries[i].key->text);
        if (kind)
            return kind;
    }
    return NULL;
}

static bool is_probe(const char *key)
{
    return strcmp(key, "http") == 0 || strcmp(key, "tcp") == 0 || strcmp(key, "exec") == 0 ||
           strcmp(key, "log") == 0 || strcmp(key, "test") == 0;
}

static bool has_probe(const struct ds_node *health)
{
    for (size_t i = 0; health->kind == DS_NODE_MAP && i < health->count; i++)
        if (is_probe(health->entries[i].key->text))
            return true;
    return false;
}

/* [A=b, C] as {A: b, C: ~}, so that lists of settings merge like mappings. */
static struct ds_node *as_map(struct ds_node_pool *pool, struct ds_node *node)
{
    if (node->kind != DS_NODE_LIST)
        return node;
    struct ds_node *map = ds_node_create(pool, DS_NODE_MAP, node->where);
    for (size_t i = 0; i < node->count; i++) {
        struct ds_node *item = node->items[i];
        if (item->kind != DS_NODE_SCALAR)
            return node; /* the reader tells what is wrong with it */
        const char *equals = strchr(item->text, '=');
        struct ds_node *key = ds_node_create_text(pool, item->text, item->where);
        struct ds_node *value = ds_node_create_text(pool, equals ? equals + 1 : "", item->where);
        value->plain = !equals;
        if (equals)
            key->text[equals - item->text] = '\0';
        if (ds_node_entry(map, key->text))
            return node;
        ds_node_add_entry(map, key, value);
    }
    return map;
}

static struct ds_node *merge_maps(struct ds_node_pool *pool, const struct ds_node *base,
                                  const struct ds_node *over, bool (*drop)(const char *key));

static struct ds_node *merge_value(struct ds_node_pool *pool, const char *key, struct ds_node *base,
                                   struct ds_node *over)
{
    if (strcmp(key, "environment") == 0 || strcmp(key, "labels") == 0) {
        base = as_map(pool, base);
        over = as_map(pool, over);
    }
    if (base->kind != DS_NODE_MAP || over->kind != DS_NODE_MAP)
        return over;
    /* A check of another kind takes the place of the old one. */
    bool replaces = strcmp(key, "healthcheck") == 0 && has_probe(over);
    return merge_maps(pool, base, over, replaces ? is_probe : NULL);
}

static struct ds_node *merge_maps(struct ds_node_pool *pool, const struct ds_node *base,
                                  const struct ds_node *over, bool (*drop)(const char *key))
{
    struct ds_node *merged = ds_node_create(pool, DS_NODE_MAP, over->where);
    for (size_t i = 0; i < base->count; i++) {
        const struct ds_entry *entry = &base->entries[i];
        const struct ds_entry *change = ds_node_entry(over, entry->key->text);
        if (change)
            ds_node_add_entry(merged, change->key,
                              merge_value(pool, entry->key->text, entry->value, change->value));
        else if (!drop || !drop(entry->key->text))
            ds_node_add_entry(merged, entry->key, entry->value);
    }
    for (size_t i = 0; i < over->count; i++)
        if (!ds_node_entry(base, over->entries[i].key->text))
            ds_node_add_entry(merged, over->entries[i].key, over->entries[i].value);
    return merged;
}

/* The base without the kind it had and the keys that the new kind does not know. */
static struct ds_node *without_foreign(struct ds_node_pool *pool, const struct ds_node *base,
                                       const struct ds_kind_key *kind)
{
    struct ds_node *kept = ds_node_create(pool, DS_NODE_MAP, base->where);
    for (size_t i = 0; i < base->count; i++) {
        const char *key = base->entries[i].key->text;
        const struct ds_field *field = ds_table_find(&ds_table_service, key);
        if (!field || (field->kinds & kind->bit))
            ds_node_add_entry(kept, base->entries[i].key, base->entries[i].value);
    }
    return kept;
}

static struct ds_node *merge_service(struct ds_node_pool *pool, struct ds_node *base,
                                     struct ds_node *over)
{
    if (base->kind != DS_NODE_MAP || over->kind != DS_NODE_MAP)
        return over;
    const struct ds_kind_key *old = kind_of(base), *new = kind_of(over);
    if (new &&old != new)
        base = without_foreign(pool, base, new);
    struct ds_node *merged = merge_maps(pool, base, over, NULL);
    merged->where = base->where;
    return merged;
}

static struct ds_node *merge_services(struct ds_node_pool *pool, const struct ds_node *base,
                                      const struct ds_node *over)
{
    struct ds_node *merged = ds_node_create(pool, DS_NODE_MAP, base->where);
    for (size_t i = 0; i < base->count; i++) {
        const struct ds_entry *entry = &base->entries[i];
        const struct ds_entry *change = ds_node_entry(over, entry->key->text);
        ds_node_add_entry(merged, entry->key,
                          change ? merge_service(pool, entry->value, change->value) : entry->value);
    }
    for (size_t i = 0; i < over->count; i++) {
        const struct ds_entry *entry = &over->entries[i];
        /* One that is new here must bring its kind; check_services() tells when it does not. */
        if (!ds_node_entry(base, entry->key->text) && kind_of(entry->value))
            ds_node_add_entry(merged, entry->key, entry->value);
    }
    return merged;
}

static void check_keys(struct ds_reader *reader, const struct ds_entry *service, const char *name)
{
    ds_auto_free char *owner =
        ds_printf("service '%s' of environment '%s'", service->key->text, name);
    for (size_t i = 0; service->value->kind == DS_NODE_MAP && i < service->value->count; i++) {
        const struct ds_node *key = service->value->entries[i].key;
        if (!ds_string_starts(key->text, "x-") && !ds_table_find(&ds_table_service, key->text))
            ds_table_refuse(reader, &ds_table_service, key, owner);
    }
}

/* What can be said of an environment's services without laying them over the file. */
static void check_services(struct ds_reader *reader, const struct ds_node *root,
                           const struct ds_entry *environment, bool chosen)
{
    const struct ds_node *over = ds_node_get(environment->value, "services");
    const struct ds_node *base = ds_node_get(root, "services");
    if (!over || !base || base->kind != DS_NODE_MAP)
        return;
    if (over->kind != DS_NODE_MAP) {
        ds_read_refuse(reader, over, "a mapping of services to keys");
        return;
    }
    ds_auto_free const char **names = ds_realloc_array(NULL, base->count, sizeof(*names));
    for (size_t i = 0; i < base->count; i++)
        names[i] = base->entries[i].key->text;
    for (size_t i = 0; i < over->count; i++) {
        const struct ds_entry *entry = &over->entries[i];
        if (!ds_node_entry(base, entry->key->text) && !kind_of(entry->value)) {
            struct ds_fault *fault =
                ds_faults_add(reader->faults, entry->key->where,
                              "environment '%s' changes the service '%s', which is not in the file",
                              environment->key->text, entry->key->text);
            const char *nearest = ds_nearest(entry->key->text, names, base->count);
            if (nearest)
                ds_fault_hint(fault, "did you mean '%s'?", nearest);
        }
        /* Those of the chosen one are read as part of the whole. */
        if (!chosen)
            check_keys(reader, entry, environment->key->text);
    }
}

static void finish_keys(struct ds_environment_keys *keys)
{
    free(keys->purpose);
    free(keys->url);
    ds_settings_finish(&keys->environment);
}

/* Its settings fill what neither the shell nor a dotenv file has set. */
static void add_settings(struct ds_reader *reader, const struct ds_settings *settings,
                         struct ds_variables *variables)
{
    for (size_t i = 0; i < settings->count; i++) {
        const struct ds_setting *setting = &settings->items[i];
        const char *value = ds_template_literal(setting->value);
        if (!value)
            ds_faults_add(reader->faults, setting->where,
                          "a setting ('%s') cannot hold a reference: settings are needed before "
                          "anything runs",
                          setting->name);
        else if (!ds_variables_get(variables, setting->name))
            ds_variables_set(variables, setting->name, value);
    }
}

static void read_environment(struct ds_reader *reader, const struct ds_node *root,
                             const struct ds_entry *entry, struct ds_variables *variables)
{
    struct ds_manifest *manifest = reader->manifest;
    const char *name = entry->key->text;
    if (!ds_check_name(reader, entry->key, "an environment's name", "-", 32))
        return;
    ds_strings_add(&manifest->environments, name);
    if (ds_node_is_null(entry->value))
        return;
    bool chosen = strcmp(name, manifest->environment) == 0;
    struct ds_environment_keys keys = {0};
    ds_auto_free char *owner = ds_printf("environment '%s'", name);
    ds_table_read(reader, &ds_table_environment, entry->value, owner, 0, &keys);
    check_services(reader, root, entry, chosen);
    if (chosen) {
        manifest->is_protected = keys.is_protected;
        manifest->environment_purpose = ds_steal(keys.purpose);
        manifest->environment_url = ds_steal(keys.url);
        add_settings(reader, &keys.environment, variables);
    }
    finish_keys(&keys);
}

static void check_choice(struct ds_reader *reader, const struct ds_node *environments)
{
    struct ds_manifest *manifest = reader->manifest;
    struct ds_strings *names = &manifest->environments;
    if (!ds_strings_contain(names, "local"))
        ds_strings_add(names, "local");
    if (ds_strings_contain(names, manifest->environment))
        return;
    ds_auto_free char *list = ds_strings_join(names, ", ");
    struct ds_where where = {manifest->file, 0, 0};
    struct ds_fault *fault =
        ds_faults_add(reader->faults, environments ? environments->where : where,
                      "there is no environment '%s', only %s", manifest->environment, list);
    const char *nearest =
        ds_nearest(manifest->environment, (const char *const *)names->items, names->count);
    if (nearest)
        ds_fault_hint(fault, "did you mean '%s'?", nearest);
}

const struct ds_node *ds_overlay_apply(struct ds_reader *reader, struct ds_node_pool *pool,
                                       struct ds_node *root, struct ds_variables *variables)
{
    const struct ds_node *environments = ds_node_get(root, "environments");
    if (environments && environments->kind != DS_NODE_MAP) {
        ds_read_refuse(reader, environments, "a mapping of names to environments");
        environments = NULL;
    }
    for (size_t i = 0; environments && i < environments->count; i++)
        read_environment(reader, root, &environments->entries[i], variables);
    check_choice(reader, environments);

    const struct ds_node *chosen = ds_node_get(environments, reader->manifest->environment);
    const struct ds_node *over = ds_node_get(chosen, "services");
    const struct ds_entry *base = ds_node_entry(root, "services");
    if (!over || over->kind != DS_NODE_MAP || !base || base->value->kind != DS_NODE_MAP)
        return root;
    struct ds_node *result = ds_node_create(pool, DS_NODE_MAP, root->where);
    for (size_t i = 0; i < root->count; i++) {
        const struct ds_entry *entry = &root->entries[i];
        ds_node_add_entry(result, entry->key,
                          entry == base ? merge_services(pool, base->value, over) : entry->value);
    }
    return result;
}
