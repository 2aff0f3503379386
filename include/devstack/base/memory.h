/*
 * Allocation and ownership helpers.
 *
 * Memory exhaustion aborts here and nowhere else, so no caller checks for NULL. Everything is
 * released with free(). The cleanup attributes release a local when it goes out of scope;
 * ds_steal() hands it on instead. Never put one on something that owns a libuv handle: those
 * are closed asynchronously.
 */
#ifndef DEVSTACK_BASE_MEMORY_H
#define DEVSTACK_BASE_MEMORY_H

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Zeroed memory of `size` bytes (at least one). */
void *ds_alloc(size_t size);
/* realloc() of an array of `count` items of `size` bytes, checked for overflow. Not zeroed. */
void *ds_realloc_array(void *old, size_t count, size_t size);
/* Copies; NULL gives NULL. The caller frees. */
char *ds_strdup(const char *text);
char *ds_strndup(const char *text, size_t length);
void *ds_memdup(const void *data, size_t length);
/* printf into fresh memory that the caller frees. */
char *ds_printf(const char *format, ...) __attribute__((format(printf, 1, 2)));
char *ds_vprintf(const char *format, va_list args) __attribute__((format(printf, 1, 0)));

#define DS_NEW(type) ((type *)ds_alloc(sizeof(type)))

/* Hands a pointer out of a cleanup variable. */
#define ds_steal(pointer)                                                                          \
    __extension__({                                                                                \
        __typeof__(pointer) stolen_ = (pointer);                                                   \
        (pointer) = NULL;                                                                          \
        stolen_;                                                                                   \
    })

static inline int ds_steal_fd(int *fd)
{
    int stolen = *fd;
    *fd = -1;
    return stolen;
}

static inline void ds_cleanup_free(void *pointer)
{
    free(*(void **)pointer);
}

static inline void ds_cleanup_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

static inline void ds_cleanup_file(FILE **file)
{
    if (*file)
        fclose(*file);
}

#define ds_auto_free __attribute__((cleanup(ds_cleanup_free)))
#define ds_auto_fd   __attribute__((cleanup(ds_cleanup_fd)))
#define ds_auto_file __attribute__((cleanup(ds_cleanup_file)))

/*
 * Growable arrays: any struct with `items`, `count` and `capacity` can be pushed to.
 *   struct { struct thing *items; size_t count, capacity; } things = {0};
 *   *DS_VEC_PUSH(&things) = (struct thing){...};
 * The new slot is not initialised. The owner frees `items`.
 */
#define DS_VEC(type)                                                                               \
    struct {                                                                                       \
        type *items;                                                                               \
        size_t count;                                                                              \
        size_t capacity;                                                                           \
    }

#define DS_VEC_PUSH(vec)                                                                           \
    __extension__({                                                                                \
        if ((vec)->count == (vec)->capacity) {                                                     \
            (vec)->capacity = (vec)->capacity ? (vec)->capacity * 2 : 8;                           \
            (vec)->items = ds_realloc_array((vec)->items, (vec)->capacity, sizeof(*(vec)->items)); \
        }                                                                                          \
        &(vec)->items[(vec)->count++];                                                             \
    })

#define DS_COUNT(array) (sizeof(array) / sizeof((array)[0]))

#endif
