/*
 * From libyaml's events to a tree. Built with a stack of our own instead of recursion, so a deeply
 * nested file meets the limit and not the end of the C stack.
 */
#include "tree.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "devstack/base/memory.h"
#include "devstack/base/text.h"

#define DEPTH_LIMIT  64     /* levels */
#define NODE_LIMIT   100000 /* nodes, aliases counted with all that they stand for */
#define ENTRY_LIMIT  4096   /* keys of one mapping: the search for duplicates is quadratic */
#define ANCHOR_LIMIT 1000

struct anchor {
    char *name;
    struct ds_node *node;
};

struct level {
    struct ds_node *node;
    struct ds_node *key; /* read, waiting for its value */
};

struct builder {
    const char *file;
    const char *text;
    size_t length;
    struct ds_faults *faults;
    struct ds_node_pool *pool;
    yaml_parser_t parser;
    struct level levels[DEPTH_LIMIT];
    size_t depth;
    size_t nodes;
    DS_VEC(struct anchor) anchors;
    struct ds_node *root;
    bool has_document;
};

static struct ds_where place(const struct builder *builder, const yaml_mark_t *mark)
{
    return (struct ds_where){builder->file, (int)mark->line + 1, (int)mark->column + 1};
}

#define FAIL(builder, mark, ...)                                                                   \
    (ds_faults_add((builder)->faults, place((builder), (mark)), __VA_ARGS__), false)

/* The anchor's latest definition: YAML lets a name be used again. */
static struct anchor *find_anchor(struct builder *builder, const char *name)
{
    for (size_t i = builder->anchors.count; i > 0; i--)
        if (strcmp(builder->anchors.items[i - 1].name, name) == 0)
            return &builder->anchors.items[i - 1];
    return NULL;
}

static bool add_anchor(struct builder *builder, const yaml_event_t *event, const yaml_char_t *name,
                       struct ds_node *node)
{
    if (!name)
        return true;
    if (builder->anchors.count == ANCHOR_LIMIT)
        return FAIL(builder, &event->start_mark, "more than %d anchors", ANCHOR_LIMIT);
    *DS_VEC_PUSH(&builder->anchors) =
        (struct anchor){.name = ds_strdup((const char *)name), .node = node};
    return true;
}

static bool take_key(struct builder *builder, const yaml_event_t *event, struct level *level,
                     struct ds_node *node)
{
    if (node->kind != DS_NODE_SCALAR)
        return FAIL(builder, &event->start_mark, "a key must be a plain word, not %s",
                    node->kind == DS_NODE_LIST ? "a list" : "a mapping");
    const struct ds_entry *first = ds_node_entry(level->node, node->text);
    if (first) {
        /* Told, and read on: later faults are worth telling too. */
        struct ds_fault *fault =
            ds_faults_add(builder->faults, place(builder, &event->start_mark),
                          "the key '%s' stands here a second time", node->text);
        ds_fault_hint(fault, "the first is in line %d", first->key->where.line);
    }
    level->key = node;
    return true;
}

/* Puts a finished node where the parser is: root, list, key or value. */
static bool attach(struct builder *builder, const yaml_event_t *event, struct ds_node *node)
{
    if (builder->depth == 0) {
        builder->root = node;
        return true;
    }
    struct level *level = &builder->levels[builder->depth - 1];
    if (builder->depth + node->height >= DEPTH_LIMIT)
        return FAIL(builder, &event->start_mark, "nested more than %d levels deep", DEPTH_LIMIT);
    if (level->node->kind == DS_NODE_LIST) {
        ds_node_add_item(level->node, node);
        return true;
    }
    if (!level->key)
        return take_key(builder, event, level, node);
    if (level->node->count == ENTRY_LIMIT)
        return FAIL(builder, &event->start_mark, "more than %d keys in one mapping", ENTRY_LIMIT);
    if (!ds_node_entry(level->node, level->key->text))
        ds_node_add_entry(level->node, level->key, node);
    level->key = NULL;
    return true;
}

static bool count_nodes(struct builder *builder, const yaml_event_t *event, size_t more)
{
    builder->nodes += more;
    return builder->nodes <= NODE_LIMIT ||
           FAIL(builder, &event->start_mark, "more than %d values, those behind aliases included",
                NODE_LIMIT);
}

