/*
 * A file that exists while somebody holds its lock.
 *
 * flock(2) on a file that is unlinked when it is let go: whoever gets the lock checks that the path
 * still leads to that file.
 */
#ifndef STACK_LOCK_FILE_H
#define STACK_LOCK_FILE_H

#include <stdbool.h>

enum lock_outcome { LOCK_TAKEN, LOCK_HELD, LOCK_FAILED };

/* Tries once. On LOCK_TAKEN `*ret_fd` is the caller's (close-on-exec); on LOCK_FAILED errno says
 * why. */
enum lock_outcome lock_file_try(const char *path, int *ret_fd);
/* Removes the file and lets go. */
void lock_file_drop(const char *path, int fd);

#endif
