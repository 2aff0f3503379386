/*
 * A tar archive of one file, in memory, in the ustar format (POSIX.1-2017, pax, "ustar Interchange
 * Format").
 */
#ifndef DEVSTACK_DOCKER_ARCHIVE_H
#define DEVSTACK_DOCKER_ARCHIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "devstack/base/error.h"
#include "devstack/base/text.h"

struct archive_file {
    const void *contents;
    size_t length;
    unsigned uid, gid;
    mode_t mode;
};

/* Appends entries for the folders above `path` (root's, 0755), the file itself and the end mark to
 * `archive`. `path` is relative, without empty components. Fails when a name is too long for the
 * format or an id or size too large. */
bool archive_write(struct ds_text *archive, const char *path, const struct archive_file *file,
                   struct ds_error *err);

#endif