/* Of UTF-8, as libyaml's marks count. */
static size_t count_characters(const char *text)
{
    size_t count = 0;
    for (; *text; text++)
        count += ((unsigned char)*text & 0xC0) != 0x80;
    return count;
}

static bool take_scalar(struct builder *builder, const yaml_event_t *event)
{
    const yaml_mark_t *start = &event->start_mark;
    const char *text = (const char *)event->data.scalar.value;
    size_t length = event->data.scalar.length;
    if (memchr(text, '\0', length))
        return FAIL(builder, start, "a text cannot hold a NUL character");
    struct ds_node *node = ds_node_create(builder->pool, DS_NODE_SCALAR, place(builder, start));
    node->text = ds_strndup(text, length);
    node->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    bool quoted = event->data.scalar.style == YAML_SINGLE_QUOTED_SCALAR_STYLE ||
                  event->data.scalar.style == YAML_DOUBLE_QUOTED_SCALAR_STYLE;
    /* The text stands in the file as it is when nothing was folded or escaped in it. */
    size_t span = event->end_mark.index - start->index;
    size_t characters = count_characters(node->text) + (quoted ? 2 : 0);
    node->exact =
        (node->plain || quoted) && span == characters && start->line == event->end_mark.line;
    node->lead = quoted;
    return count_nodes(builder, event, 1) &&
           add_anchor(builder, event, event->data.scalar.anchor, node) &&
           attach(builder, event, node);
}

static bool take_alias(struct builder *builder, const yaml_event_t *event)
{
    const char *name = (const char *)event->data.alias.anchor;
    const struct anchor *anchor = find_anchor(builder, name);
    if (!anchor)
        return FAIL(builder, &event->start_mark, "unknown alias '*%s'", name);
    for (size_t i = 0; i < builder->depth; i++)
        if (builder->levels[i].node == anchor->node)
            return FAIL(builder, &event->start_mark, "'*%s' would contain itself", name);
    return count_nodes(builder, event, anchor->node->weight) &&
           attach(builder, event, anchor->node);
}

static bool open_level(struct builder *builder, const yaml_event_t *event, enum ds_node_kind kind,
                       const yaml_char_t *anchor)
{
    if (builder->depth == DEPTH_LIMIT)
        return FAIL(builder, &event->start_mark, "nested more than %d levels deep", DEPTH_LIMIT);
    struct ds_node *node = ds_node_create(builder->pool, kind, place(builder, &event->start_mark));
    builder->levels[builder->depth++] = (struct level){.node = node};
    return count_nodes(builder, event, 1) && add_anchor(builder, event, anchor, node);
}

static bool merge_from(struct builder *builder, struct ds_node *into, const struct ds_node *from)
{
    if (from->kind != DS_NODE_MAP) {
        ds_faults_add(builder->faults, from->where,
                      "'<<' takes a mapping or a list of mappings to merge");
        return false;
    }
    for (size_t i = 0; i < from->count && into->count < ENTRY_LIMIT; i++)
        if (!ds_node_entry(into, from->entries[i].key->text))
            ds_node_add_entry(into, from->entries[i].key, from->entries[i].value);
    return true;
}

/* `<<: *base` and `<<: [*a, *b]`: keys that are there already win, then the earlier map. libyaml
 * hands the key out as a plain scalar like any other. */
static void merge_keys(struct builder *builder, struct ds_node *map)
{
    size_t at = 0;
    while (at < map->count &&
           !(map->entries[at].key->plain && strcmp(map->entries[at].key->text, "<<") == 0))
        at++;
    if (at == map->count)
        return;
    const struct ds_node *source = map->entries[at].value;
    memmove(&map->entries[at], &map->entries[at + 1],
            (map->count - at - 1) * sizeof(*map->entries));
    map->count--;
    if (source->kind != DS_NODE_LIST) {
        merge_from(builder, map, source);
        return;
    }
    for (size_t i = 0; i < source->count; i++)
        merge_from(builder, map, source->items[i]);
}

static bool close_level(struct builder *builder, const yaml_event_t *event)
{
    struct ds_node *node = builder->levels[--builder->depth].node;
    if (node->kind == DS_NODE_MAP)
        merge_keys(builder, node);
    return attach(builder, event, node);
}

static bool refuse_tag(struct builder *builder, const yaml_event_t *event, const yaml_char_t *tag)
{
    return !tag || FAIL(builder, &event->start_mark, "YAML tags ('%s') are not used here",
                        (const char *)tag);
}

