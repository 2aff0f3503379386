/*
 * `healthcheck:`. Its keys are read by a table; what depends on the service's kind and ports is
 * checked once the whole service is known.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdlib.h>
#include <string.h>

#include "devstack/base/memory.h"
#include "keys.h"

/* A number, or the name of one of the service's ports. */
static void read_port(struct ds_reader *reader, const struct ds_node *node, void *target)
{
    struct ds_health *health = target;
    ds_auto_free char *text = NULL;
    if (!ds_read_text(reader, node, &text))
        return;
    if (text[strspn(text, "0123456789")] != '\0') {
        free(health->port_name);
        health->port_name = ds_steal(text);
        return;
    }
    unsigned number;
    if (ds_read_number(reader, node, 1, 65535, &number))
        health->port = (uint16_t)number;
}

static void read_status(struct ds_reader *reader, const struct ds_node *node, void *target)
{
    unsigned status;
    if (ds_read_number(reader, node, 100, 599, &status))
        ((struct ds_health *)target)->status = (uint16_t)status;
}

static void read_path(struct ds_reader *reader, const struct ds_node *node, void *target)
{
    struct ds_health *health = target;
    char *path;
    if (!ds_read_text(reader, node, &path))
        return;
    free(health->http_path);
    health->http_path = path;
    if (path[0] != '/')
        ds_faults_add(reader->faults, node->where, "a path starts with '/', found '%s'", path);
}

static const struct ds_field http_fields[] = {
    {.name = "path",
     .type = DS_FIELD_CUSTOM,
     .read = read_path,
     .shape = "a path",
     .schema = "{\"type\": \"string\", \"pattern\": \"^/|\\\\$\"}",
     .description = "What is asked for.",
     .fallback = "/"},
    {.name = "port",
     .type = DS_FIELD_CUSTOM,
     .read = read_port,
     .shape = "a port's name or number",
     .schema = "{\"$ref\": \"#/$defs/health-port\"}",
     .description = "Which port to ask. The service's default port otherwise."},
    {.name = "status",
     .type = DS_FIELD_CUSTOM,
     .read = read_status,
     .shape = "a number",
     .schema = "{\"$ref\": \"#/$defs/status\"}",
     .description = "The status that is expected. Any from 200 to 399 otherwise."},
    {.name = "headers",
     .type = DS_FIELD_SETTINGS,
     .offset = offsetof(struct ds_health, headers),
     .description = "Headers to send. They may hold secrets."},
};
const struct ds_table ds_table_http = {"http-check", http_fields, DS_COUNT(http_fields)};

static void read_http(struct ds_reader *reader, const struct ds_node *node, void *target)
{
    struct ds_health *health = target;
    health->kind = DS_HEALTH_HTTP;
    if (node->kind == DS_NODE_MAP) {
        ds_table_read_defaults(reader, &ds_table_http, 0, health);
        ds_table_read(reader, &ds_table_http, node, "'http'", 0, health);
    } else {
        read_path(reader, node, health);
    }
}

static void read_tcp(struct ds_reader *reader, const struct ds_node *node, void *target)
{
    ((struct ds_health *)target)->kind = DS_HEALTH_TCP;
    read_port(reader, node, target);
}

static void read_exec(struct ds_reader *reader, const struct ds_node *node, void *target)
{
    struct ds_health *health = target;
    health->kind = DS_HEALTH_EXEC;
    ds_read_command(reader, node, &health->exec);
}

static void read_log(struct ds_reader *reader, const struct ds_node *node, void *target)
{
    struct ds_health *health = target;
    health->kind = DS_HEALTH_LOG;
    char *pattern;
    if (!ds_read_text(reader, node, &pattern))
        return;
    free(health->log_pattern);
    health->log_pattern = pattern;
    int code;
    size_t offset;
    pcre2_code *compiled =
        pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED, PCRE2_UTF, &code, &offset, NULL);
    if (!compiled) {
        unsigned char message[128];
        pcre2_get_error_message(code, message, sizeof(message));
        ds_faults_add(reader->faults, node->where,
                      "this is no regular expression: %s (at byte %zu)", (const char *)message,
                      offset);
    }
    pcre2_code_free(compiled);
}

