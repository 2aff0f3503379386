/* `depends_on:`; whether its names exist and run in a circle is looked at in graph.c. */
#include <stdlib.h>
#include <string.h>

#include "devstack/base/memory.h"
#include "keys.h"

static const struct ds_field dependency_fields[] = {
    {.name = "condition",
     .type = DS_FIELD_WORD,
     .offset = offsetof(struct ds_dependency, condition),
     /* In the order of enum ds_condition, each with Compose's word behind it. */
     .words = (const char *const[]){"ready", "started", "=service_started", "healthy",
                                    "=service_healthy", "completed",
                                    "=service_completed_successfully", NULL}},
    {.name = "restart", .type = DS_FIELD_BOOL, .offset = offsetof(struct ds_dependency, restart)},
};
static const struct ds_table dependency_table = {"dependency", dependency_fields,
                                                 DS_COUNT(dependency_fields)};

static void add(struct ds_reader *reader, struct ds_service_spec *spec,
                struct ds_dependency dependency)
{
    for (size_t i = 0; i < spec->depends_on_count; i++) {
        if (strcmp(spec->depends_on[i].service, dependency.service) == 0) {
            ds_faults_add(reader->faults, dependency.where, "'%s' stands here a second time",
                          dependency.service);
            free(dependency.service);
            return;
        }
    }
    spec->depends_on =
        ds_realloc_array(spec->depends_on, spec->depends_on_count + 1, sizeof(*spec->depends_on));
    spec->depends_on[spec->depends_on_count++] = dependency;
}

void ds_read_depends_on(struct ds_reader *reader, const struct ds_node *node, void *target)
{
    struct ds_service_spec *spec = target;
    if (node->kind == DS_NODE_SCALAR) {
        ds_read_refuse(reader, node, "a list of services, or a mapping of services to conditions");
        return;
    }
    for (size_t i = 0; i < node->count; i++) {
        struct ds_dependency dependency = {.condition = DS_CONDITION_READY};
        if (node->kind == DS_NODE_LIST) {
            dependency.where = node->items[i]->where;
            if (ds_read_text(reader, node->items[i], &dependency.service))
                add(reader, spec, dependency);
            continue;
        }
        const struct ds_entry *entry = &node->entries[i];
        ds_auto_free char *owner = ds_printf("depends_on '%s'", entry->key->text);
        dependency.where = entry->key->where;
        dependency.service = ds_strdup(entry->key->text);
        if (!ds_node_is_null(entry->value))
            ds_table_read(reader, &dependency_table, entry->value, owner, 0, &dependency);
        add(reader, spec, dependency);
    }
}
