/*
 * A service's life: the queue that all callbacks post to, the one place that drains it, and the
 * wishes of the stack, which are posts too.
 *
 * The queue is drained by a timer that is due at once, so always from the loop and never under
 * anybody's callback; the drain goes on until nothing new was posted.
 */
#include <stdlib.h>

#include "internal.h"

static void post_finish(struct ds_post *post)
{
    ds_reason_clear(&post->reason);
}

static void drain(struct ds_service *service)
{
    service->draining = true;
    while (service->queue.count && !service->closing) {
        struct ds_post *posts = service->queue.items;
        size_t count = service->queue.count;
        service->queue.items = NULL;
        service->queue.count = service->queue.capacity = 0;
        for (size_t i = 0; i < count; i++) {
            if (!service->closing)
                ds_service_handle(service, &posts[i]);
            post_finish(&posts[i]);
        }
        free(posts);
        if (service->dirty && !service->closing) {
            service->dirty = false;
            service->host.changed(service->host.data, service);
        }
    }
    service->draining = false;
}

static void on_drain(uv_timer_t *timer)
{
    drain(timer->data);
}

void ds_service_post(struct ds_service *service, struct ds_post *post)
{
    if (service->closing) {
        post_finish(post);
        return;
    }
    *DS_VEC_PUSH(&service->queue) = *post;
    if (!service->draining)
        uv_timer_start(&service->drain, on_drain, 0, 0);
}

void ds_service_post_event(struct ds_service *service, enum ds_event event, unsigned start)
{
    struct ds_post post = {.kind = DS_POST_EVENT, .event = event, .start = start};
    ds_service_post(service, &post);
}

struct ds_service *ds_service_create(const struct ds_service_host *host,
                                     const struct ds_service_spec *spec)
{
    struct ds_service *service = DS_NEW(struct ds_service);
    service->host = *host;
    service->spec = spec;
    service->rules = (struct ds_machine_rules){.task = spec->kind == DS_KIND_TASK,
                                               .restart = spec->restart,
                                               .backoff_initial = spec->backoff_initial,
                                               .backoff_max = spec->backoff_max};
    service->machine.state = DS_STATE_STOPPED;
    ds_reason_set(&service->status.reason, DS_REASON_NOT_STARTED, "not started");
    uv_timer_init(host->loop, &service->drain);
    uv_timer_init(host->loop, &service->deadline);
    service->drain.data = service->deadline.data = service;
    service->open = 2;
    return service;
}

void ds_service_part_closed(struct ds_service *service)
{
    if (--service->open)
        return;
    void (*on_closed)(void *data) = service->on_closed;
    void *data = service->closed_data;
    for (size_t i = 0; i < service->queue.count; i++)
        post_finish(&service->queue.items[i]);
    free(service->queue.items);
    ds_reason_clear(&service->status.reason);
    free(service->container);
    free(service->last_probe);
    free(service->probe_text);
    free(service);
    if (on_closed)
        on_closed(data);
}

static void on_handle_closed(uv_handle_t *handle)
{
    ds_service_part_closed(handle->data);
}

void ds_service_close(struct ds_service *service, void (*on_closed)(void *data), void *data)
{
    service->closing = true;
    service->on_closed = on_closed;
    service->closed_data = data;
    ds_start_close(ds_steal(service->start));
    uv_close((uv_handle_t *)&service->drain, on_handle_closed);
    uv_close((uv_handle_t *)&service->deadline, on_handle_closed);
}

const struct ds_service_spec *ds_service_spec(const struct ds_service *service)
{
    return service->spec;
}

const struct ds_service_status *ds_service_status(const struct ds_service *service)
{
    return &service->status;
}

void ds_service_start(struct ds_service *service)
{
    ds_service_post_event(service, DS_EVENT_START, 0);
}

void ds_service_stop(struct ds_service *service)
{
    ds_service_post_event(service, DS_EVENT_STOP, 0);
}

void ds_service_kill(struct ds_service *service)
{
    ds_service_post_event(service, DS_EVENT_KILL, 0);
}

void ds_service_restart(struct ds_service *service)
{
    ds_service_post_event(service, DS_EVENT_RESTART, 0);
}

void ds_service_dependencies(struct ds_service *service, bool ready, const struct ds_reason *reason)
{
    if (ready) {
        ds_service_post_event(service, DS_EVENT_RELEASED, 0);
        return;
    }
    struct ds_post post = {.kind = DS_POST_NOTE};
    if (reason)
        ds_reason_copy(&post.reason, reason);
    ds_service_post(service, &post);
}
