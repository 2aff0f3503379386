/*
 * From inotify's events to changes that are worth telling.
 *
 * A file is watched through its folder, since a save by rename puts another file in its place. Each
 * root (a path that was asked for) is watched through the nearest folder above it that exists, so
 * that it may come and go; what an event means follows from its path alone: a root or below one, or
 * a folder on the way to one.
 */
#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>

#include "devstack/base/clock.h"
#include "devstack/base/file.h"
#include "file_watch_internal.h"

const char *watch_shown(const struct ds_file_watch *watch, const char *path)
{
    const char *below = path_below(watch->base, path);
    return below ? below : path;
}

/* ---- bursts ---- */

static void on_quiet(uv_timer_t *timer)
{
    struct ds_file_watch *watch = timer->data;
    uint64_t begun = watch->burst.begun;
    ds_auto_free char *path = burst_take(&watch->burst);
    if (!path)
        return;
    const struct ds_file_change change = {.path = watch_shown(watch, path), .time = begun};
    watch->on_change(watch->data, &change);
}

static void note_change(struct ds_file_watch *watch, const char *path)
{
    if (ds_strings_contain(&watch->hushed, path))
        return;
    uint64_t now = uv_hrtime();
    burst_note_changed(&watch->burst, path, now);
    uint64_t longest = watch->debounce * 10 > DS_NS_PER_S ? watch->debounce * 10 : DS_NS_PER_S;
    uint64_t spent = now - watch->burst.begun;
    uint64_t left = spent < longest ? longest - spent : 0;
    uint64_t wait = left < watch->debounce ? left : watch->debounce;
    uv_update_time(watch->poll.loop); /* reading a large tree may have taken its time */
    uv_timer_start(&watch->quiet, on_quiet, (wait + DS_NS_PER_MS - 1) / DS_NS_PER_MS, 0);
}

/* ---- the tree ---- */

static bool is_root(const struct ds_file_watch *watch, const char *path)
{
    return ds_strings_contain(&watch->roots, path);
}

static bool is_above_root(const struct ds_file_watch *watch, const char *path)
{
    for (size_t i = 0; i < watch->roots.count; i++)
        if (path_below(path, watch->roots.items[i]))
            return true;
    return false;
}

/* A root, or below one and not left out. */
static bool matters(const struct ds_file_watch *watch, const char *path, bool is_folder)
{
    for (size_t i = 0; i < watch->roots.count; i++) {
        const char *root = watch->roots.items[i];
        if (strcmp(root, path) == 0 ||
            (path_below(root, path) &&
             !ignore_files_leave_out(&watch->ignore, root, path, is_folder)))
            return true;
    }
    return false;
}

static bool is_folder_entry(const char *path, const struct dirent *entry)
{
    struct stat status;
    if (entry->d_type != DT_UNKNOWN)
        return entry->d_type == DT_DIR;
    return lstat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

/* Watches a folder and all below it that matters. It is watched before it is read, so nothing is
 * missed in between. `tell`: the files in it are news. */
static void watch_tree(struct ds_file_watch *watch, const char *path, bool tell)
{
    if (!watch_folder(watch, path))
        return;
    ignore_files_read(&watch->ignore, path);
    DIR *folder = opendir(path);
    const struct dirent *entry;
    while (folder && (entry = readdir(folder))) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        ds_auto_free char *below = ds_path_join(path, entry->d_name);
        bool is_folder = is_folder_entry(below, entry);
        if (!matters(watch, below, is_folder))
            continue;
        if (is_folder)
            watch_tree(watch, below, tell);
        else if (tell)
            note_change(watch, below);
    }
    if (folder)
        closedir(folder);
}

/* The nearest folder above that is there; the caller frees. */
static char *nearest_above(const char *path)
{
    char *above = ds_path_folder(path);
    while (!ds_folder_exists(above) && strcmp(above, "/") != 0) {
        char *next = ds_path_folder(above);
        free(above);
        above = next;
    }
    return above;
}

static void watch_root(struct ds_file_watch *watch, const char *root, bool tell)
{
    ds_auto_free char *above = nearest_above(root);
    for (;;) {
        watch_folder(watch, above);
        /* More of the way may have come before the watch was there. */
        char *now = nearest_above(root);
        bool same = strcmp(now, above) == 0;
        free(above);
        above = now;
        if (same)
            break;
    }
    ignore_files_read_above(&watch->ignore, above);
    if (ds_folder_exists(root))
        watch_tree(watch, root, tell);
    else if (tell && ds_file_exists(root))
        note_change(watch, root);
}

/* Those at `path` or below it; NULL: all. */
static void watch_roots(struct ds_file_watch *watch, const char *path, bool tell)
{
    for (size_t i = 0; i < watch->roots.count; i++) {
        const char *root = watch->roots.items[i];
        if (!path || strcmp(path, root) == 0 || path_below(path, root))
            watch_root(watch, root, tell);
    }
}

/* ---- events ---- */

/* A file that is complete as soon as it is there: a link. Others are closed after writing. */
static bool comes_whole(const char *path)
{
    struct stat status;
    return lstat(path, &status) == 0 && (S_ISLNK(status.st_mode) || status.st_nlink > 1);
}

