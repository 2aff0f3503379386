/* Nodes of the YAML tree: making them, finding them, naming them in messages. */
#include "tree.h"

#include <stdlib.h>
#include <string.h>

#include "devstack/base/memory.h"
#include "devstack/base/text.h"

void ds_node_pool_finish(struct ds_node_pool *pool)
{
    for (size_t i = 0; i < pool->count; i++) {
        struct ds_node *node = pool->items[i];
        free(node->text);
        free(node->items);
        free(node->entries);
        free(node);
    }
    free(pool->items);
    *pool = (struct ds_node_pool){0};
}

struct ds_node *ds_node_create(struct ds_node_pool *pool, enum ds_node_kind kind,
                               struct ds_where where)
{
    struct ds_node *node = DS_NEW(struct ds_node);
    node->kind = kind;
    node->where = where;
    node->weight = 1;
    *DS_VEC_PUSH(pool) = node;
    return node;
}

struct ds_node *ds_node_create_text(struct ds_node_pool *pool, const char *text,
                                    struct ds_where where)
{
    struct ds_node *node = ds_node_create(pool, DS_NODE_SCALAR, where);
    node->text = ds_strdup(text);
    return node;
}

static void count_child(struct ds_node *parent, const struct ds_node *child)
{
    parent->weight += child->weight;
    if (child->height + 1 > parent->height)
        parent->height = child->height + 1;
}

/* The two vectors share count and capacity, since a node is either a list or a map. */
static size_t next_capacity(struct ds_node *node)
{
    node->capacity = node->capacity ? node->capacity * 2 : 4;
    return node->capacity;
}

void ds_node_add_item(struct ds_node *list, struct ds_node *item)
{
    if (list->count == list->capacity)
        list->items = ds_realloc_array(list->items, next_capacity(list), sizeof(*list->items));
    list->items[list->count++] = item;
    count_child(list, item);
}

void ds_node_add_entry(struct ds_node *map, struct ds_node *key, struct ds_node *value)
{
    if (map->count == map->capacity)
        map->entries = ds_realloc_array(map->entries, next_capacity(map), sizeof(*map->entries));
    map->entries[map->count++] = (struct ds_entry){.key = key, .value = value};
    count_child(map, value);
}

const struct ds_entry *ds_node_entry(const struct ds_node *map, const char *key)
{
    if (!map || map->kind != DS_NODE_MAP)
        return NULL;
    for (size_t i = 0; i < map->count; i++)
        if (strcmp(map->entries[i].key->text, key) == 0)
            return &map->entries[i];
    return NULL;
}

const struct ds_node *ds_node_get(const struct ds_node *map, const char *key)
{
    const struct ds_entry *entry = ds_node_entry(map, key);
    return entry ? entry->value : NULL;
}

bool ds_node_is_null(const struct ds_node *node)
{
    static const char *const words[] = {"", "~", "null", "Null", "NULL"};
    if (node->kind != DS_NODE_SCALAR || !node->plain)
        return false;
    for (size_t i = 0; i < DS_COUNT(words); i++)
        if (strcmp(node->text, words[i]) == 0)
            return true;
    return false;
}

char *ds_node_describe(const struct ds_node *node)
{
    switch (node->kind) {
    case DS_NODE_LIST:
        return ds_strdup("a list");
    case DS_NODE_MAP:
        return ds_strdup("a mapping");
    case DS_NODE_SCALAR:
        break;
    }
    if (ds_node_is_null(node))
        return ds_strdup("nothing");
    /* What is long or has lines would bury the message. */
    size_t length = strcspn(node->text, "\n");
    bool cut = length > 40 || node->text[length] != '\0';
    if (length > 40)
        for (length = 40; ((unsigned char)node->text[length] & 0xC0) == 0x80;)
            length--;
    return ds_printf("'%.*s%s'", (int)length, node->text, cut ? "…" : "");
}
