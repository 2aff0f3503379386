/* The picture as JSON, and back: what the API answers and the command line reads. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "devstack/base/memory.h"
#include "devstack/stack.h"

/* A log's or probe's text may hold bytes that are no UTF-8, which JSON cannot carry. */
static json_t *text_or_null(const char *text)
{
    if (!text)
        return json_null();
    json_t *value = json_string(text);
    if (value)
        return value;
    ds_auto_free char *plain = ds_strdup(text);
    for (char *at = plain; *at; at++)
        if ((unsigned char)*at >= 0x80)
            *at = '?';
    return json_string(plain);
}

static json_t *number(uint64_t value)
{
    return json_integer((json_int_t)value);
}

static json_t *encode_reason(const struct ds_reason *reason)
{
    json_t *object = json_object();
    json_object_set_new(object, "code", json_string(ds_reason_name(reason->code)));
    json_object_set_new(object, "text", text_or_null(reason->text));
    json_object_set_new(object, "subject", text_or_null(reason->subject));
    json_object_set_new(object, "hint", text_or_null(reason->hint));
    json_object_set_new(object, "number", json_integer(reason->number));
    json_object_set_new(object, "done", number(reason->done));
    json_object_set_new(object, "total", number(reason->total));
    return object;
}

static json_t *encode_strings(const struct ds_strings *list)
{
    json_t *array = json_array();
    for (size_t i = 0; i < list->count; i++)
        json_array_append_new(array, json_string(list->items[i]));
    return array;
}

static json_t *encode_service(const struct ds_snapshot_service *service)
{
    json_t *object = json_object();
    json_t *ports = json_object();
    for (size_t i = 0; i < service->port_count; i++)
        json_object_set_new(ports, service->ports[i].name, json_integer(service->ports[i].number));
    json_object_set_new(object, "name", json_string(service->name));
    json_object_set_new(object, "kind", json_string(service->kind));
    json_object_set_new(object, "task", json_boolean(service->is_task));
    json_object_set_new(object, "state", json_string(ds_state_name(service->state)));
    json_object_set_new(object, "reason", encode_reason(&service->reason));
    json_object_set_new(object, "url", text_or_null(service->url));
    json_object_set_new(object, "ports", ports);
    json_object_set_new(object, "pid", json_integer(service->pid));
    json_object_set_new(object, "container", text_or_null(service->container));
    json_object_set_new(object, "starts", json_integer(service->starts));
    json_object_set_new(object, "restarts", json_integer(service->restarts));
    json_object_set_new(object, "exit_status",
                        service->has_exit ? json_integer(service->exit_status) : json_null());
    json_object_set_new(object, "last_probe", text_or_null(service->last_probe));
    json_object_set_new(object, "owner_unknown", json_boolean(service->owner_unknown));
    json_object_set_new(object, "was_ready", json_boolean(service->was_ready));
    json_object_set_new(object, "watched", json_boolean(service->watched));
    json_object_set_new(object, "depends_on", encode_strings(&service->depends_on));
    json_object_set_new(object, "needed_by", encode_strings(&service->needed_by));
    json_object_set_new(object, "started_at", json_integer(service->started_at));
    json_object_set_new(object, "waited_ns", number(service->waited));
    json_object_set_new(object, "prepared_ns", number(service->prepared));
    json_object_set_new(object, "probed_ns", number(service->probed));
    return object;
}

static char *dump(json_t *document)
{
    char *text = json_dumps(document, JSON_COMPACT);
    json_decref(document);
    return text ? text : ds_strdup("{}");
}

char *ds_snapshot_service_to_json(const struct ds_snapshot_service *service)
{
    return dump(encode_service(service));
}

char *ds_snapshot_to_json(const struct ds_snapshot *snapshot)
{
    json_t *object = json_object();
    json_t *services = json_array();
    for (size_t i = 0; i < snapshot->service_count; i++)
        json_array_append_new(services, encode_service(&snapshot->services[i]));
    json_object_set_new(object, "version", number(snapshot->version));
    json_object_set_new(object, "id", text_or_null(snapshot->id));
    json_object_set_new(object, "name", text_or_null(snapshot->name));
    json_object_set_new(object, "environment", text_or_null(snapshot->environment));
    json_object_set_new(object, "folder", text_or_null(snapshot->folder));
    json_object_set_new(object, "file", text_or_null(snapshot->file));
    json_object_set_new(object, "devstack_version", text_or_null(snapshot->devstack_version));
    json_object_set_new(object, "log_folder", text_or_null(snapshot->log_folder));
    json_object_set_new(object, "problem", text_or_null(snapshot->problem));
    json_object_set_new(object, "pid", json_integer(snapshot->pid));
    json_object_set_new(object, "started_at", json_integer(snapshot->started_at));
    json_object_set_new(object, "ready_after_ns", number(snapshot->ready_after));
    json_object_set_new(object, "phase", json_string(ds_stack_phase_name(snapshot->phase)));
    json_object_set_new(object, "services", services);
    return dump(object);
}

static char *get_text(const json_t *object, const char *key)
{
    return ds_strdup(json_string_value(json_object_get(object, key)));
}

