/*
 * Who listens, for all services together: one inet_diag dump a tick serves every TCP probe that is
 * due.
 */
#ifndef DEVSTACK_SERVICE_LISTENER_WATCH_H
#define DEVSTACK_SERVICE_LISTENER_WATCH_H

#include <uv.h>

struct ds_listener_watch;

struct ds_listener_watch *ds_listener_watch_create(uv_loop_t *loop);
void ds_listener_watch_close(struct ds_listener_watch *watch, void (*on_closed)(void *data),
                             void *data);

#endif
