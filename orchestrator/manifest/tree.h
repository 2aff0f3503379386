/*
 * The YAML tree: what a file says, each node with its place. Nothing of devstack's meaning is here.
 *
 * A tree is read-only once parsed, and nodes may be shared (aliases, merge keys, overlays), so it
 * is a graph without cycles. All nodes belong to the pool they were made in. Accepted is what a
 * person writes by hand: one document, no tags, scalar keys, no key twice; YAML 1.1's `<<` merges
 * maps. Sizes are capped, so that a hostile file costs little: see the limits in tree.c.
 */
#ifndef MANIFEST_TREE_H
#define MANIFEST_TREE_H

#include <stdbool.h>
#include <stddef.h>

#include "devstack/manifest/faults.h"

#define DS_YAML_SIZE_LIMIT ((size_t)1 << 20)

enum ds_node_kind { DS_NODE_SCALAR, DS_NODE_LIST, DS_NODE_MAP };

struct ds_entry {
    struct ds_node *key; /* a scalar */
    struct ds_node *value;
};

struct ds_node {
    enum ds_node_kind kind;
    struct ds_where where;
    char *text; /* scalars; holds no NUL */
    bool plain; /* written without quotes, so it may be a number, a bool or null */
    bool exact; /* the text stands in the file as it is, so that offsets in it are columns */
    int lead;   /* of the quote before it, when exact */
    struct ds_node **items; /* lists */
    struct ds_entry *entries;
    size_t count; /* of items or entries */
    size_t capacity;
    size_t weight; /* nodes below and including this one, shared ones each time they are seen */
    size_t height; /* levels below */
};

struct ds_node_pool {
    struct ds_node **items;
    size_t count, capacity;
};

void ds_node_pool_finish(struct ds_node_pool *pool);
struct ds_node *ds_node_create(struct ds_node_pool *pool, enum ds_node_kind kind,
                               struct ds_where where);
struct ds_node *ds_node_create_text(struct ds_node_pool *pool, const char *text,
                                    struct ds_where where);
void ds_node_add_item(struct ds_node *list, struct ds_node *item);
void ds_node_add_entry(struct ds_node *map, struct ds_node *key, struct ds_node *value);

/* The root, or NULL with faults. `file` is borrowed by every place in the tree. */
struct ds_node *ds_yaml_parse(struct ds_node_pool *pool, const char *file, const char *text,
                              size_t length, struct ds_faults *faults);

/* NULL when `map` is none or has no such key. */
const struct ds_entry *ds_node_entry(const struct ds_node *map, const char *key);
const struct ds_node *ds_node_get(const struct ds_node *map, const char *key);
bool ds_node_is_null(const struct ds_node *node);
/* "a list", "a mapping", "nothing", "the text 'abc'", for messages; the caller frees. */
char *ds_node_describe(const struct ds_node *node);

#endif
