/* `port:` and `ports:`. */
#include <stdlib.h>
#include <string.h>

#include "devstack/base/memory.h"
#include "keys.h"

static bool is_container(const struct ds_service_spec *spec)
{
    return spec->kind == DS_KIND_CONTAINER;
}

const struct ds_port *ds_port_find(const struct ds_service_spec *spec, const char *name)
{
    for (size_t i = 0; i < spec->port_count; i++)
        if (strcmp(spec->ports[i].name, name) == 0)
            return &spec->ports[i];
    return NULL;
}

static void add_port(struct ds_reader *reader, struct ds_service_spec *spec, struct ds_port port,
                     size_t at)
{
    if (ds_port_find(spec, port.name)) {
        ds_faults_add(reader->faults, port.where, "the port '%s' stands here a second time",
                      port.name);
        free(port.name);
        return;
    }
    spec->ports = ds_realloc_array(spec->ports, spec->port_count + 1, sizeof(*spec->ports));
    memmove(&spec->ports[at + 1], &spec->ports[at], (spec->port_count - at) * sizeof(port));
    spec->ports[at] = port;
    spec->port_count++;
}

static bool parse_number(const char *text, size_t length, uint16_t *ret_port)
{
    unsigned value = 0;
    /* A leading zero is octal to one YAML reader and decimal to the next. */
    if (length == 0 || length > 5 || text[0] == '0' || strspn(text, "0123456789") < length)
        return false;
    for (size_t i = 0; i < length; i++)
        value = value * 10 + (unsigned)(text[i] - '0');
    if (value == 0 || value > 65535)
        return false;
    *ret_port = (uint16_t)value;
    return true;
}

/* "[127.0.0.1:][HOST:]CONTAINER[/tcp]", as in Compose. */
static bool parse_mapping(struct ds_reader *reader, const struct ds_node *node, const char *text,
                          struct ds_port *port)
{
    const char *address = "127.0.0.1:";
    size_t length = strlen(text);
    if (ds_string_ends(text, "/udp") || ds_string_ends(text, "/sctp")) {
        ds_faults_add(reader->faults, node->where, "only TCP ports can be published, not '%s'",
                      text);
        return false;
    }
    if (ds_string_ends(text, "/tcp"))
        length -= 4;
    if (ds_string_starts(text, address)) {
        text += strlen(address);
        length -= strlen(address);
    }
    const char *colon = memchr(text, ':', length);
    size_t left = colon ? (size_t)(colon - text) : 0;
    const char *inner = colon ? colon + 1 : text;
    if (parse_number(inner, length - (size_t)(inner - text), &port->container) &&
        (left == 0 || parse_number(text, left, &port->host)))
        return true;
    ds_faults_add(reader->faults, node->where,
                  "expected a port like \"8080:80\" (on this machine, then in the container), "
                  "found '%s'",
                  node->text);
    return false;
}

/* A number from 1 to 65535, or `auto` (0). */
static bool read_host(struct ds_reader *reader, const struct ds_node *node, uint16_t *ret_port)
{
    static const char expected[] = "a port from 1 to 65535, or 'auto'";
    if (node->kind != DS_NODE_SCALAR || ds_node_is_null(node))
        return ds_read_refuse(reader, node, expected);
    ds_auto_free char *text = NULL;
    if (!ds_read_text(reader, node, &text))
        return false;
    *ret_port = 0;
    if (strcmp(text, "auto") == 0)
        return true;
    bool typed = node->plain || strchr(node->text, '$');
    return (typed && parse_number(text, strlen(text), ret_port)) ||
           ds_read_refuse(reader, node, expected);
}

static void set_container_port(struct ds_reader *reader, const struct ds_service_spec *spec,
                               struct ds_port *port)
{
    if (!is_container(spec) || port->container)
        return;
    if (strcmp(spec->kind_word, "postgres") == 0)
        port->container = 5432;
    else if (port->host)
        port->container = port->host;
    else
        ds_faults_add(reader->faults, port->where,
                      "with 'auto' it is unknown which port is meant inside the container: write "
                      "ports: {NAME: {container: 80, host: auto}}");
}

