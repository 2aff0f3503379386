/*
 * What the tests of this room share: a clock that is moved by hand, a folder that goes away,
 * reproducible random numbers, and a reader of CRI log files.
 */
#ifndef TESTS_UNIT_LOGS_SUPPORT_H
#define TESTS_UNIT_LOGS_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "devstack/base/clock.h"
#include "devstack/base/file.h"
#include "devstack/base/memory.h"
#include "devstack/base/text.h"

#define START_TIME INT64_C(1767225600123456789) /* 2026-01-01T00:00:00.123456789Z */
#define START_TEXT "2026-01-01T00:00:00.123456789Z"

struct test_clock {
    struct ds_clock clock;
    uint64_t monotonic;
    int64_t wall;
};

static inline uint64_t test_monotonic(void *data)
{
    return ((struct test_clock *)data)->monotonic;
}

static inline int64_t test_wall(void *data)
{
    return ((struct test_clock *)data)->wall;
}

static inline void test_clock_init(struct test_clock *clock)
{
    *clock = (struct test_clock){
        .clock = {.monotonic = test_monotonic, .wall = test_wall, .data = clock},
        .monotonic = DS_NS_PER_S,
        .wall = START_TIME};
}

static inline char *test_folder_make(void)
{
    const char *base = getenv("TMPDIR");
    char *path = ds_printf("%s/devstack-logs-XXXXXX", base && *base ? base : "/tmp");
    assert_non_null(mkdtemp(path));
    return path;
}

static inline void test_folder_remove(char *path)
{
    assert_true(ds_tree_remove(path, NULL));
    free(path);
}

/* xorshift64*: the same numbers in every run. */
static inline uint64_t test_random(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * UINT64_C(2685821657736338717);
}

static inline size_t test_random_below(uint64_t *state, size_t limit)
{
    return (size_t)(test_random(state) % limit);
}

/* NULL when there is no such file. */
static inline char *test_read(const char *path, size_t *ret_length)
{
    char *data = NULL;
    size_t length = 0;
    (void)ds_file_read(path, (size_t)1 << 30, &data, &length, NULL);
    if (ret_length)
        *ret_length = length;
    return data;
}

/* Appends the text of one stream's entries, with a newline where a line ends. */
static inline void test_unframe(const char *data, size_t length, const char *stream,
                                struct ds_text *out)
{
    const char *end = data + length;
    while (data < end) {
        const char *newline = memchr(data, '\n', (size_t)(end - data));
        assert_non_null(newline);
        assert_true(newline - data >= 40);
        const char *tag = data + 38, *text = data + 40;
        assert_true(data[30] == ' ' && data[37] == ' ' && data[39] == ' ');
        assert_true(*tag == 'P' || *tag == 'F');
        if (strncmp(data + 31, stream, 6) == 0) {
            ds_text_append_bytes(out, text, (size_t)(newline - text));
            if (*tag == 'F')
                ds_text_append_char(out, '\n');
        }
        data = newline + 1;
    }
}

/* The same for a service's rotated files and its live one, oldest first. */
static inline void test_unframe_files(const char *path, unsigned segments, const char *stream,
                                      struct ds_text *out)
{
    for (unsigned i = segments; i-- > 0;) {
        ds_auto_free char *name = i ? ds_printf("%s.%u", path, i) : ds_strdup(path);
        size_t length;
        ds_auto_free char *data = test_read(name, &length);
        if (data)
            test_unframe(data, length, stream, out);
    }
}

static inline void test_assert_text(const struct ds_text *text, const char *expected, size_t length)
{
    assert_int_equal(text->length, length);
    assert_memory_equal(ds_text_string(text), expected, length);
}

#endif
