/*
 * Probes one start of a service in the rhythm of schedule.h, each look with a timeout.
 */
#ifndef DEVSTACK_ORCHESTRATOR_SERVICE_PROBER_H
#define DEVSTACK_ORCHESTRATOR_SERVICE_PROBER_H

#include "probe.h"
#include "schedule.h"

struct ds_prober;

/* After every look, never from inside create(): what it means, what the probe said, how many ns it
 * took. */
typedef void (*ds_prober_fn)(void *data, enum ds_verdict verdict,
                             const struct ds_probe_answer *answer, uint64_t took);

/* NULL: there is no health to know. */
struct ds_prober *ds_prober_create(struct ds_runner *runner, ds_prober_fn on_answer, void *data);
/* No answer follows and the runner is not touched any more; `on_closed` comes from the loop. */
void ds_prober_close(struct ds_prober *prober, void (*on_closed)(void *data), void *data);

#endif
