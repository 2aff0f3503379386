/*
 * Following container events through outages of the engine.
 *
 * Each request asks for events since the moment before it was sent (the engine keeps the last ones
 * in memory), so that nothing is missed between asking and being listened to. What happened while
 * the engine was away is not in there: the subscriber is told to look anew.
 */
#include "internal.h"

#include "json_frames.h"

#define FIRST_PAUSE_MS 50
#define LAST_PAUSE_MS  1000

struct events_call {
    struct ds_engine_call call;
    char *label;
    struct json_frames frames;
    uint64_t pause_ms; /* before the next attempt */
    bool outage;       /* not connected again yet */
    void (*on_event)(void *data, const struct ds_engine_event *event);
    void *data;
};

static void connect_stream(struct ds_engine_call *call);

static void release(struct ds_engine_call *call)
{
    struct events_call *events = (struct events_call *)call;
    json_frames_finish(&events->frames);
    free(events->label);
    free(events);
}

static bool on_object(void *data, const json_t *object)
{
    struct events_call *events = data;
    const json_t *actor = json_object_get(object, "Actor");
    const char *code = engine_json_string(json_object_get(actor, "Attributes"), "exitCode");
    struct ds_engine_event event = {
        .action = engine_json_string(object, "Action"),
        .container = engine_json_string(actor, "ID"),
        .exit_code = code[0] ? (int)strtol(code, NULL, 10) : -1,
    };
    if (event.action[0] && event.container[0])
        events->on_event(events->data, &event);
    return !events->call.ended;
}

/* Tries again after a while. */
static void interrupted(struct events_call *events)
{
    events->outage = true;
    engine_call_after(&events->call, events->pause_ms, connect_stream);
    events->pause_ms = events->pause_ms * 2 < LAST_PAUSE_MS ? events->pause_ms * 2 : LAST_PAUSE_MS;
}

static void on_end(struct ds_engine_call *call, const struct ds_http_answer *answer)
{
    (void)answer; /* however it ended */
    interrupted((struct events_call *)call);
}

static void on_status(struct ds_engine_call *call, int status)
{
    struct events_call *events = (struct events_call *)call;
    if (status >= 300)
        return;
    events->pause_ms = FIRST_PAUSE_MS;
    if (!events->outage)
        return;
    events->outage = false;
    events->on_event(events->data, NULL);
}

static void on_bytes(struct ds_engine_call *call, const char *bytes, size_t length)
{
    struct events_call *events = (struct events_call *)call;
    if (json_frames_feed(&events->frames, bytes, length) != JSON_FRAMES_BROKEN)
        return;
    ds_http_cancel(call->http);
    call->http = NULL;
    interrupted(events);
}

static void connect_stream(struct ds_engine_call *call)
{
    struct events_call *events = (struct events_call *)call;
    json_frames_finish(&events->frames);
    events->frames = (struct json_frames){.on_object = on_object, .data = events};
    json_t *filters = json_pack("{s:[s]}", "type", "container");
    if (events->label)
        json_object_set_new(filters, "label", json_pack("[s]", events->label));
    ds_auto_free char *encoded = engine_filters(filters);
    int64_t now = ds_clock_wall(ds_clock_system());
    ds_auto_free char *path =
        ds_printf("/events?since=%lld.%09lld&filters=%s", (long long)(now / (int64_t)DS_NS_PER_S),
                  (long long)(now % (int64_t)DS_NS_PER_S), encoded);
    engine_call_send(call, &(struct engine_request){.method = "GET",
                                                    .path = path,
                                                    .endless = true,
                                                    .on_answer = on_end,
                                                    .on_status = on_status,
                                                    .on_data = on_bytes});
}

struct ds_engine_call *
ds_engine_events(struct ds_engine *engine, const char *label,
                 void (*on_event)(void *data, const struct ds_engine_event *event), void *data)
{
    struct events_call *events = DS_NEW(struct events_call);
    events->label = ds_strdup(label);
    events->pause_ms = FIRST_PAUSE_MS;
    events->on_event = on_event;
    events->data = data;
    engine_call_begin(&events->call, engine, release);
    connect_stream(&events->call);
    return &events->call;
}
