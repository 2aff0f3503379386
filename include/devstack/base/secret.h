/*
 * A value that must not leak: kept in locked memory, wiped on release, never formatted.
 *
 * Reference-counted, so that it is copied nowhere. The bytes are NUL-terminated for C APIs; the
 * length does not count the NUL.
 */
#ifndef DEVSTACK_BASE_SECRET_H
#define DEVSTACK_BASE_SECRET_H

#include <stdbool.h>
#include <stddef.h>

struct ds_secret;

/* Copies `length` bytes in. The caller wipes its own copy (ds_wipe()). */
struct ds_secret *ds_secret_create(const void *data, size_t length);
struct ds_secret *ds_secret_ref(struct ds_secret *secret);
void ds_secret_unref(struct ds_secret *secret); /* NULL is fine */
const char *ds_secret_bytes(const struct ds_secret *secret);
size_t ds_secret_length(const struct ds_secret *secret);

/* A random password of `length` characters from [A-Za-z0-9], from the kernel's generator. */
struct ds_secret *ds_secret_generate(size_t length);

void ds_wipe(void *data, size_t length);
/* Fills `data` from getrandom(2). */
void ds_random_bytes(void *data, size_t length);
/* `bytes` random bytes as lower-case hex; the caller frees. */
char *ds_random_hex(size_t bytes);

static inline void ds_cleanup_secret(struct ds_secret **secret)
{
    ds_secret_unref(*secret);
}
#define ds_auto_secret __attribute__((cleanup(ds_cleanup_secret)))

#endif
