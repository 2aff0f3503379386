/* What containers, volumes and networks have in common: listing by label and removing; and the
 * making of the latter two. */
#include "internal.h"

#define STATUS_NOT_FOUND 404

struct list_call {
    struct ds_engine_call call;
    enum ds_engine_object kind;
    void (*done)(void *data, const struct ds_engine_item *items, size_t count,
                 const struct ds_error *error);
    void *data;
};

static void release(struct ds_engine_call *call)
{
    free(call);
}

static const char *plural(enum ds_engine_object kind)
{
    switch (kind) {
    case DS_ENGINE_CONTAINERS:
        return "containers";
    case DS_ENGINE_VOLUMES:
        return "volumes";
    case DS_ENGINE_NETWORKS:
        return "networks";
    }
    abort();
}

static void read_published_ports(const json_t *ports, struct ds_engine_item *item)
{
    size_t index;
    json_t *port;
    item->host_ports = ds_alloc(json_array_size(ports) * sizeof(*item->host_ports));
    json_array_foreach(ports, index, port)
    {
        json_int_t number = json_integer_value(json_object_get(port, "PublicPort"));
        bool tcp = ds_string_equal(engine_json_string(port, "Type"), "tcp");
        bool known = number <= 0 || number > UINT16_MAX;
        for (size_t i = 0; i < item->host_port_count; i++)
            known = known || item->host_ports[i] == number;
        if (tcp && !known)
            item->host_ports[item->host_port_count++] = (uint16_t)number;
    }
}

static struct ds_engine_item read_item(enum ds_engine_object kind, const json_t *entry)
{
    struct ds_engine_item item = {0};
    const char *name = engine_json_string(entry, "Name");
    if (kind == DS_ENGINE_CONTAINERS) {
        name = json_string_value(json_array_get(json_object_get(entry, "Names"), 0));
        name = name && name[0] == '/' ? name + 1 : name ? name : "";
        item.state = ds_strdup(engine_json_string(entry, "State"));
        read_published_ports(json_object_get(entry, "Ports"), &item);
    }
    item.name = ds_strdup(name);
    item.id = ds_strdup(kind == DS_ENGINE_VOLUMES ? name : engine_json_string(entry, "Id"));
    engine_json_labels(json_object_get(entry, "Labels"), &item.labels);
    return item;
}

static void finish_item(struct ds_engine_item *item)
{
    free(item->id);
    free(item->name);
    free(item->state);
    free(item->host_ports);
    ds_variables_finish(&item->labels);
}

static void tell(const struct list_call *list, const json_t *entries)
{
    size_t count = json_array_size(entries), index;
    struct ds_engine_item *items = ds_alloc(count * sizeof(*items));
    json_t *entry;
    json_array_foreach(entries, index, entry) items[index] = read_item(list->kind, entry);
    list->done(list->data, items, count, NULL);
    for (size_t i = 0; i < count; i++)
        finish_item(&items[i]);
    free(items);
}

static void on_list(struct ds_engine_call *call, const struct ds_http_answer *answer)
{
    struct list_call *list = (struct list_call *)call;
    ds_auto_error struct ds_error error = {0};
    ds_auto_free char *what = ds_printf("list %s", plural(list->kind));
    auto_json json_t *body = engine_answer_json(call->engine, answer, what, &error);
    engine_call_end(call);
    if (body)
        tell(list, list->kind == DS_ENGINE_VOLUMES ? json_object_get(body, "Volumes") : body);
    else
        list->done(list->data, NULL, 0, &error);
}

struct ds_engine_call *ds_engine_list(struct ds_engine *engine, enum ds_engine_object kind,
                                      const char *label,
                                      void (*done)(void *data, const struct ds_engine_item *items,
                                                   size_t count, const struct ds_error *error),
                                      void *data)
{
    struct list_call *list = DS_NEW(struct list_call);
    list->kind = kind;
    list->done = done;
    list->data = data;
    json_t *filters = label ? json_pack("{s:[s]}", "label", label) : json_object();
    ds_auto_free char *encoded = engine_filters(filters);
    ds_auto_free char *path =
        ds_printf("/%s%s?filters=%s%s", plural(kind), kind == DS_ENGINE_CONTAINERS ? "/json" : "",
                  encoded, kind == DS_ENGINE_CONTAINERS ? "&all=1" : "");
    engine_call_begin(&list->call, engine, release);
    engine_call_send(&list->call,
                     &(struct engine_request){.method = "GET", .path = path, .on_answer = on_list});
    return &list->call;
}

struct ds_engine_call *ds_engine_remove(struct ds_engine *engine, enum ds_engine_object kind,
                                        const char *id, ds_engine_done_fn done, void *data)
{
    static const int gone[] = {STATUS_NOT_FOUND, 0};
    if (kind == DS_ENGINE_CONTAINERS)
        return ds_container_remove(engine, id, done, data);
    ds_auto_free char *encoded = ds_percent_encode(id);
    ds_auto_free char *path = ds_printf("/%s/%s", plural(kind), encoded);
    bool volume = kind == DS_ENGINE_VOLUMES;
    return engine_plain_call(engine, &(struct engine_request){.method = "DELETE", .path = path},
                             ds_printf("remove %s %s", volume ? "volume" : "network", id), gone,
                             done, data);
}

static struct ds_engine_call *create_named(struct ds_engine *engine, const char *kind, json_t *body,
                                           const struct ds_variables *labels,
                                           ds_engine_done_fn done, void *data)
{
    json_t *map = json_object();
    for (size_t i = 0; labels && i < labels->count; i++)
        json_object_set_new(map, labels->items[i].name, json_string(labels->items[i].value));
    json_object_set_new(body, "Labels", map);
    char *what = ds_printf("create %s %s", kind, json_string_value(json_object_get(body, "Name")));
    ds_auto_free char *path = ds_printf("/%ss/create", kind);
    return engine_plain_call(engine,
                             &(struct engine_request){.method = "POST", .path = path, .json = body},
                             what, NULL, done, data);
}

struct ds_engine_call *ds_volume_create(struct ds_engine *engine, const char *name,
                                        const struct ds_variables *labels, ds_engine_done_fn done,
                                        void *data)
{
    return create_named(engine, "volume", json_pack("{s:s}", "Name", name), labels, done, data);
}

struct ds_engine_call *ds_network_create(struct ds_engine *engine, const char *name,
                                         const struct ds_variables *labels, ds_engine_done_fn done,
                                         void *data)
{
    /* Without the check the engine makes a second network of the same name. */
    json_t *body = json_pack("{s:s, s:b}", "Name", name, "CheckDuplicate", 1);
    return create_named(engine, "network", body, labels, done, data);
}
