/*
 * The resolved file for `devstack config`: variables replaced, the environment laid over, defaults
 * filled in, presets shown as the containers they are. References stay as they are written, so no
 * secret's value can be in it; what is secret in the file itself is masked.
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "devstack/base/clock.h"
#include "devstack/base/memory.h"
#include "keys.h"
#include "yaml_writer.h"

static const char mask[] = "********";

/* As it would have to be written: a literal dollar is doubled where variables are replaced. */
static json_t *template_json(const struct ds_template *template)
{
    if (template->tainted && ds_template_literal(template))
        return json_string(mask);
    ds_auto_text struct ds_text text = {0};
    for (size_t i = 0; i < template->count; i++) {
        if (template->parts[i].reference) {
            const struct ds_template one = {.parts = &template->parts[i], .count = 1};
            ds_auto_free char *source = ds_template_source(&one);
            ds_text_append(&text, source);
            continue;
        }
        for (const char *c = template->parts[i].literal; *c; c++) {
            if (*c == '$' && !template->shell)
                ds_text_append_char(&text, '$');
            ds_text_append_char(&text, *c);
        }
    }
    return json_string(ds_text_string(&text));
}

/* Credentials that stand in a URL of the file. */
static json_t *url_json(const struct ds_template *url)
{
    const char *literal = ds_template_literal(url);
    const char *scheme = literal ? strstr(literal, "://") : NULL;
    size_t authority = scheme ? strcspn(scheme + 3, "/?#") : 0;
    const char *at = scheme ? memrchr(scheme + 3, '@', authority) : NULL;
    const char *colon = at ? memchr(scheme + 3, ':', (size_t)(at - scheme - 3)) : NULL;
    if (!colon)
        return template_json(url);
    ds_auto_free char *masked = ds_printf("%.*s:%s%s", (int)(colon - literal), literal, mask, at);
    return json_string(masked);
}

static json_t *command_json(const struct ds_command *command)
{
    if (command->shell)
        return template_json(command->items[0]);
    json_t *list = json_array();
    for (size_t i = 0; i < command->count; i++)
        json_array_append_new(list, template_json(command->items[i]));
    return list;
}

static json_t *strings_json(const struct ds_strings *strings)
{
    json_t *list = json_array();
    for (size_t i = 0; i < strings->count; i++)
        json_array_append_new(list, json_string(strings->items[i]));
    return list;
}

/* The shortest of the units that holds it whole. */
static json_t *duration_json(uint64_t ns)
{
    static const struct {
        uint64_t ns;
        const char *unit;
    } units[] = {{86400 * DS_NS_PER_S, "d"}, {3600 * DS_NS_PER_S, "h"}, {60 * DS_NS_PER_S, "m"},
                 {DS_NS_PER_S, "s"},         {DS_NS_PER_MS, "ms"},      {DS_NS_PER_US, "us"}};
    for (size_t i = 0; ns && i < DS_COUNT(units); i++)
        if (ns % units[i].ns == 0)
            return json_sprintf("%llu%s", (unsigned long long)(ns / units[i].ns), units[i].unit);
    return json_sprintf("%lluns", (unsigned long long)ns);
}

static void put(json_t *object, const char *key, json_t *value)
{
    json_object_set_new(object, key, value);
}

static void put_text(json_t *object, const char *key, const char *text)
{
    if (text)
        put(object, key, json_string(text));
}

static void put_strings(json_t *object, const char *key, const struct ds_strings *strings)
{
    if (strings->count)
        put(object, key, strings_json(strings));
}

static void put_settings(json_t *object, const char *key, const struct ds_settings *settings)
{
    if (settings->count == 0)
        return;
    json_t *map = json_object();
    for (size_t i = 0; i < settings->count; i++)
        put(map, settings->items[i].name, template_json(settings->items[i].value));
    put(object, key, map);
}

static json_t *host_port_json(const struct ds_port *port)
{
    return port->host ? json_integer(port->host) : json_string("auto");
}

static void put_ports(json_t *object, const struct ds_service_spec *spec)
{
    bool container = spec->kind == DS_KIND_CONTAINER;
    json_t *ports = json_object();
    for (size_t i = 0; i < spec->port_count; i++) {
        const struct ds_port *port = &spec->ports[i];
        json_t *value = container ? json_pack("{s:i, s:o}", "container", port->container, "host",
                                              host_port_json(port))
                                  : host_port_json(port);
        if (*port->name == '\0' && !container)
            put(object, "port", value);
        else
            put(ports, *port->name ? port->name : "default", value);
    }
    if (json_object_size(ports))
        json_object_set(object, "ports", ports);
    json_decref(ports);
}