static void on_file(struct ds_file_watch *watch, const char *path, uint32_t mask)
{
    if (strcmp(ds_path_name(path), ".gitignore") == 0) {
        ds_auto_free char *folder = ds_path_folder(path);
        ignore_files_read(&watch->ignore, folder);
        watch_roots(watch, NULL, false); /* what was left out may count now */
    } else if (!matters(watch, path, false)) {
        return;
    } else if ((mask & IN_CREATE) && !comes_whole(path)) {
        burst_note_created(&watch->burst, path);
    } else {
        note_change(watch, path);
    }
}

static void on_folder(struct ds_file_watch *watch, const char *path, uint32_t mask)
{
    bool came = (mask & (IN_CREATE | IN_MOVED_TO)) != 0;
    bool on_the_way = is_above_root(watch, path);
    bool counts = matters(watch, path, true);
    if (mask & IN_MOVED_FROM)
        unwatch_below(watch, path); /* its watches go with it, under another name */
    if (came && (on_the_way || is_root(watch, path)))
        watch_roots(watch, path, true);
    else if (came && counts)
        watch_tree(watch, path, true);
    else if ((mask & IN_MOVED_FROM) && (on_the_way || counts)) {
        note_change(watch, path);
        watch_roots(watch, path, true);
    }
}

static void on_event(struct ds_file_watch *watch, const struct inotify_event *event)
{
    if (event->mask & IN_Q_OVERFLOW) {
        watch_roots(watch, NULL, true);
        return;
    }
    if (event->mask & IN_IGNORED) {
        ds_auto_free char *gone = watched_folder_drop(watch, event->wd);
        if (gone && (is_root(watch, gone) || is_above_root(watch, gone)))
            watch_roots(watch, gone, true);
        return;
    }
    const char *folder = watched_folder_path(watch, event->wd);
    if (!folder || event->len == 0)
        return;
    ds_auto_free char *path = ds_path_join(folder, event->name);
    if (event->mask & IN_ISDIR)
        on_folder(watch, path, event->mask);
    else
        on_file(watch, path, event->mask);
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
    struct ds_file_watch *watch = poll->data;
    (void)status;
    (void)events;
    char buffer[16384] __attribute__((aligned(__alignof__(struct inotify_event))));
    for (;;) {
        ssize_t length = read(watch->fd, buffer, sizeof(buffer));
        if (length < 0 && errno == EINTR)
            continue;
        if (length <= 0)
            return;
        for (char *at = buffer; at < buffer + length;) {
            const struct inotify_event *event = (const void *)at;
            on_event(watch, event);
            at += sizeof(*event) + event->len;
        }
    }
}

/* ---- life ---- */

struct ds_file_watch *ds_file_watch_open(uv_loop_t *loop,
                                         const struct ds_file_watch_options *options,
                                         struct ds_error *err)
{
    int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (fd < 0) {
        bool limit = errno == EMFILE;
        ds_error_set_errno(err, DS_ERROR_FAILED, errno, "files cannot be watched");
        if (limit)
            ds_error_hint(err, "sudo sysctl fs.inotify.max_user_instances=1024");
        return NULL;
    }
    struct ds_file_watch *watch = DS_NEW(struct ds_file_watch);
    watch->fd = fd;
    watch->base = ds_strdup(options->base);
    watch->debounce = options->debounce;
    watch->on_change = options->on_change;
    watch->on_error = options->on_error;
    watch->data = options->data;
    ds_strings_copy(&watch->roots, options->paths);
    ignore_files_init(&watch->ignore, options->base, options->ignore);
    uv_poll_init(loop, &watch->poll, fd);
    uv_timer_init(loop, &watch->quiet);
    watch->poll.data = watch->quiet.data = watch;
    watch->open_handles = 2;
    uv_poll_start(&watch->poll, UV_READABLE, on_readable);
    watch_roots(watch, NULL, false);
    return watch;
}

void ds_file_watch_ignore(struct ds_file_watch *watch, const char *path)
{
    ds_strings_take(&watch->hushed, ds_path_join(watch->base, path));
}

static void on_handle_closed(uv_handle_t *handle)
{
    struct ds_file_watch *watch = handle->data;
    if (--watch->open_handles)
        return;
    void (*on_closed)(void *) = watch->on_closed;
    void *data = watch->closed_data;
    for (size_t i = 0; i < watch->folders.count; i++)
        free(watch->folders.items[i].path);
    free(watch->folders.items);
    burst_finish(&watch->burst);
    ignore_files_finish(&watch->ignore);
    ds_strings_finish(&watch->roots);
    ds_strings_finish(&watch->hushed);
    free(watch->base);
    free(watch);
    if (on_closed)
        on_closed(data);
}

void ds_file_watch_close(struct ds_file_watch *watch, void (*on_closed)(void *data), void *data)
{
    if (!watch) {
        if (on_closed)
            on_closed(data);
        return;
    }
    watch->on_closed = on_closed;
    watch->closed_data = data;
    uv_close((uv_handle_t *)&watch->poll, on_handle_closed);
    uv_close((uv_handle_t *)&watch->quiet, on_handle_closed);
    close(watch->fd); /* the poll handle is stopped, so nothing reads from it any more */
}
