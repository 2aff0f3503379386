/* Services that are restarted when their files change: `watch:`. */
#ifndef STACK_WATCHES_H
#define STACK_WATCHES_H

#include "stack_run.h"

struct watches;

/* Begins to watch for every enabled service that has `watch`. What cannot be watched is said in the
 * service's log. `stack` is borrowed until the close. */
struct watches *watches_open(struct ds_stack *stack);
/* `on_closed` comes from the loop, or at once when `watches` is NULL or holds none. */
void watches_close(struct watches *watches, void (*on_closed)(void *data), void *data);

#endif
