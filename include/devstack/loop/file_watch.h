/*
 * Watching files and folders for changes, through inotify(7).
 *
 * A folder is watched with all that is below it, new folders as they appear; links below are not
 * followed. What is named need not be there yet, and may go and come again. A file has changed when
 * it is closed after writing, comes or goes, or another one is renamed to its name.
 *
 * Left out below a watched path: `.git`, `node_modules`, editors' temporary files, what the
 * .gitignore files from the repository's root down say (and .git/info/exclude), and the caller's
 * own patterns. What is named as a path itself is watched even when git ignores it.
 */
#ifndef DEVSTACK_LOOP_FILE_WATCH_H
#define DEVSTACK_LOOP_FILE_WATCH_H

#include <stdint.h>
#include <uv.h>

#include "devstack/base/error.h"
#include "devstack/base/text.h"

struct ds_file_watch;

struct ds_file_change {
    const char *path; /* from `base` on, or absolute when it is not below it; borrowed */
    uint64_t time;    /* of the burst's first change, monotonic ns (as uv_hrtime()) */
};

struct ds_file_watch_options {       /* copied */
    const char *base;                /* absolute */
    const struct ds_strings *paths;  /* absolute, without `.`, `..` or a slash at the end */
    const struct ds_strings *ignore; /* lines of a .gitignore file in `base`; or NULL */
    uint64_t debounce;               /* ns; so long nothing more must change, but see below */
    /* Once for each burst of changes, with the first path of it (one that is still there, if any).
     * A burst that does not end is cut after ten times `debounce`, a second at least. Files that
     * came and went within the burst are no change. */
    void (*on_change)(void *data, const struct ds_file_change *change);
    /* Something cannot be watched: the limit on inotify watches is reached (told once; the hint
     * says how to raise it). The rest is watched. May be called from within ds_file_watch_open().
     */
    void (*on_error)(void *data, const struct ds_error *error);
    void *data;
};

/* NULL: inotify cannot be used at all (its limit on instances, mostly). */
struct ds_file_watch *ds_file_watch_open(uv_loop_t *loop,
                                         const struct ds_file_watch_options *options,
                                         struct ds_error *err);
/* From now on changes of this path, as `on_change` gave it, are not told. May be called from
 * `on_change`. */
void ds_file_watch_ignore(struct ds_file_watch *watch, const char *path);
/* No callback but `on_closed` (which may be NULL) comes after it; that one when the memory is
 * gone. May be called from `on_change`. NULL is fine, and then calls `on_closed` at once. */
void ds_file_watch_close(struct ds_file_watch *watch, void (*on_closed)(void *data), void *data);

#endif
