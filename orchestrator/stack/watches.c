/*
 * One file watch a service. A changed file restarts it, unless it is the service itself that writes
 * the file. Nobody can tell who wrote, but a file that changes right after each restart that it
 * caused gives itself away, most of all when the same is written each time: an editor that saves
 * while its user types is as quick.
 */
#include "watches.h"

#include <stdlib.h>
#include <string.h>

#include "devstack/base/file.h"
#include "devstack/base/memory.h"
#include "devstack/loop/file_watch.h"

/* A change this soon after a start is under suspicion of being the service's own. */
#define EARLY DS_NS_PER_S
/* So many in a row, of one file, and it is taken for sure. */
#define EARLY_LIMIT      10
#define SAME_EARLY_LIMIT 3 /* when its contents were the same each time */

#define CONTENTS_LIMIT ((size_t)4 << 20)

struct service_watch {
    struct watches *watches;
    struct member *member;
    struct ds_file_watch *files; /* NULL: could not be opened */
    char *early_path;            /* of the last change, when that was early */
    uint64_t early_contents;
    unsigned early_count, same_count;
};

struct watches {
    struct ds_stack *stack;
    struct service_watch *items;
    size_t count;
    size_t open;
    void (*on_closed)(void *data);
    void *data;
};

static void say_error(const struct service_watch *watch, const struct ds_error *error)
{
    ds_log_store_say(watch->watches->stack->logs, watch->member->spec->name, "watch: %s%s%s",
                     error->message, error->hint ? " → " : "", error->hint ? error->hint : "");
}

static void on_error(void *data, const struct ds_error *error)
{
    say_error(data, error);
}

/* FNV-1a, enough to see that two versions differ; 0: cannot be read. */
static uint64_t contents_of(const char *folder, const char *path)
{
    ds_auto_free char *full = ds_path_join(folder, path);
    ds_auto_free char *text = NULL;
    size_t length = 0;
    if (!ds_file_read(full, CONTENTS_LIMIT, &text, &length, NULL))
        return 0;
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ (unsigned char)text[i]) * UINT64_C(0x100000001b3);
    return hash;
}

/* Whether this change makes a loop: one early change of the same file too many. */
static bool is_loop(struct service_watch *watch, const struct ds_file_change *change)
{
    uint64_t spawned = ds_service_status(watch->member->service)->times.spawned;
    bool early = spawned && change->time >= spawned && change->time - spawned < EARLY;
    bool again = early && ds_string_equal(watch->early_path, change->path);
    uint64_t contents = early ? contents_of(watch->member->spec->working_dir, change->path) : 0;
    bool same = again && contents == watch->early_contents;
    watch->early_count = again ? watch->early_count + 1 : early;
    watch->same_count = same ? watch->same_count + 1 : early;
    watch->early_contents = contents;
    free(watch->early_path);
    watch->early_path = early ? ds_strdup(change->path) : NULL;
    return watch->same_count >= SAME_EARLY_LIMIT || watch->early_count >= EARLY_LIMIT;
}

static void on_change(void *data, const struct ds_file_change *change)
{
    struct service_watch *watch = data;
    struct ds_stack *stack = watch->watches->stack;
    const char *name = watch->member->spec->name;
    enum ds_state state = ds_service_status(watch->member->service)->state;
    /* What is not there now reads the files when it starts. */
    if (stack->stopping || state == DS_STATE_STOPPED || state == DS_STATE_WAITING ||
        state == DS_STATE_STOPPING)
        return;
    if (is_loop(watch, change)) {
        ds_log_store_say(stack->logs, name,
                         "%s writes %s, which it watches: not restarting for it any more; add it "
                         "to watch.ignore",
                         name, change->path);
        ds_file_watch_ignore(watch->files, change->path);
        watch->early_count = watch->same_count = 0;
        return;
    }
    ds_log_store_say(stack->logs, name, "restarting, because %s changed", change->path);
    ds_service_restart(watch->member->service);
}

static void open_one(struct watches *watches, struct service_watch *watch, struct member *member)
{
    const struct ds_service_spec *spec = member->spec;
    ds_auto_error struct ds_error err = {0};
    *watch = (struct service_watch){.watches = watches, .member = member};
    const struct ds_file_watch_options options = {
        .base = spec->working_dir,
        .paths = &spec->watch.paths,
        .ignore = &spec->watch.ignore,
        .debounce = spec->watch.debounce,
        .on_change = on_change,
        .on_error = on_error,
        .data = watch,
    };
    for (size_t i = 0; i < spec->watch.paths.count; i++)
        if (access(spec->watch.paths.items[i], F_OK) < 0)
            ds_log_store_say(watches->stack->logs, spec->name, "watch: %s is not there yet",
                             spec->watch.paths.items[i]);
    watch->files = ds_file_watch_open(watches->stack->loop, &options, &err);
    if (!watch->files)
        say_error(watch, &err);
}

struct watches *watches_open(struct ds_stack *stack)
{
    struct watches *watches = DS_NEW(struct watches);
    watches->stack = stack;
    watches->items = ds_alloc(stack->member_count * sizeof(*watches->items));
    for (size_t i = 0; i < stack->member_count; i++) {
        struct member *member = &stack->members[i];
        if (member->service && member->spec->watch.paths.count)
            open_one(watches, &watches->items[watches->count++], member);
    }
    return watches;
}

static void one_less_open(void *data)
{
    struct watches *watches = data;
    if (--watches->open)
        return;
    void (*on_closed)(void *) = watches->on_closed;
    void *closed_data = watches->data;
    for (size_t i = 0; i < watches->count; i++)
        free(watches->items[i].early_path);
    free(watches->items);
    free(watches);
    on_closed(closed_data);
}

void watches_close(struct watches *watches, void (*on_closed)(void *data), void *data)
{
    if (!watches) {
        on_closed(data);
        return;
    }
    watches->on_closed = on_closed;
    watches->data = data;
    watches->open = watches->count + 1; /* one of our own, so that it ends after the last call */
    for (size_t i = 0; i < watches->count; i++)
        ds_file_watch_close(watches->items[i].files, one_less_open, watches);
    one_less_open(watches);
}
