/* Which inotify descriptor is which folder. Descriptors grow, so sorting them costs nothing. */
#include <errno.h>
#include <string.h>
#include <sys/inotify.h>

#include "file_watch_internal.h"

#define EVENTS (IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ONLYDIR)

/* Where that descriptor is, or has to be put in. */
static size_t place_of(const struct ds_file_watch *watch, int descriptor)
{
    size_t low = 0, high = watch->folders.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (watch->folders.items[middle].descriptor < descriptor)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct watched_folder *find(const struct ds_file_watch *watch, int descriptor)
{
    size_t place = place_of(watch, descriptor);
    bool found =
        place < watch->folders.count && watch->folders.items[place].descriptor == descriptor;
    return found ? &watch->folders.items[place] : NULL;
}

const char *watched_folder_path(const struct ds_file_watch *watch, int descriptor)
{
    const struct watched_folder *folder = find(watch, descriptor);
    return folder ? folder->path : NULL;
}

static void tell_limit(struct ds_file_watch *watch, const char *path)
{
    if (watch->told)
        return;
    watch->told = true;
    ds_auto_error struct ds_error err = {0};
    ds_error_set(&err, DS_ERROR_FAILED,
                 "the limit on inotify watches is reached at %s: changes there, and maybe "
                 "elsewhere, are not seen",
                 watch_shown(watch, path));
    ds_error_hint(&err, "sudo sysctl fs.inotify.max_user_watches=524288");
    watch->on_error(watch->data, &err);
}

bool watch_folder(struct ds_file_watch *watch, const char *path)
{
    int descriptor = inotify_add_watch(watch->fd, path, EVENTS);
    if (descriptor < 0) {
        if (errno == ENOSPC)
            tell_limit(watch, path);
        return false;
    }
    struct watched_folder *known = find(watch, descriptor);
    if (known) {
        char *old = known->path;
        known->path = ds_strdup(path);
        free(old);
        return true;
    }
    size_t place = place_of(watch, descriptor);
    (void)DS_VEC_PUSH(&watch->folders);
    struct watched_folder *slot = &watch->folders.items[place];
    memmove(slot + 1, slot, (watch->folders.count - 1 - place) * sizeof(*slot));
    *slot = (struct watched_folder){.descriptor = descriptor, .path = ds_strdup(path)};
    return true;
}

static char *take_out(struct ds_file_watch *watch, size_t place)
{
    struct watched_folder *slot = &watch->folders.items[place];
    char *path = slot->path;
    memmove(slot, slot + 1, (watch->folders.count - 1 - place) * sizeof(*slot));
    watch->folders.count--;
    return path;
}

char *watched_folder_drop(struct ds_file_watch *watch, int descriptor)
{
    return find(watch, descriptor) ? take_out(watch, place_of(watch, descriptor)) : NULL;
}

void unwatch_below(struct ds_file_watch *watch, const char *path)
{
    for (size_t i = watch->folders.count; i-- > 0;) {
        const struct watched_folder *folder = &watch->folders.items[i];
        if (strcmp(folder->path, path) != 0 && !path_below(path, folder->path))
            continue;
        inotify_rm_watch(watch->fd, folder->descriptor);
        free(take_out(watch, i));
    }
}