static uint64_t get_number(const json_t *object, const char *key)
{
    return (uint64_t)json_integer_value(json_object_get(object, key));
}

static void get_strings(const json_t *object, const char *key, struct ds_strings *list)
{
    size_t index;
    json_t *item;
    json_array_foreach(json_object_get(object, key), index, item) if (json_is_string(item))
        ds_strings_add(list, json_string_value(item));
}

static enum ds_reason_code parse_reason_code(const char *name)
{
    for (int code = 0; name && code < DS_REASON_COUNT; code++)
        if (strcmp(ds_reason_name((enum ds_reason_code)code), name) == 0)
            return (enum ds_reason_code)code;
    return DS_REASON_NONE;
}

static void decode_reason(const json_t *object, struct ds_reason *reason)
{
    *reason = (struct ds_reason){
        .code = parse_reason_code(json_string_value(json_object_get(object, "code"))),
        .text = get_text(object, "text"),
        .subject = get_text(object, "subject"),
        .hint = get_text(object, "hint"),
        .number = (int)json_integer_value(json_object_get(object, "number")),
        .done = get_number(object, "done"),
        .total = get_number(object, "total"),
    };
}

static void decode_service(const json_t *object, struct ds_snapshot_service *service)
{
    *service = (struct ds_snapshot_service){
        .name = get_text(object, "name"),
        .kind = get_text(object, "kind"),
        .url = get_text(object, "url"),
        .pid = (pid_t)json_integer_value(json_object_get(object, "pid")),
        .container = get_text(object, "container"),
        .starts = (unsigned)get_number(object, "starts"),
        .restarts = (unsigned)get_number(object, "restarts"),
        .has_exit = json_is_integer(json_object_get(object, "exit_status")),
        .exit_status = (int)json_integer_value(json_object_get(object, "exit_status")),
        .last_probe = get_text(object, "last_probe"),
        .owner_unknown = json_is_true(json_object_get(object, "owner_unknown")),
        .started_at = json_integer_value(json_object_get(object, "started_at")),
        .waited = get_number(object, "waited_ns"),
        .prepared = get_number(object, "prepared_ns"),
        .probed = get_number(object, "probed_ns"),
        .is_task = json_is_true(json_object_get(object, "task")),
        .was_ready = json_is_true(json_object_get(object, "was_ready")),
        .watched = json_is_true(json_object_get(object, "watched")),
    };
    const char *state = json_string_value(json_object_get(object, "state"));
    if (!state || !ds_state_parse(state, &service->state))
        service->state = DS_STATE_STOPPED;
    decode_reason(json_object_get(object, "reason"), &service->reason);
    get_strings(object, "depends_on", &service->depends_on);
    get_strings(object, "needed_by", &service->needed_by);
    json_t *ports = json_object_get(object, "ports"), *port;
    const char *name;
    service->ports = ds_realloc_array(NULL, json_object_size(ports), sizeof(*service->ports));
    json_object_foreach(ports, name, port) service->ports[service->port_count++] =
        (struct ds_snapshot_port){.name = ds_strdup(name),
                                  .number = (uint16_t)json_integer_value(port)};
}

static enum ds_stack_phase parse_phase(const char *name)
{
    for (int phase = DS_STACK_STARTING; name && phase <= DS_STACK_STOPPED; phase++)
        if (strcmp(ds_stack_phase_name((enum ds_stack_phase)phase), name) == 0)
            return (enum ds_stack_phase)phase;
    return DS_STACK_STARTING;
}

struct ds_snapshot *ds_snapshot_from_json(const char *json, size_t length, struct ds_error *err)
{
    json_error_t error;
    json_t *object = json_loadb(json, length, JSON_REJECT_DUPLICATES, &error);
    json_t *services = json_object_get(object, "services");
    if (!json_is_array(services)) {
        ds_error_set(err, DS_ERROR_FAILED, "the orchestrator's answer is no snapshot%s%s",
                     object ? "" : ": ", object ? "" : error.text);
        json_decref(object);
        return NULL;
    }
    struct ds_snapshot *snapshot = DS_NEW(struct ds_snapshot);
    *snapshot = (struct ds_snapshot){
        .version = get_number(object, "version"),
        .id = get_text(object, "id"),
        .name = get_text(object, "name"),
        .environment = get_text(object, "environment"),
        .folder = get_text(object, "folder"),
        .file = get_text(object, "file"),
        .devstack_version = get_text(object, "devstack_version"),
        .log_folder = get_text(object, "log_folder"),
        .problem = get_text(object, "problem"),
        .pid = (pid_t)json_integer_value(json_object_get(object, "pid")),
        .started_at = json_integer_value(json_object_get(object, "started_at")),
        .ready_after = get_number(object, "ready_after_ns"),
        .phase = parse_phase(json_string_value(json_object_get(object, "phase"))),
        .references = 1,
    };
    snapshot->services = ds_alloc(json_array_size(services) * sizeof(*snapshot->services));
    size_t index;
    json_t *service;
    json_array_foreach(services, index, service)
        decode_service(service, &snapshot->services[snapshot->service_count++]);
    json_decref(object);
    return snapshot;
}
