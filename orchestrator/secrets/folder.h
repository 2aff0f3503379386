/*
 * The private folder of a stack's secrets, <data folder>/secrets/<stack>: values (`<name>`), marks
 * that a value is in the keyring (`.keyring-<name>`, empty) and the lock (`.lock`).
 *
 * Folders are made 0700; one that another user owns or may write to is refused, since whoever may
 * write there could put another file in a secret's place.
 */
#ifndef SECRETS_FOLDER_H
#define SECRETS_FOLDER_H

#include <stdbool.h>
#include <stdint.h>

#include "devstack/base/error.h"
#include "devstack/base/secret.h"

/* The caller frees. */
char *secret_file_path(const char *data_folder, const char *stack, const char *name);

/* May it be a file's name? No '/', no '.' in front, not empty. */
bool secret_name_check(const char *name, struct ds_error *err);
/* Makes what is missing; checks owner and mode of what is there. */
bool secret_folder_make(const char *data_folder, const char *stack, struct ds_error *err);

/* `*ret_value` is NULL when there is no such file. Refuses links, files of others, and files that
 * others can read. */
bool secret_file_read(const char *data_folder, const char *stack, const char *name,
                      struct ds_secret **ret_value, int64_t *ret_stored_at, struct ds_error *err);

/* The marks: best effort to write, since they only make a later error better. */
bool secret_mark_exists(const char *data_folder, const char *stack, const char *name);
void secret_mark_write(const char *data_folder, const char *stack, const char *name);

/* Tries to take the stack's lock: -2 when another holds it, -1 with `err` set, else a descriptor
 * for secret_folder_unlock(). */
int secret_folder_try_lock(const char *data_folder, const char *stack, struct ds_error *err);
void secret_folder_unlock(const char *data_folder, const char *stack, int fd);

#endif
