/* What is left out when a tree is watched: the .gitignore files of folders, and rules of our own.
 */
#ifndef LOOP_IGNORE_FILES_H
#define LOOP_IGNORE_FILES_H

#include "ignore_rules.h"

struct ignore_file {
    char *folder;
    struct ignore_rules rules;
};

struct ignore_files {          /* starts zeroed */
    struct ignore_file *items; /* longer paths first, so a folder's stand before those above it */
    size_t count, capacity;
    struct ignore_rules own; /* told by the user, from `base` on */
    char *base;
};

/* `lines` may be NULL. */
void ignore_files_init(struct ignore_files *files, const char *base,
                       const struct ds_strings *lines);
void ignore_files_finish(struct ignore_files *files);
/* Reads a folder's .gitignore, again if it was read before. */
void ignore_files_read(struct ignore_files *files, const char *folder);
/* Reads those of `folder` and above it, up to the root of its repository, and what the repository
 * excludes besides; nothing when there is no repository. */
void ignore_files_read_above(struct ignore_files *files, const char *folder);
/* Is `path`, which is below `root`, left out, by itself or with a folder it is in? What `root`
 * itself is does not matter. */
bool ignore_files_leave_out(const struct ignore_files *files, const char *root, const char *path,
                            bool is_folder);
/* What follows `folder`/ in `path`, or NULL when it is not below it. */
const char *path_below(const char *folder, const char *path);

#endif
