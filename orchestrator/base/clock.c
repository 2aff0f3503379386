/* The system clock, durations and timestamps. */
#include "devstack/base/clock.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "devstack/base/memory.h"

static uint64_t system_monotonic(void *data)
{
    (void)data;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * DS_NS_PER_S + (uint64_t)now.tv_nsec;
}

static int64_t system_wall(void *data)
{
    (void)data;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * (int64_t)DS_NS_PER_S + now.tv_nsec;
}

const struct ds_clock *ds_clock_system(void)
{
    static const struct ds_clock clock = {.monotonic = system_monotonic, .wall = system_wall};
    return &clock;
}

uint64_t ds_clock_monotonic(const struct ds_clock *clock)
{
    return clock->monotonic(clock->data);
}

int64_t ds_clock_wall(const struct ds_clock *clock)
{
    return clock->wall(clock->data);
}

static const struct {
    const char *name;
    double ns;
} units[] = {
    {"ns", 1},   {"us", 1e3},   {"ms", 1e6},    {"s", 1e9},
    {"m", 60e9}, {"h", 3600e9}, {"d", 86400e9}, {"w", 604800e9},
};

static bool unit_factor(const char *name, size_t length, double *ret_ns)
{
    for (size_t i = 0; i < DS_COUNT(units); i++) {
        if (strlen(units[i].name) == length && strncmp(units[i].name, name, length) == 0) {
            *ret_ns = units[i].ns;
            return true;
        }
    }
    return false;
}

bool ds_duration_parse(const char *text, uint64_t *ret_ns, struct ds_error *err)
{
    static const char expected[] =
        "a number with a unit (ns, us, ms, s, m, h, d, w), like 500ms, 5s or 1m30s";
    const char *at = text;
    double total = 0;
    while (*at) {
        if (!isdigit((unsigned char)*at))
            break;
        char *end;
        /* strtod() would also take exponents and hexadecimal: measure the digits first. */
        size_t digits = strspn(at, "0123456789.");
        ds_auto_free char *number = ds_strndup(at, digits);
        double value = strtod(number, &end);
        size_t letters = strspn(at + digits, "abcdefghijklmnopqrstuvwxyz");
        double factor;
        if (*end || !unit_factor(at + digits, letters, &factor))
            break;
        total += value * factor;
        at += digits + letters;
    }
    if (*at || at == text)
        return ds_error_set(err, DS_ERROR_INVALID, "'%s' is not a duration: expected %s", text,
                            expected);
    if (total > 9e18)
        return ds_error_set(err, DS_ERROR_INVALID, "the duration '%s' is too long", text);
    *ret_ns = (uint64_t)(total + 0.5);
    return true;
}

char *ds_duration_format(uint64_t ns)
{
    double seconds = (double)ns / 1e9;
    unsigned long whole = (unsigned long)(seconds + 0.5);
    if (seconds < 9.995)
        return ds_printf("%.2fs", seconds);
    if (seconds < 59.95)
        return ds_printf("%.1fs", seconds);
    if (whole < 3600)
        return ds_printf("%lum%02lus", whole / 60, whole % 60);
    if (whole < 86400)
        return ds_printf("%luh%02lum", whole / 3600, whole / 60 % 60);
    return ds_printf("%lud%02luh", whole / 86400, whole / 3600 % 24);
}

void ds_timestamp_format(int64_t wall_ns, char buffer[DS_TIMESTAMP_SIZE])
{
    time_t seconds = (time_t)(wall_ns / (int64_t)DS_NS_PER_S);
    long fraction = (long)(wall_ns % (int64_t)DS_NS_PER_S);
    if (fraction < 0) {
        fraction += (long)DS_NS_PER_S;
        seconds--;
    }
    struct tm utc;
    gmtime_r(&seconds, &utc);
    size_t length = strftime(buffer, DS_TIMESTAMP_SIZE, "%Y-%m-%dT%H:%M:%S", &utc);
    snprintf(buffer + length, DS_TIMESTAMP_SIZE - length, ".%09ldZ", fraction);
}

/* strptime() alone would take blanks and short numbers. */
static bool has_timestamp_shape(const char *text)
{
    static const char shape[] = "0000-00-00T00:00:00";
    for (size_t i = 0; i < sizeof(shape) - 1; i++)
        if (shape[i] == '0' ? !isdigit((unsigned char)text[i]) : text[i] != shape[i])
            return false;
    return true;
}

bool ds_timestamp_parse(const char *text, int64_t *ret_wall_ns)
{
    struct tm utc = {0};
    const char *at = has_timestamp_shape(text) ? strptime(text, "%Y-%m-%dT%H:%M:%S", &utc) : NULL;
    if (!at)
        return false;
    int64_t fraction = 0;
    if (*at == '.') {
        int64_t scale = (int64_t)DS_NS_PER_S;
        for (at++; isdigit((unsigned char)*at) && scale > 1; at++) {
            scale /= 10;
            fraction += (*at - '0') * scale;
        }
    }
    if (strcmp(at, "Z") != 0)
        return false;
    /* timegm() makes the 1st of March of the 29th of February where there is none. */
    int day = utc.tm_mday;
    int64_t seconds = timegm(&utc);
    int64_t time;
    if (utc.tm_mday != day || __builtin_mul_overflow(seconds, (int64_t)DS_NS_PER_S, &time) ||
        __builtin_add_overflow(time, fraction, &time))
        return false;
    *ret_wall_ns = time;
    return true;
}
