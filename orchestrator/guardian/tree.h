/*
 * The processes below a process, from /proc.
 */
#ifndef DEVSTACK_GUARDIAN_TREE_H
#define DEVSTACK_GUARDIAN_TREE_H

#include <stdbool.h>
#include <stddef.h>

struct ds_guard_pids {
    int *items; /* mapped memory */
    size_t count;
    size_t capacity;
};

/* False when there is no memory; nothing is added then. */
bool ds_guard_pids_add(struct ds_guard_pids *pids, int pid);
bool ds_guard_pids_contain(const struct ds_guard_pids *pids, int pid);
bool ds_guard_pids_remove(struct ds_guard_pids *pids, int pid);
void ds_guard_pids_finish(struct ds_guard_pids *pids);

enum ds_guard_tree_source {
    DS_GUARD_TREE_CHILDREN, /* /proc/<pid>/task/<tid>/children: the cost is that of the tree */
    DS_GUARD_TREE_STAT,     /* the parent in every /proc/<pid>/stat: any kernel has it */
};

/* The better one this kernel has (CONFIG_PROC_CHILDREN). */
enum ds_guard_tree_source ds_guard_tree_source(void);

/* Adds all descendants of `root`, parents before their children. Children of `root` itself that are
 * in `skip` (may be NULL) are left out with all below them. A tree that changes meanwhile gives a
 * part: callers look again until wait(2) says that nothing is left. */
void ds_guard_tree_collect(enum ds_guard_tree_source source, int root,
                           const struct ds_guard_pids *skip, struct ds_guard_pids *pids);

/* The parent of a process; 0 when it is not there. */
int ds_guard_tree_parent(int pid);

#endif
