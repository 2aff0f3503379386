/* The rhythm of probes. */
#include "schedule.h"

#include "devstack/base/clock.h"

#define WAIT_DIVISOR 25
#define SHORTEST     (2 * DS_NS_PER_MS)
#define LONGEST      (250 * DS_NS_PER_MS)
#define TICK         DS_NS_PER_S

void ds_schedule_init(struct ds_schedule *schedule, uint64_t now, uint64_t interval,
                      unsigned retries)
{
    *schedule = (struct ds_schedule){
        .started = now, .interval = interval, .retries = retries ? retries : 1};
}

enum ds_verdict ds_schedule_answer(struct ds_schedule *schedule, bool passed)
{
    if (passed) {
        bool news = !schedule->passed || schedule->sick;
        schedule->passed = true;
        schedule->sick = false;
        schedule->failures = 0;
        return news ? DS_VERDICT_READY : DS_VERDICT_SAME;
    }
    if (!schedule->passed || schedule->sick)
        return DS_VERDICT_SAME;
    if (++schedule->failures < schedule->retries)
        return DS_VERDICT_SAME;
    schedule->sick = true;
    return DS_VERDICT_SICK;
}

uint64_t ds_schedule_delay(const struct ds_schedule *schedule, uint64_t now)
{
    if (!schedule->passed) {
        uint64_t delay = (now - schedule->started) / WAIT_DIVISOR;
        if (delay < SHORTEST)
            return SHORTEST;
        return delay < LONGEST ? delay : LONGEST;
    }
    /* Rounding down shortens by less than a tick: only where that is no great part of it. */
    if (schedule->interval < 3 * TICK)
        return schedule->interval;
    return (now + schedule->interval) / TICK * TICK - now;
}
