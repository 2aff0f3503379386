/* A dump is good for one turn of the loop: the check handle, which runs after the loop has polled,
 * spoils it and goes to sleep until the next dump. */
#include "listener_watch.h"

#include <stdlib.h>

#include "devstack/base/memory.h"

struct ds_listener_watch {
    uv_check_t check;
    struct ds_listeners listeners;
    bool fresh;
    void (*on_closed)(void *data);
    void *closed_data;
};

static void on_check(uv_check_t *check)
{
    struct ds_listener_watch *watch = check->data;
    watch->fresh = false;
    uv_check_stop(check);
}

struct ds_listener_watch *ds_listener_watch_create(uv_loop_t *loop)
{
    struct ds_listener_watch *watch = DS_NEW(struct ds_listener_watch);
    uv_check_init(loop, &watch->check);
    uv_unref((uv_handle_t *)&watch->check);
    watch->check.data = watch;
    return watch;
}

bool ds_listener_watch_dump(struct ds_listener_watch *watch,
                            const struct ds_listeners **ret_listeners, struct ds_error *err)
{
    if (!watch->fresh) {
        if (!ds_listeners_dump(&watch->listeners, err))
            return false;
        watch->fresh = true;
        uv_check_start(&watch->check, on_check);
    }
    *ret_listeners = &watch->listeners;
    return true;
}

static void on_check_closed(uv_handle_t *handle)
{
    struct ds_listener_watch *watch = handle->data;
    void (*on_closed)(void *data) = watch->on_closed;
    void *data = watch->closed_data;
    ds_listeners_finish(&watch->listeners);
    free(watch);
    if (on_closed)
        on_closed(data);
}

void ds_listener_watch_close(struct ds_listener_watch *watch, void (*on_closed)(void *data),
                             void *data)
{
    watch->on_closed = on_closed;
    watch->closed_data = data;
    uv_close((uv_handle_t *)&watch->check, on_check_closed);
}