void ds_read_port(struct ds_reader *reader, const struct ds_node *node, void *target)
{
    struct ds_service_spec *spec = target;
    struct ds_port port = {.where = node->where};
    /* "5433:5432" says both, where there is a container. */
    if (is_container(spec) && node->kind == DS_NODE_SCALAR && strchr(node->text, ':') &&
        !strchr(node->text, '$')) {
        if (!parse_mapping(reader, node, node->text, &port))
            return;
    } else if (!read_host(reader, node, &port.host)) {
        return;
    }
    set_container_port(reader, spec, &port);
    port.name = ds_strdup("");
    add_port(reader, spec, port, 0);
}

/* For the nearest spelling only: the values are read below. */
static const struct ds_field pair_fields[] = {{.name = "container"}, {.name = "host"}};
static const struct ds_table pair_table = {"port", pair_fields, DS_COUNT(pair_fields)};

/* {container: 5432, host: auto} */
static bool read_pair(struct ds_reader *reader, const struct ds_node *node, struct ds_port *port)
{
    const struct ds_node *host = NULL, *container = NULL;
    for (size_t i = 0; i < node->count; i++) {
        const struct ds_entry *entry = &node->entries[i];
        if (strcmp(entry->key->text, "container") == 0)
            container = entry->value;
        else if (strcmp(entry->key->text, "host") == 0)
            host = entry->value;
        else
            ds_table_refuse(reader, &pair_table, entry->key, "a port");
    }
    unsigned number = 0;
    if (!container)
        ds_faults_add(reader->faults, node->where, "a port lacks the key 'container'");
    else if (ds_read_number(reader, container, 1, 65535, &number))
        port->container = (uint16_t)number;
    return number && (!host || read_host(reader, host, &port->host));
}

static bool read_one(struct ds_reader *reader, const struct ds_service_spec *spec,
                     const struct ds_node *node, struct ds_port *port)
{
    if (node->kind == DS_NODE_MAP && is_container(spec))
        return read_pair(reader, node, port);
    if (is_container(spec) && node->kind == DS_NODE_SCALAR && !ds_node_is_null(node)) {
        ds_auto_free char *text = NULL;
        if (!ds_read_text(reader, node, &text))
            return false;
        if (strpbrk(text, ":/"))
            return parse_mapping(reader, node, text, port);
    }
    if (!read_host(reader, node, &port->host))
        return false;
    set_container_port(reader, spec, port);
    return true;
}

/* Compose's list. The first is the default port, the others are named by their inner port. */
static void read_list(struct ds_reader *reader, const struct ds_node *node,
                      struct ds_service_spec *spec)
{
    for (size_t i = 0; i < node->count; i++) {
        struct ds_port port = {.where = node->items[i]->where};
        ds_auto_free char *text = NULL;
        if (!ds_read_text(reader, node->items[i], &text) ||
            !parse_mapping(reader, node->items[i], text, &port))
            continue;
        port.name = spec->port_count ? ds_printf("%u", port.container) : ds_strdup("");
        add_port(reader, spec, port, spec->port_count);
    }
}

void ds_read_ports(struct ds_reader *reader, const struct ds_node *node, void *target)
{
    struct ds_service_spec *spec = target;
    if (node->kind == DS_NODE_LIST && is_container(spec)) {
        read_list(reader, node, spec);
        return;
    }
    if (node->kind != DS_NODE_MAP) {
        ds_read_refuse(reader, node, "a mapping of names to ports, like {http: 8000}");
        return;
    }
    for (size_t i = 0; i < node->count; i++) {
        const struct ds_entry *entry = &node->entries[i];
        struct ds_port port = {.where = entry->key->where};
        if (!ds_check_name(reader, entry->key, "a port", "-_", 32) ||
            !read_one(reader, spec, entry->value, &port))
            continue;
        port.name = ds_strdup(entry->key->text);
        add_port(reader, spec, port, spec->port_count);
    }
}