static void put_dependencies(json_t *object, const struct ds_service_spec *spec)
{
    static const char *const conditions[] = {
        [DS_CONDITION_READY] = "ready",
        [DS_CONDITION_STARTED] = "started",
        [DS_CONDITION_HEALTHY] = "healthy",
        [DS_CONDITION_COMPLETED] = "completed",
    };
    json_t *map = json_object();
    for (size_t i = 0; i < spec->depends_on_count; i++) {
        const struct ds_dependency *edge = &spec->depends_on[i];
        json_t *value = json_pack("{s:s}", "condition", conditions[edge->condition]);
        if (edge->restart)
            put(value, "restart", json_true());
        put(map, edge->service, value);
    }
    if (json_object_size(map))
        json_object_set(object, "depends_on", map);
    json_decref(map);
}

static json_t *health_port_json(const struct ds_health *health)
{
    if (health->port)
        return json_integer(health->port);
    return health->port_name && *health->port_name ? json_string(health->port_name) : NULL;
}

static void put_probe(json_t *object, const struct ds_health *health)
{
    json_t *port = health_port_json(health);
    switch (health->kind) {
    case DS_HEALTH_HTTP: {
        json_t *http = json_pack("{s:s, s:o*}", "path", health->http_path, "port", port);
        if (health->status)
            put(http, "status", json_integer(health->status));
        put_settings(http, "headers", &health->headers);
        put(object, "http", http);
        return;
    }
    case DS_HEALTH_TCP:
        put(object, "tcp", port ? port : json_string("default"));
        return;
    case DS_HEALTH_EXEC:
        put(object, "exec", command_json(&health->exec));
        break;
    case DS_HEALTH_LOG:
        put(object, "log", json_string(health->log_pattern));
        break;
    case DS_HEALTH_NONE:
        put(object, "disable", json_true());
        break;
    case DS_HEALTH_DEFAULT:
    case DS_HEALTH_POSTGRES:
    case DS_HEALTH_REDIS:
        break;
    }
    json_decref(port);
}

static void put_health(json_t *object, const struct ds_service_spec *spec)
{
    const struct ds_health *health = &spec->health;
    if (spec->kind == DS_KIND_TASK)
        return;
    json_t *value = json_object();
    put_probe(value, health);
    put(value, "interval", duration_json(health->interval));
    put(value, "timeout", duration_json(health->timeout));
    put(value, "retries", json_integer(health->retries));
    put(value, "start_timeout", duration_json(health->start_timeout));
    if (health->any_owner)
        put(value, "owner", json_string("any"));
    put(object, "healthcheck", value);
}

static void put_mounts(json_t *object, const struct ds_container *container)
{
    static const char *const types[] = {
        [DS_MOUNT_VOLUME] = "volume", [DS_MOUNT_BIND] = "bind", [DS_MOUNT_TMPFS] = "tmpfs"};
    json_t *list = json_array();
    for (size_t i = 0; i < container->mount_count; i++) {
        const struct ds_mount *mount = &container->mounts[i];
        json_t *value = json_pack("{s:s, s:s*, s:s}", "type", types[mount->type], "source",
                                  mount->source, "target", mount->target);
        if (mount->read_only)
            put(value, "read_only", json_true());
        json_array_append_new(list, value);
    }
    if (json_array_size(list))
        json_object_set(object, "volumes", list);
    json_decref(list);
}

static void put_files(json_t *object, const struct ds_container *container)
{
    json_t *map = json_object();
    for (size_t i = 0; i < container->file_count; i++)
        put(map, container->files[i].target, template_json(container->files[i].value));
    if (json_object_size(map))
        json_object_set(object, "secrets", map);
    json_decref(map);
}

static void put_container(json_t *object, const struct ds_service_spec *spec)
{
    static const char *const policies[] = {
        [DS_PULL_MISSING] = "missing", [DS_PULL_ALWAYS] = "always", [DS_PULL_NEVER] = "never"};
    const struct ds_container *container = &spec->container;
    if (container->command.count)
        put(object, "command", command_json(&container->command));
    if (container->entrypoint.count)
        put(object, "entrypoint", command_json(&container->entrypoint));
    put_mounts(object, container);
    put_files(object, container);
    put(object, "pull_policy", json_string(policies[container->pull_policy]));
    put_text(object, "platform", container->platform);
    put_strings(object, "cap_add", &container->cap_add);
    put_strings(object, "extra_hosts", &container->extra_hosts);
    if (container->init)
        put(object, "init", json_true());
    if (container->shm_size)
        put(object, "shm_size", json_integer((json_int_t)container->shm_size));
    if (container->mem_limit)
        put(object, "mem_limit", json_integer((json_int_t)container->mem_limit));
    if (container->cpus > 0)
        put(object, "cpus", json_real(container->cpus));
}

