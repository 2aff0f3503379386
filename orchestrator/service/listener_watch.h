/* The room's side of the listener watch. */
#ifndef DEVSTACK_ORCHESTRATOR_SERVICE_LISTENER_WATCH_H
#define DEVSTACK_ORCHESTRATOR_SERVICE_LISTENER_WATCH_H

#include "devstack/base/error.h"
#include "devstack/loop/listeners.h"
#include "devstack/service/listener_watch.h"

/* Who listens now, or did earlier in this turn of the loop. Borrowed until the turn is over. */
bool ds_listener_watch_dump(struct ds_listener_watch *watch,
                            const struct ds_listeners **ret_listeners, struct ds_error *err);

#endif
