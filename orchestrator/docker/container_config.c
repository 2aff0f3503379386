/* The body of a container's creation. What the caller left open is left out, so that the image's
 * and the engine's defaults hold. */
#include "container_config.h"

#include "devstack/base/clock.h"
#include "internal.h"

#define NANO_CPUS 1e9

static void set_string(json_t *object, const char *key, const char *value)
{
    if (value)
        json_object_set_new(object, key, json_string(value));
}

static void set_list(json_t *object, const char *key, const struct ds_strings *list)
{
    if (!list || !list->count)
        return;
    json_t *array = json_array();
    for (size_t i = 0; i < list->count; i++)
        json_array_append_new(array, json_string(list->items[i]));
    json_object_set_new(object, key, array);
}

static void set_environment(json_t *object, const struct ds_variables *variables)
{
    json_t *array = json_array();
    for (size_t i = 0; variables && i < variables->count; i++)
        json_array_append_new(
            array, json_sprintf("%s=%s", variables->items[i].name, variables->items[i].value));
    json_object_set_new(object, "Env", array);
}

static void set_labels(json_t *object, const struct ds_variables *labels)
{
    json_t *map = json_object();
    for (size_t i = 0; labels && i < labels->count; i++)
        json_object_set_new(map, labels->items[i].name, json_string(labels->items[i].value));
    json_object_set_new(object, "Labels", map);
}

/* Every port is bound to the host address and nowhere else: an absent HostIp would mean all. */
static void set_ports(json_t *object, json_t *host, const struct ds_container_config *config)
{
    json_t *exposed = json_object(), *bindings = json_object();
    for (size_t i = 0; i < config->port_count; i++) {
        const struct ds_engine_port *port = &config->ports[i];
        ds_auto_free char *key = ds_printf("%u/tcp", port->container);
        json_t *list = json_object_get(bindings, key);
        if (!list) {
            json_object_set_new(exposed, key, json_object());
            json_object_set_new(bindings, key, list = json_array());
        }
        json_t *number = port->host ? json_sprintf("%u", port->host) : json_string("");
        json_array_append_new(list,
                              json_pack("{s:s, s:o}", "HostIp",
                                        config->host_address ? config->host_address : "127.0.0.1",
                                        "HostPort", number));
    }
    json_object_set_new(object, "ExposedPorts", exposed);
    json_object_set_new(host, "PortBindings", bindings);
}

static const char *mount_type(const struct ds_engine_mount *mount)
{
    switch (mount->type) {
    case DS_ENGINE_VOLUME:
        return "volume";
    case DS_ENGINE_BIND:
        return "bind";
    case DS_ENGINE_TMPFS:
        return "tmpfs";
    }
    abort();
}

static void set_mounts(json_t *host, const struct ds_container_config *config)
{
    if (!config->mount_count)
        return;
    json_t *mounts = json_array();
    for (size_t i = 0; i < config->mount_count; i++) {
        const struct ds_engine_mount *mount = &config->mounts[i];
        json_t *entry = json_pack("{s:s, s:s, s:b}", "Type", mount_type(mount), "Target",
                                  mount->target, "ReadOnly", mount->read_only);
        if (mount->type != DS_ENGINE_TMPFS)
            set_string(entry, "Source", mount->source);
        json_array_append_new(mounts, entry);
    }
    json_object_set_new(host, "Mounts", mounts);
}

static void set_limits(json_t *host, const struct ds_container_config *config)
{
    if (config->shm_size)
        json_object_set_new(host, "ShmSize", json_integer((json_int_t)config->shm_size));
    if (config->mem_limit)
        json_object_set_new(host, "Memory", json_integer((json_int_t)config->mem_limit));
    if (config->cpus > 0)
        json_object_set_new(host, "NanoCpus", json_integer((json_int_t)(config->cpus * NANO_CPUS)));
    if (config->init)
        json_object_set_new(host, "Init", json_true());
    set_list(host, "CapAdd", config->cap_add);
    set_list(host, "ExtraHosts", config->extra_hosts);
}

static void set_network(json_t *object, json_t *host, const struct ds_container_config *config)
{
    if (!config->network)
        return;
    set_string(host, "NetworkMode", config->network);
    if (!config->network_alias)
        return;
    json_object_set_new(object, "NetworkingConfig",
                        json_pack("{s:{s:{s:[s]}}}", "EndpointsConfig", config->network, "Aliases",
                                  config->network_alias));
}

static void set_healthcheck(json_t *object, const struct ds_container_config *config)
{
    json_t *check = json_object();
    if (config->has_healthcheck_test) {
        if (config->healthcheck_test && config->healthcheck_test->count)
            set_list(check, "Test", config->healthcheck_test);
        else
            json_object_set_new(check, "Test", json_pack("[s]", "NONE"));
    }
    if (config->healthcheck_interval)
        json_object_set_new(check, "Interval",
                            json_integer((json_int_t)config->healthcheck_interval));
    if (config->healthcheck_timeout)
        json_object_set_new(check, "Timeout",
                            json_integer((json_int_t)config->healthcheck_timeout));
    if (config->healthcheck_retries)
        json_object_set_new(check, "Retries", json_integer(config->healthcheck_retries));
    if (json_object_size(check))
        json_object_set(object, "Healthcheck", check);
    json_decref(check);
}

json_t *container_config_json(const struct ds_container_config *config)
{
    json_t *object = json_object(), *host = json_object();
    set_string(object, "Image", config->image);
    set_string(object, "User", config->user);
    set_string(object, "WorkingDir", config->working_dir);
    set_string(object, "StopSignal", config->stop_signal);
    set_list(object, "Cmd", config->command);
    set_list(object, "Entrypoint", config->entrypoint);
    set_environment(object, config->environment);
    set_labels(object, config->labels);
    json_object_set_new(object, "Tty", json_boolean(config->tty));
    set_healthcheck(object, config);
    set_ports(object, host, config);
    set_mounts(host, config);
    set_limits(host, config);
    set_network(object, host, config);
    json_object_set_new(object, "HostConfig", host);
    return object;
}