/* Compose's form: a string for the shell, or a list that begins with CMD, CMD-SHELL or NONE. */
static void read_test(struct ds_reader *reader, const struct ds_node *node, void *target)
{
    struct ds_health *health = target;
    const struct ds_node *first = node->kind == DS_NODE_LIST && node->count ? node->items[0] : NULL;
    const char *word = first && first->kind == DS_NODE_SCALAR ? first->text : "";
    if (node->kind == DS_NODE_SCALAR) {
        read_exec(reader, node, health);
    } else if (strcmp(word, "NONE") == 0 && node->count == 1) {
        health->kind = DS_HEALTH_NONE;
    } else if (strcmp(word, "CMD-SHELL") == 0 && node->count == 2) {
        read_exec(reader, node->items[1], health);
    } else if (strcmp(word, "CMD") == 0 && node->count > 1) {
        const struct ds_node rest = {.kind = DS_NODE_LIST,
                                     .where = node->where,
                                     .items = node->items + 1,
                                     .count = node->count - 1};
        read_exec(reader, &rest, health);
    } else {
        ds_read_refuse(reader, node, "[CMD, program, …], [CMD-SHELL, line] or [NONE]");
    }
}

static void read_owner(struct ds_reader *reader, const struct ds_node *node, void *target)
{
    ds_auto_free char *text = NULL;
    if (!ds_read_text(reader, node, &text))
        return;
    if (strcmp(text, "any") == 0)
        ((struct ds_health *)target)->any_owner = true;
    else
        ds_read_refuse(reader, node, "'any'");
}

static const struct ds_field health_fields[] = {
    {.name = "http",
     .type = DS_FIELD_CUSTOM,
     .read = read_http,
     .table = &ds_table_http,
     .shape = "a path, or `{path, port, status, headers}`",
     .schema = "{\"$ref\": \"#/$defs/http\"}",
     .example = "/healthz",
     .description = "Healthy while an HTTP request is answered as expected."},
    {.name = "tcp",
     .type = DS_FIELD_CUSTOM,
     .read = read_tcp,
     .shape = "a port's name or number",
     .schema = "{\"$ref\": \"#/$defs/health-port\"}",
     .example = "8000",
     .description = "Healthy while the port accepts and its listener is this service's."},
    {.name = "exec",
     .type = DS_FIELD_CUSTOM,
     .read = read_exec,
     .shape = "a command",
     .schema = "{\"$ref\": \"#/$defs/command\"}",
     .example = "[./ready, --quick]",
     .description = "Healthy while the command exits 0. In a container it runs inside."},
    {.name = "log",
     .type = DS_FIELD_CUSTOM,
     .read = read_log,
     .shape = "a regular expression",
     .schema = "{\"$ref\": \"#/$defs/text\"}",
     .example = "listening on \\d+",
     .description = "Healthy once a line of its output matches."},
    {.name = "test",
     .type = DS_FIELD_CUSTOM,
     .read = read_test,
     .shape = "Compose's list or string",
     .schema = "{\"$ref\": \"#/$defs/test\"}",
     .example = "[CMD, pg_isready]",
     .description = "The same as `exec`, in Compose's spelling."},
    {.name = "disable",
     .type = DS_FIELD_BOOL,
     .offset = offsetof(struct ds_health, disable),
     .fallback = "false",
     .description = "No check at all, also none by default."},
    {.name = "interval",
     .type = DS_FIELD_DURATION,
     .offset = offsetof(struct ds_health, interval),
     .fallback = "5s",
     .description = "Time between two checks once the service is healthy. Until then the pauses "
                    "begin at 2 ms and grow to 250 ms."},
    {.name = "timeout",
     .type = DS_FIELD_DURATION,
     .offset = offsetof(struct ds_health, timeout),
     .fallback = "2s",
     .description = "How long one check may take."},
    {.name = "retries",
     .type = DS_FIELD_NUMBER,
     .offset = offsetof(struct ds_health, retries),
     .fallback = "3",
     .least = 1,
     .most = 1000,
     .description = "So many failures in a row make a healthy service unhealthy."},
    {.name = "start_timeout",
     .type = DS_FIELD_DURATION,
     .offset = offsetof(struct ds_health, start_timeout),
     .fallback = "60s",
     .description = "How long a start may take until the first success."},
    {.name = "owner",
     .type = DS_FIELD_CUSTOM,
     .read = read_owner,
     .shape = "`any`",
     .schema = "{\"const\": \"any\"}",
     .description = "With `any`, whoever listens on the port will do. Otherwise the listener must "
                    "be in the service's own process tree."},
};
const struct ds_table ds_table_health = {"healthcheck", health_fields, DS_COUNT(health_fields)};

