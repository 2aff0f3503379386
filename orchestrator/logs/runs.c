/* Makes a run's folder and lets the oldest go. */
#include "runs.h"

#include <ctype.h>
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "devstack/base/file.h"
#include "devstack/base/memory.h"
#include "devstack/base/text.h"

/* 20260131T120000.123456789Z-<run> */
static char *folder_name(int64_t time, const char *run)
{
    char stamp[DS_TIMESTAMP_SIZE];
    ds_timestamp_format(time, stamp);
    ds_auto_free char *suffix = ds_percent_encode(run);
    ds_auto_text struct ds_text name = {0};
    for (const char *at = stamp; *at; at++)
        if (*at != '-' && *at != ':')
            ds_text_append_char(&name, *at);
    ds_text_appendf(&name, "-%s", suffix);
    return ds_text_take(&name);
}

/* Only what has the shape of our names is ever removed. */
static bool is_run(const char *name)
{
    for (size_t i = 0; i < 15; i++)
        if (i == 8 ? name[i] != 'T' : !isdigit((unsigned char)name[i]))
            return false;
    return name[15] == '.';
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void prune(const char *runs, const char *own, unsigned keep)
{
    DIR *stream = opendir(runs);
    if (!stream)
        return;
    ds_auto_strings struct ds_strings others = {0};
    for (const struct dirent *entry; (entry = readdir(stream));)
        if (is_run(entry->d_name) && strcmp(entry->d_name, own) != 0)
            ds_strings_add(&others, entry->d_name);
    closedir(stream);
    if (others.count == 0)
        return;
    qsort(others.items, others.count, sizeof(char *), by_name);
    size_t kept = keep > 0 ? keep - 1 : 0;
    for (size_t i = 0; i + kept < others.count; i++) {
        ds_auto_free char *path = ds_path_join(runs, others.items[i]);
        (void)ds_tree_remove(path, NULL);
    }
}

char *log_runs_begin(const char *folder, const char *run, unsigned keep,
                     const struct ds_clock *clock, struct ds_error *err)
{
    ds_auto_free char *name = folder_name(ds_clock_wall(clock), run);
    ds_auto_free char *runs = ds_path_join(folder, "runs");
    ds_auto_free char *path = ds_path_join(runs, name);
    /* The oldest go first: on a full disk that makes the room. */
    prune(runs, name, keep);
    if (!ds_folder_make(path, 0700, err))
        return NULL;
    return ds_steal(path);
}
