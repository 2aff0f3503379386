/* The parts of a file watch: folders below inotify (file_watch_folders.c), meaning (file_watch.c).
 */
#ifndef LOOP_FILE_WATCH_INTERNAL_H
#define LOOP_FILE_WATCH_INTERNAL_H

#include "change_burst.h"
#include "devstack/base/memory.h"
#include "devstack/loop/file_watch.h"
#include "ignore_files.h"

struct watched_folder {
    int descriptor; /* inotify's */
    char *path;
};

struct ds_file_watch {
    int fd;
    uv_poll_t poll;
    uv_timer_t quiet; /* due when the burst is over */
    char *base;
    struct ds_strings roots; /* the paths that were asked for */
    struct ds_strings hushed;
    uint64_t debounce;
    struct ignore_files ignore;
    struct change_burst burst;
    DS_VEC(struct watched_folder) folders; /* by descriptor */
    bool told;                             /* that not everything can be watched */
    unsigned open_handles;
    void (*on_change)(void *data, const struct ds_file_change *change);
    void (*on_error)(void *data, const struct ds_error *error);
    void (*on_closed)(void *data);
    void *data, *closed_data;
};

/* Watches a folder, with the names in it but not what is below. False when that cannot be: it is
 * gone, is no folder or may not be read, or the limit is reached, which is told. */
bool watch_folder(struct ds_file_watch *watch, const char *path);
/* Ends the watch on a folder and all below it. */
void unwatch_below(struct ds_file_watch *watch, const char *path);
/* The kernel has ended this one. Gives its path, which the caller frees, or NULL. */
char *watched_folder_drop(struct ds_file_watch *watch, int descriptor);
const char *watched_folder_path(const struct ds_file_watch *watch, int descriptor);
/* Relative to the base, or as it is. */
const char *watch_shown(const struct ds_file_watch *watch, const char *path);

#endif
