/*
 * Time. A clock is passed in, so that tests can move it by hand.
 * Monotonic times and durations are nanoseconds in uint64_t; wall-clock times are nanoseconds
 * since 1970-01-01 UTC in int64_t.
 */
#ifndef DEVSTACK_BASE_CLOCK_H
#define DEVSTACK_BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "devstack/base/error.h"

#define DS_NS_PER_US UINT64_C(1000)
#define DS_NS_PER_MS UINT64_C(1000000)
#define DS_NS_PER_S  UINT64_C(1000000000)

struct ds_clock {
    uint64_t (*monotonic)(void *data);
    int64_t (*wall)(void *data);
    void *data;
};

/* The system's clock: CLOCK_MONOTONIC and CLOCK_REALTIME. Static, never freed. */
const struct ds_clock *ds_clock_system(void);
uint64_t ds_clock_monotonic(const struct ds_clock *clock);
int64_t ds_clock_wall(const struct ds_clock *clock);

/* A duration as in Compose: "1m30s", "250ms", "1.5s", "90d", also d for days and w for weeks; a
 * bare number is refused. Units: ns us ms s m h d w. */
bool ds_duration_parse(const char *text, uint64_t *ret_ns, struct ds_error *err);
/* "0.41s", "12.3s", "2m05s", "3h12m", "4d02h"; the caller frees. */
char *ds_duration_format(uint64_t ns);
/* RFC 3339 in UTC with nanoseconds: 2026-01-31T12:00:00.123456789Z; `buffer` takes 31 bytes. */
#define DS_TIMESTAMP_SIZE 31
void ds_timestamp_format(int64_t wall_ns, char buffer[DS_TIMESTAMP_SIZE]);
/* The inverse, for exactly that shape with any fraction of 0 to 9 digits. */
bool ds_timestamp_parse(const char *text, int64_t *ret_wall_ns);

#endif
