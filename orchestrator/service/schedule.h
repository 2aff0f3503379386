/*
 * When the next probe is due, and what the answers so far mean. Pure: the caller has the clock.
 *
 * Until the first success the next probe comes after a twenty-fifth of the time waited so far (2 ms
 * at least, 250 ms at most) and failures don't count. Then one comes every interval, and `retries`
 * failures in a row mean that it is sick; a success heals it.
 */
#ifndef DEVSTACK_ORCHESTRATOR_SERVICE_SCHEDULE_H
#define DEVSTACK_ORCHESTRATOR_SERVICE_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

struct ds_schedule {
    uint64_t started;  /* monotonic ns at which the wait began */
    uint64_t interval; /* ns */
    unsigned retries;
    bool passed; /* once */
    bool sick;
    unsigned failures; /* in a row, since it passed */
};

enum ds_verdict {
    DS_VERDICT_SAME,
    DS_VERDICT_READY, /* the first success, or the first after it was sick */
    DS_VERDICT_SICK,
};

void ds_schedule_init(struct ds_schedule *schedule, uint64_t now, uint64_t interval,
                      unsigned retries);
enum ds_verdict ds_schedule_answer(struct ds_schedule *schedule, bool passed);
/* Ns from `now` to the next probe. Past the first success probes fall on whole ticks of a second,
 * so that those of all services come together. */
uint64_t ds_schedule_delay(const struct ds_schedule *schedule, uint64_t now);

#endif
