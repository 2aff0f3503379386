/* The .gitignore files of a tree. Only folders that have one take room here, so there are few. */
#include "ignore_files.h"

#include <fnmatch.h>
#include <string.h>

#include "devstack/base/file.h"
#include "devstack/base/memory.h"

#define IGNORE_FILE_LIMIT ((size_t)1 << 20)

/* Folders that are never sources, and what editors write beside a file while it is being edited:
 * vim's swap files, its probe whether a folder can be written to, and backups; Emacs' locks and
 * autosaves; JetBrains' safe writes; GLib's temporary names. */
static const char *const always[] = {
    ".git", "node_modules", ".*.sw[a-z]",     "4913",           "*~",
    ".#*",  "#*#",          "*___jb_tmp___*", "*___jb_old___*", ".goutputstream-*",
};

const char *path_below(const char *folder, const char *path)
{
    size_t length = strlen(folder);
    if (strcmp(folder, "/") == 0)
        return path[1] ? path + 1 : NULL;
    return strncmp(folder, path, length) == 0 && path[length] == '/' ? path + length + 1 : NULL;
}

void ignore_files_init(struct ignore_files *files, const char *base, const struct ds_strings *lines)
{
    files->base = ds_strdup(base);
    for (size_t i = 0; lines && i < lines->count; i++)
        ignore_rules_parse(&files->own, lines->items[i]);
}

void ignore_files_finish(struct ignore_files *files)
{
    for (size_t i = 0; i < files->count; i++) {
        free(files->items[i].folder);
        ignore_rules_finish(&files->items[i].rules);
    }
    free(files->items);
    free(files->base);
    ignore_rules_finish(&files->own);
    *files = (struct ignore_files){0};
}

/* Of that folder, made when there is none. */
static struct ignore_rules *rules_of(struct ignore_files *files, const char *folder)
{
    size_t place = 0;
    for (size_t i = 0; i < files->count; i++) {
        if (strcmp(files->items[i].folder, folder) == 0)
            return &files->items[i].rules;
        if (strlen(files->items[i].folder) >= strlen(folder))
            place = i + 1;
    }
    (void)DS_VEC_PUSH(files);
    memmove(&files->items[place + 1], &files->items[place],
            (files->count - 1 - place) * sizeof(*files->items));
    files->items[place] = (struct ignore_file){.folder = ds_strdup(folder)};
    return &files->items[place].rules;
}

static void forget(struct ignore_files *files, const char *folder)
{
    for (size_t i = 0; i < files->count; i++)
        if (strcmp(files->items[i].folder, folder) == 0)
            ignore_rules_finish(&files->items[i].rules);
}

static void read_into(struct ignore_files *files, const char *folder, const char *name)
{
    ds_auto_free char *path = ds_path_join(folder, name);
    ds_auto_free char *text = NULL;
    if (ds_file_read(path, IGNORE_FILE_LIMIT, &text, NULL, NULL))
        ignore_rules_parse(rules_of(files, folder), text);
}

void ignore_files_read(struct ignore_files *files, const char *folder)
{
    forget(files, folder);
    ds_auto_free char *repository = ds_path_join(folder, ".git");
    if (ds_folder_exists(repository))
        read_into(files, folder, ".git/info/exclude"); /* first: the .gitignore may take back */
    read_into(files, folder, ".gitignore");
}

void ignore_files_read_above(struct ignore_files *files, const char *folder)
{
    ds_auto_strings struct ds_strings above = {0};
    ds_auto_free char *at = ds_strdup(folder);
    bool found = false;
    while (!found) {
        ds_strings_add(&above, at);
        ds_auto_free char *repository = ds_path_join(at, ".git"); /* a file, in a worktree */
        found = ds_file_exists(repository) || ds_folder_exists(repository);
        if (strcmp(at, "/") == 0)
            break;
        char *next = ds_path_folder(at);
        free(at);
        at = next;
    }
    for (size_t i = 0; found && i < above.count; i++)
        ignore_files_read(files, above.items[i]);
}

static bool is_always_out(const char *name)
{
    for (size_t i = 0; i < DS_COUNT(always); i++)
        if (fnmatch(always[i], name, 0) == 0)
            return true;
    return false;
}

/* One level, without what is above it. */
static bool leave_out(const struct ignore_files *files, const char *path, bool is_folder)
{
    if (is_always_out(ds_path_name(path)))
        return true;
    const char *from_base = path_below(files->base, path);
    if (from_base) {
        enum ignore_verdict own = ignore_rules_match(&files->own, from_base, is_folder);
        if (own != IGNORE_UNSAID)
            return own == IGNORE_YES;
    }
    for (size_t i = 0; i < files->count; i++) {
        const char *relative = path_below(files->items[i].folder, path);
        if (!relative)
            continue;
        enum ignore_verdict said = ignore_rules_match(&files->items[i].rules, relative, is_folder);
        if (said != IGNORE_UNSAID)
            return said == IGNORE_YES;
    }
    return false;
}

bool ignore_files_leave_out(const struct ignore_files *files, const char *root, const char *path,
                            bool is_folder)
{
    const char *below = path_below(root, path);
    if (!below)
        return false;
    for (const char *end = strchr(below, '/'); end; end = strchr(end + 1, '/')) {
        ds_auto_free char *folder = ds_strndup(path, (size_t)(end - path));
        if (leave_out(files, folder, true))
            return true;
    }
    return leave_out(files, path, is_folder);
}