void ds_read_healthcheck(struct ds_reader *reader, const struct ds_node *node, void *target)
{
    static const char *const probes[] = {"http", "tcp", "exec", "log", "test"};
    struct ds_health *health = target;
    health->where = node->where;
    ds_table_read(reader, &ds_table_health, node, "'healthcheck'", 0, health);
    if (health->disable)
        health->kind = DS_HEALTH_NONE;
    const struct ds_entry *first = NULL;
    for (size_t i = 0; node->kind == DS_NODE_MAP && i < node->count; i++) {
        const struct ds_entry *entry = &node->entries[i];
        for (size_t p = 0; p < DS_COUNT(probes); p++) {
            if (strcmp(entry->key->text, probes[p]) != 0)
                continue;
            if (first)
                ds_faults_add(reader->faults, entry->key->where,
                              "a healthcheck has one kind of check, here are '%s' and '%s'",
                              first->key->text, entry->key->text);
            else
                first = entry;
        }
    }
}

/* A number that is one of the service's ports becomes that port's name: the stack knows where it
 * is. A container's ports are numbered as they are inside. */
static void resolve_port(struct ds_reader *reader, struct ds_service_spec *spec)
{
    struct ds_health *health = &spec->health;
    bool container = spec->kind == DS_KIND_CONTAINER;
    for (size_t i = 0; health->port && i < spec->port_count; i++) {
        const struct ds_port *port = &spec->ports[i];
        if (health->port == (container ? port->container : port->host)) {
            health->port = 0;
            health->port_name = ds_strdup(port->name);
        }
    }
    if (health->port && container)
        ds_faults_add(reader->faults, health->where,
                      "the healthcheck asks port %u, which the container does not publish",
                      health->port);
    if (!health->port_name || ds_port_find(spec, health->port_name))
        return;
    ds_auto_strings struct ds_strings names = {0};
    for (size_t i = 0; i < spec->port_count; i++)
        ds_strings_add(&names, spec->ports[i].name);
    struct ds_fault *fault = ds_faults_add(reader->faults, health->where,
                                           "the healthcheck asks port '%s', which service '%s' "
                                           "does not have",
                                           health->port_name, spec->name);
    const char *nearest =
        ds_nearest(health->port_name, (const char *const *)names.items, names.count);
    if (nearest)
        ds_fault_hint(fault, "did you mean '%s'?", nearest);
}

void ds_check_health(struct ds_reader *reader, struct ds_service_spec *spec)
{
    struct ds_health *health = &spec->health;
    bool asks_port = health->kind == DS_HEALTH_HTTP || health->kind == DS_HEALTH_TCP;
    if (spec->kind == DS_KIND_EXTERNAL) {
        if (health->kind != DS_HEALTH_HTTP && health->kind != DS_HEALTH_NONE &&
            health->kind != DS_HEALTH_DEFAULT)
            ds_faults_add(reader->faults, health->where,
                          "an external service can only be checked by 'http' (service '%s')",
                          spec->name);
        else if (health->port || health->port_name)
            ds_faults_add(reader->faults, health->where,
                          "the port of an external service stands in its URL (service '%s')",
                          spec->name);
        return;
    }
    resolve_port(reader, spec);
    if (asks_port && spec->port_count == 0 && health->port == 0 && !health->port_name)
        ds_faults_add(reader->faults, health->where,
                      "the healthcheck needs a port, and service '%s' has none", spec->name);
}
