/*
 * Walking process trees. Works on growing lists only: a tree may be wide, deep, or both.
 */
#include "tree.h"

#include "system.h"

enum {
    FIRST_CAPACITY = 1024, /* one page of pids */
    NAME_SIZE = 48,        /* "<pid>/task/<tid>/children" with two 10-digit numbers fits */
    READ_SIZE = 2048,
};

struct folder_entry { /* getdents64(2) */
    uint64_t inode;
    int64_t offset;
    uint16_t length;
    uint8_t type;
    char name[];
};

bool ds_guard_pids_add(struct ds_guard_pids *pids, int pid)
{
    if (pids->count == pids->capacity) {
        size_t capacity = pids->capacity ? pids->capacity * 2 : FIRST_CAPACITY;
        int *items =
            sys_map_grow(pids->items, pids->capacity * sizeof(*items), capacity * sizeof(*items));
        if (!items)
            return false;
        pids->items = items;
        pids->capacity = capacity;
    }
    pids->items[pids->count++] = pid;
    return true;
}

bool ds_guard_pids_contain(const struct ds_guard_pids *pids, int pid)
{
    for (size_t i = 0; i < pids->count; i++)
        if (pids->items[i] == pid)
            return true;
    return false;
}

bool ds_guard_pids_remove(struct ds_guard_pids *pids, int pid)
{
    for (size_t i = 0; i < pids->count; i++) {
        if (pids->items[i] == pid) {
            pids->items[i] = pids->items[--pids->count];
            return true;
        }
    }
    return false;
}

void ds_guard_pids_finish(struct ds_guard_pids *pids)
{
    sys_unmap(pids->items, pids->capacity * sizeof(*pids->items));
    *pids = (struct ds_guard_pids){0};
}

static char *put_text(char *at, const char *text)
{
    while (*text)
        *at++ = *text++;
    *at = '\0';
    return at;
}

static char *put_number(char *at, int number)
{
    char digits[12];
    size_t count = 0;
    do {
        digits[count++] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    while (count > 0)
        *at++ = digits[--count];
    *at = '\0';
    return at;
}

/* 0 when it is no number. */
static int parse_number(const char *text)
{
    int number = 0;
    for (; *text >= '0' && *text <= '9'; text++)
        number = number * 10 + (*text - '0');
    return *text ? 0 : number;
}

/* Adds the entries of a /proc folder whose names are numbers. */
static void numbers_in(const char *path, struct ds_guard_pids *numbers)
{
    int folder = sys_open(AT_FDCWD, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0)
        return;
    _Alignas(struct folder_entry) char buffer[READ_SIZE];
    long length;
    while ((length = sys_folder_entries(folder, buffer, sizeof(buffer))) > 0) {
        for (long at = 0; at < length;) {
            const struct folder_entry *entry = (const void *)(buffer + at);
            int number = parse_number(entry->name);
            if (number > 0)
                ds_guard_pids_add(numbers, number);
            at += entry->length;
        }
    }
    sys_close(folder);
}

/* Adds the numbers of a file that has them separated by spaces; one may lie across two reads. */
static void numbers_of(const char *path, struct ds_guard_pids *numbers)
{
    int file = sys_open(AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return;
    char buffer[READ_SIZE];
    long length;
    int number = 0;
    while ((length = sys_read(file, buffer, sizeof(buffer))) > 0) {
        for (long i = 0; i < length; i++) {
            if (buffer[i] >= '0' && buffer[i] <= '9') {
                number = number * 10 + (buffer[i] - '0');
            } else if (number > 0) {
                ds_guard_pids_add(numbers, number);
                number = 0;
            }
        }
    }
    if (number > 0)
        ds_guard_pids_add(numbers, number);
    sys_close(file);
}

/* Each thread has the children it forked itself. */
static void children_of(int pid, struct ds_guard_pids *threads, struct ds_guard_pids *children)
{
    char path[NAME_SIZE];
    char *end = put_text(put_number(put_text(path, "/proc/"), pid), "/task");
    threads->count = 0;
    numbers_in(path, threads);
    *end++ = '/';
    for (size_t i = 0; i < threads->count; i++) {
        put_text(put_number(end, threads->items[i]), "/children");
        numbers_of(path, children);
    }
}

/* The fourth field of stat; the second, in parentheses, may contain anything. */
int ds_guard_tree_parent(int pid)
{
    char path[NAME_SIZE];
    put_text(put_number(put_text(path, "/proc/"), pid), "/stat");
    int file = sys_open(AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return 0;
    char buffer[256];
    long length = sys_read(file, buffer, sizeof(buffer) - 1);
    sys_close(file);
    long at = length - 1;
    while (at >= 0 && buffer[at] != ')')
        at--;
    at += 4; /* ") S " */
    int parent = 0;
    for (; at >= 4 && at < length && buffer[at] >= '0' && buffer[at] <= '9'; at++)
        parent = parent * 10 + (buffer[at] - '0');
    return parent;
}

/* Drops the children of `root` that are in `skip` from the end of the list on. */
static void drop_skipped(const struct ds_guard_pids *skip, struct ds_guard_pids *pids, size_t start)
{
    size_t kept = start;
    for (size_t i = start; i < pids->count; i++)
        if (!ds_guard_pids_contain(skip, pids->items[i]))
            pids->items[kept++] = pids->items[i];
    pids->count = kept;
}

static void collect_from_children(int root, const struct ds_guard_pids *skip,
                                  struct ds_guard_pids *pids)
{
    struct ds_guard_pids threads = {0};
    size_t next = pids->count;
    children_of(root, &threads, pids);
    if (skip)
        drop_skipped(skip, pids, next);
    for (; next < pids->count; next++)
        children_of(pids->items[next], &threads, pids);
    ds_guard_pids_finish(&threads);
}

static void collect_from_stat(int root, const struct ds_guard_pids *skip,
                              struct ds_guard_pids *pids)
{
    struct ds_guard_pids all = {0}, parents = {0};
    numbers_in("/proc", &all);
    for (size_t i = 0; i < all.count; i++)
        if (!ds_guard_pids_add(&parents, ds_guard_tree_parent(all.items[i])))
            break;
    size_t next = pids->count;
    for (int above = root;; above = pids->items[next++]) {
        for (size_t i = 0; i < parents.count; i++) {
            bool left_out = above == root && skip && ds_guard_pids_contain(skip, all.items[i]);
            if (parents.items[i] == above && !left_out) {
                ds_guard_pids_add(pids, all.items[i]);
                parents.items[i] = 0; /* once only, should pids have moved under us */
            }
        }
        if (next == pids->count)
            break;
    }
    ds_guard_pids_finish(&all);
    ds_guard_pids_finish(&parents);
}

enum ds_guard_tree_source ds_guard_tree_source(void)
{
    int file = sys_open(AT_FDCWD, "/proc/thread-self/children", O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return DS_GUARD_TREE_STAT;
    sys_close(file);
    return DS_GUARD_TREE_CHILDREN;
}

void ds_guard_tree_collect(enum ds_guard_tree_source source, int root,
                           const struct ds_guard_pids *skip, struct ds_guard_pids *pids)
{
    switch (source) {
    case DS_GUARD_TREE_CHILDREN:
        collect_from_children(root, skip, pids);
        break;
    case DS_GUARD_TREE_STAT:
        collect_from_stat(root, skip, pids);
        break;
    }
}
