/* Allocation that cannot fail: the one place where running out of memory ends the program. */
#include "devstack/base/memory.h"

#include <stdint.h>
#include <string.h>

static void *checked(void *memory)
{
    if (!memory) {
        static const char message[] = "devstack: out of memory\n";
        (void)!write(STDERR_FILENO, message, sizeof(message) - 1);
        abort();
    }
    return memory;
}

void *ds_alloc(size_t size)
{
    return checked(calloc(1, size ? size : 1));
}

void *ds_realloc_array(void *old, size_t count, size_t size)
{
    if (size && count > SIZE_MAX / size)
        checked(NULL);
    size_t bytes = count * size;
    return checked(realloc(old, bytes > 0 ? bytes : 1));
}

char *ds_strdup(const char *text)
{
    return text ? ds_memdup(text, strlen(text) + 1) : NULL;
}

char *ds_strndup(const char *text, size_t length)
{
    return text ? checked(strndup(text, length)) : NULL;
}

void *ds_memdup(const void *data, size_t length)
{
    void *copy = ds_alloc(length);
    if (length)
        memcpy(copy, data, length);
    return copy;
}

char *ds_vprintf(const char *format, va_list args)
{
    char *text = NULL;
    if (vasprintf(&text, format, args) < 0)
        checked(NULL);
    return text;
}

char *ds_printf(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *text = ds_vprintf(format, args);
    va_end(args);
    return text;
}
