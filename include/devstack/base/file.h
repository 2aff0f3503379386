/*
 * Files and folders. Modes are given in full: the umask does not widen or narrow them.
 */
#ifndef DEVSTACK_BASE_FILE_H
#define DEVSTACK_BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "devstack/base/error.h"

/* `base`/`path`, or `path` alone when it is absolute; the caller frees. */
char *ds_path_join(const char *base, const char *path);
/* The last component. Borrowed. */
const char *ds_path_name(const char *path);
/* Everything before the last component ("." when there is none); the caller frees. */
char *ds_path_folder(const char *path);

bool ds_file_exists(const char *path);
bool ds_folder_exists(const char *path);
/* Makes `path` and what is missing above it. */
bool ds_folder_make(const char *path, mode_t mode, struct ds_error *err);
/* Reads a regular file of at most `limit` bytes; `*ret_data` is NUL-terminated (not counted). The
 * caller frees. */
bool ds_file_read(const char *path, size_t limit, char **ret_data, size_t *ret_length,
                  struct ds_error *err);
/* Writes beside the target, syncs, renames over it: readers see the old or the new contents, never
 * a part. */
bool ds_file_write(const char *path, const void *data, size_t length, mode_t mode,
                   struct ds_error *err);
/* Removes a file or a whole folder, never following links. What is not there is no error. */
bool ds_tree_remove(const char *path, struct ds_error *err);
/* Writes all of it to a descriptor, through EINTR and short writes. */
bool ds_fd_write_all(int fd, const void *data, size_t length);
/* The full path of an executable: as it is when it has a slash (relative to `folder`), else the
 * first on `search_path` (a PATH value). NULL when there is none. The caller frees. */
char *ds_find_executable(const char *name, const char *search_path, const char *folder);

#endif