static void put_kind(json_t *object, const struct ds_service_spec *spec)
{
    switch (spec->kind) {
    case DS_KIND_PROCESS:
    case DS_KIND_TASK:
        put(object, spec->kind_word, command_json(&spec->command));
        return;
    case DS_KIND_EXTERNAL:
        put(object, "external", url_json(spec->external));
        return;
    case DS_KIND_CONTAINER:
        if (!spec->password) {
            put_text(object, "image", spec->container.image);
            return;
        }
        put(object, spec->kind_word,
            json_pack("{s:s, s:o, s:o, s:o}", "image", spec->container.image, "database",
                      template_json(spec->database), "user", template_json(spec->user_name),
                      "password", template_json(spec->password)));
        return;
    }
}

static void put_watch(json_t *object, const struct ds_watch_spec *watch)
{
    if (watch->paths.count == 0)
        return;
    json_t *map = json_pack("{s:o}", "paths", strings_json(&watch->paths));
    put_strings(map, "ignore", &watch->ignore);
    put(map, "debounce", duration_json(watch->debounce));
    put(object, "watch", map);
}

static json_t *service_json(const struct ds_service_spec *spec)
{
    static const char *const restarts[] = {[DS_RESTART_NO] = "no",
                                           [DS_RESTART_ON_FAILURE] = "on-failure",
                                           [DS_RESTART_ALWAYS] = "always"};
    json_t *object = json_object();
    put_kind(object, spec);
    put_text(object, "description", spec->description);
    if (spec->disabled)
        put(object, "disabled", json_true());
    put_ports(object, spec);
    put_settings(object, "environment", &spec->environment);
    put_settings(object, "labels", &spec->labels);
    put_settings(object, "links", &spec->links);
    put_health(object, spec);
    if (spec->kind == DS_KIND_EXTERNAL)
        return object;
    put_text(object, "working_dir", spec->working_dir);
    put_text(object, "user", spec->user);
    put_dependencies(object, spec);
    if (spec->kind == DS_KIND_CONTAINER)
        put_container(object, spec);
    if (spec->kind != DS_KIND_TASK) {
        put(object, "restart", json_string(restarts[spec->restart]));
        put(object, "backoff",
            json_pack("{s:o, s:o}", "initial", duration_json(spec->backoff_initial), "max",
                      duration_json(spec->backoff_max)));
    }
    put_watch(object, &spec->watch);
    if (spec->stop_signal)
        put(object, "stop_signal", json_string(ds_stop_signal_name(spec->stop_signal)));
    put(object, "stop_grace_period", duration_json(spec->stop_grace));
    if (!spec->autostart)
        put(object, "autostart", json_false());
    return object;
}

static json_t *secret_json(const struct ds_secret_spec *secret)
{
    json_t *object = json_object();
    put_text(object, "prompt", secret->prompt);
    if (secret->generate_length)
        put(object, "generate", json_pack("{s:I}", "length", (json_int_t)secret->generate_length));
    if (secret->rotate_after)
        put(object, "rotate_after", duration_json(secret->rotate_after));
    return object;
}

static json_t *manifest_json(const struct ds_manifest *manifest)
{
    json_t *object = json_pack("{s:s, s:s, s:s}", "name", manifest->name, "environment",
                               manifest->environment, "folder", manifest->folder);
    json_t *services = json_object(), *secrets = json_object(), *configs = json_object();
    for (size_t i = 0; i < manifest->secret_count; i++)
        put(secrets, manifest->secrets[i].name, secret_json(&manifest->secrets[i]));
    for (size_t i = 0; i < manifest->config_count; i++)
        put(configs, manifest->configs[i].name,
            json_pack("{s:s, s:b}", "template", manifest->configs[i].file, "secret",
                      manifest->configs[i].tainted));
    for (size_t i = 0; i < manifest->service_count; i++)
        put(services, manifest->services[i].name, service_json(&manifest->services[i]));
    put(object, "secrets", secrets);
    put(object, "configs", configs);
    put(object, "services", services);
    if (manifest->dashboard_port)
        put(object, "dashboard", json_pack("{s:i}", "port", manifest->dashboard_port));
    put(object, "keyring", json_string(manifest->keyring_required ? "required" : "auto"));
    put_text(object, "environment_purpose", manifest->environment_purpose);
    put_text(object, "environment_url", manifest->environment_url);
    put(object, "environments", strings_json(&manifest->environments));
    return object;
}

char *ds_manifest_dump_json(const struct ds_manifest *manifest)
{
    json_t *object = manifest_json(manifest);
    char *text = json_dumps(object, JSON_INDENT(2));
    json_decref(object);
    char *lines = ds_printf("%s\n", text);
    free(text);
    return lines;
}

char *ds_manifest_dump_yaml(const struct ds_manifest *manifest)
{
    json_t *object = manifest_json(manifest);
    char *text = ds_yaml_write(object);
    json_decref(object);
    return text;
}
