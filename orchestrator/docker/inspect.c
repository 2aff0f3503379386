/* Reading a container's state. */
#include "internal.h"

struct inspect_call {
    struct ds_engine_call call;
    char *what;
    void (*done)(void *data, const struct ds_container_state *state, const struct ds_error *error);
    void *data;
};

static void release(struct ds_engine_call *call)
{
    struct inspect_call *inspect = (struct inspect_call *)call;
    free(inspect->what);
    free(inspect);
}

struct port_list {
    struct ds_engine_port *items;
    size_t count, capacity;
};

static void add_port(struct port_list *ports, long container, long host)
{
    if (container <= 0 || container > UINT16_MAX || host <= 0 || host > UINT16_MAX)
        return;
    struct ds_engine_port port = {.container = (uint16_t)container, .host = (uint16_t)host};
    for (size_t i = 0; i < ports->count; i++)
        if (ports->items[i].container == port.container && ports->items[i].host == port.host)
            return; /* the same port once more, for the other address family */
    *DS_VEC_PUSH(ports) = port;
}

/* {"5432/tcp": [{"HostIp": "127.0.0.1", "HostPort": "32768"}], "9000/tcp": null} */
static void read_ports(const json_t *map, struct port_list *ret_ports)
{
    const char *key;
    json_t *bindings, *binding;
    size_t index;
    json_object_foreach((json_t *)map, key, bindings)
    {
        char *protocol;
        long container = strtol(key, &protocol, 10);
        if (!ds_string_equal(protocol, "/tcp"))
            continue;
        json_array_foreach(bindings, index, binding) add_port(
            ret_ports, container, strtol(engine_json_string(binding, "HostPort"), NULL, 10));
    }
}

static const char *without_slash(const char *name)
{
    return name[0] == '/' ? name + 1 : name;
}

static void tell(struct inspect_call *inspect, const json_t *body)
{
    const json_t *state = json_object_get(body, "State");
    const json_t *config = json_object_get(body, "Config");
    const json_t *health = json_object_get(state, "Health");
    const char *status = engine_json_string(health, "Status");
    ds_auto_variables struct ds_variables labels = {0};
    engine_json_labels(json_object_get(config, "Labels"), &labels);
    struct port_list ports = {0};
    read_ports(json_object_get(json_object_get(body, "NetworkSettings"), "Ports"), &ports);
    bool has_health = json_is_object(health) && !ds_string_equal(status, "none");
    struct ds_container_state told = {
        .id = engine_json_string(body, "Id"),
        .name = without_slash(engine_json_string(body, "Name")),
        .image = engine_json_string(config, "Image"),
        .running = json_is_true(json_object_get(state, "Running")),
        .oom_killed = json_is_true(json_object_get(state, "OOMKilled")),
        .has_health = has_health,
        .health = has_health && status[0] ? status : NULL,
        .exit_code = (int)json_integer_value(json_object_get(state, "ExitCode")),
        .pid = (pid_t)json_integer_value(json_object_get(state, "Pid")),
        .error = engine_json_string(state, "Error"),
        .stop_signal = engine_json_string(config, "StopSignal"),
        .ports = ports.items,
        .port_count = ports.count,
        .labels = &labels,
    };
    inspect->done(inspect->data, &told, NULL);
    free(ports.items);
}

static void on_answer(struct ds_engine_call *call, const struct ds_http_answer *answer)
{
    struct inspect_call *inspect = (struct inspect_call *)call;
    ds_auto_error struct ds_error error = {0};
    auto_json json_t *body = engine_answer_json(call->engine, answer, inspect->what, &error);
    engine_call_end(call);
    if (body)
        tell(inspect, body);
    else
        inspect->done(inspect->data, NULL, &error);
}

struct ds_engine_call *ds_container_inspect(struct ds_engine *engine, const char *id,
                                            void (*done)(void *data,
                                                         const struct ds_container_state *state,
                                                         const struct ds_error *error),
                                            void *data)
{
    struct inspect_call *inspect = DS_NEW(struct inspect_call);
    inspect->what = ds_printf("inspect container %.12s", id);
    inspect->done = done;
    inspect->data = data;
    ds_auto_free char *path = ds_printf("/containers/%s/json", id);
    engine_call_begin(&inspect->call, engine, release);
    engine_call_send(&inspect->call, &(struct engine_request){
                                         .method = "GET", .path = path, .on_answer = on_answer});
    return &inspect->call;
}