static bool take_event(struct builder *builder, const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        if (builder->has_document)
            return FAIL(builder, &event->start_mark, "a second document ('---') in the file");
        builder->has_document = true;
        return true;
    case YAML_ALIAS_EVENT:
        return take_alias(builder, event);
    case YAML_SCALAR_EVENT:
        return refuse_tag(builder, event, event->data.scalar.tag) && take_scalar(builder, event);
    case YAML_SEQUENCE_START_EVENT:
        return refuse_tag(builder, event, event->data.sequence_start.tag) &&
               open_level(builder, event, DS_NODE_LIST, event->data.sequence_start.anchor);
    case YAML_MAPPING_START_EVENT:
        return refuse_tag(builder, event, event->data.mapping_start.tag) &&
               open_level(builder, event, DS_NODE_MAP, event->data.mapping_start.anchor);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        return close_level(builder, event);
    case YAML_NO_EVENT:
    case YAML_STREAM_START_EVENT:
    case YAML_STREAM_END_EVENT:
    case YAML_DOCUMENT_END_EVENT:
        return true;
    }
    return true;
}

static char *copy_line(const struct builder *builder, size_t number)
{
    const char *at = builder->text, *end = at + builder->length;
    for (; number > 0 && at < end; number--) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        at = newline ? newline + 1 : end;
    }
    const char *newline = memchr(at, '\n', (size_t)(end - at));
    return ds_strndup(at, (size_t)((newline ? newline : end) - at));
}

static void tell_syntax_fault(struct builder *builder)
{
    const yaml_parser_t *parser = &builder->parser;
    const char *problem = parser->problem ? parser->problem : "it cannot be read";
    if (parser->error == YAML_READER_ERROR) {
        /* Not text: there is an offset and no mark. */
        ds_faults_add(builder->faults, (struct ds_where){builder->file, 0, 0},
                      "this is no YAML: %s (byte %zu)", problem, parser->problem_offset);
        return;
    }
    struct ds_fault *fault = ds_faults_add(builder->faults, place(builder, &parser->problem_mark),
                                           "this is no YAML: %s", problem);
    ds_auto_free char *line = copy_line(builder, parser->problem_mark.line);
    if (strstr(problem, "did not find expected ','") && strstr(line, "${"))
        ds_fault_hint(fault, "between { } or [ ], a value with ${…} in it needs quotes");
    else if (line[strspn(line, " ")] == '\t')
        ds_fault_hint(fault, "indent with spaces, not with tabs");
    else if (parser->context && parser->context_mark.line != parser->problem_mark.line)
        ds_fault_hint(fault, "%s that began in line %zu", parser->context,
                      parser->context_mark.line + 1);
}

static bool run(struct builder *builder)
{
    for (;;) {
        yaml_event_t event;
        if (!yaml_parser_parse(&builder->parser, &event)) {
            tell_syntax_fault(builder);
            return false;
        }
        bool end = event.type == YAML_STREAM_END_EVENT;
        bool good = take_event(builder, &event);
        yaml_event_delete(&event);
        if (end || !good)
            return good;
    }
}

struct ds_node *ds_yaml_parse(struct ds_node_pool *pool, const char *file, const char *text,
                              size_t length, struct ds_faults *faults)
{
    struct ds_where whole = {file, 0, 0};
    if (length > DS_YAML_SIZE_LIMIT) {
        ds_faults_add(faults, whole, "the file has %zu bytes, %zu are the limit", length,
                      DS_YAML_SIZE_LIMIT);
        return NULL;
    }
    struct builder *builder = DS_NEW(struct builder);
    builder->file = file;
    builder->text = text;
    builder->length = length;
    builder->faults = faults;
    builder->pool = pool;
    if (!yaml_parser_initialize(&builder->parser))
        abort(); /* memory exhaustion is its only cause */
    yaml_parser_set_input_string(&builder->parser, (const unsigned char *)text, length);
    bool good = run(builder);
    struct ds_node *root = builder->root;
    if (good && !root)
        ds_faults_add(faults, whole, "the file is empty");
    yaml_parser_delete(&builder->parser);
    for (size_t i = 0; i < builder->anchors.count; i++)
        free(builder->anchors.items[i].name);
    free(builder->anchors.items);
    free(builder);
    return good ? root : NULL;
}
