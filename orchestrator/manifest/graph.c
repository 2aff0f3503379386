/* The order of services: names, circles, and what can be waited for. */
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "devstack/base/memory.h"

static void refuse_unknown(const struct ds_manifest *manifest, struct ds_faults *faults,
                           const struct ds_dependency *edge)
{
    ds_auto_strings struct ds_strings names = {0};
    for (size_t i = 0; i < manifest->service_count; i++)
        ds_strings_add(&names, manifest->services[i].name);
    struct ds_fault *fault =
        ds_faults_add(faults, edge->where, "there is no service '%s' to depend on", edge->service);
    const char *nearest = ds_nearest(edge->service, (const char *const *)names.items, names.count);
    if (nearest)
        ds_fault_hint(fault, "did you mean '%s'?", nearest);
}

/* Nothing ever tells that it is healthy. */
static bool has_no_health(const struct ds_service_spec *spec)
{
    return spec->health.kind == DS_HEALTH_NONE ||
           (spec->kind == DS_KIND_PROCESS && spec->health.kind == DS_HEALTH_DEFAULT &&
            spec->port_count == 0);
}

static void check_condition(const struct ds_service_spec *target, struct ds_faults *faults,
                            const struct ds_dependency *edge)
{
    switch (edge->condition) {
    case DS_CONDITION_READY:
    case DS_CONDITION_STARTED:
        return;
    case DS_CONDITION_HEALTHY:
        if (target->kind == DS_KIND_TASK)
            ds_fault_hint(ds_faults_add(faults, edge->where,
                                        "'%s' is a task, which is never healthy", target->name),
                          "wait until it has completed");
        else if (has_no_health(target))
            ds_fault_hint(ds_faults_add(faults, edge->where,
                                        "nothing ever tells whether '%s' is healthy", target->name),
                          "give it a healthcheck, or wait until it has started");
        return;
    case DS_CONDITION_COMPLETED:
        if (target->kind != DS_KIND_TASK)
            ds_faults_add(faults, edge->where,
                          "only a task completes, and '%s' is none (it is written with '%s:')",
                          target->name, target->kind_word);
        return;
    }
}

/* Keeps an edge that is to be waited for. */
static bool check_edge(const struct ds_manifest *manifest, const struct ds_service_spec *spec,
                       struct ds_faults *faults, const struct ds_dependency *edge)
{
    const struct ds_service_spec *target = ds_manifest_service(manifest, edge->service);
    if (!target) {
        refuse_unknown(manifest, faults, edge);
        return true;
    }
    if (target == spec) {
        ds_faults_add(faults, edge->where, "service '%s' depends on itself", spec->name);
        return true;
    }
    if (target->disabled)
        return false;
    check_condition(target, faults, edge);
    return true;
}

static void check_edges(const struct ds_manifest *manifest, struct ds_service_spec *spec,
                        struct ds_faults *faults)
{
    size_t kept = 0;
    for (size_t i = 0; i < spec->depends_on_count; i++) {
        if (check_edge(manifest, spec, faults, &spec->depends_on[i]))
            spec->depends_on[kept++] = spec->depends_on[i];
        else
            free(spec->depends_on[i].service);
    }
    spec->depends_on_count = kept;
}

struct step {
    size_t service;
    size_t edge; /* the next one to follow */
};

struct walk {
    const struct ds_manifest *manifest;
    struct ds_faults *faults;
    struct step *path;
    size_t depth;
    char *seen; /* by service: 0 not yet, 1 on the path, 2 done */
};

/* The path from `from` on is a circle: told at each of its edges' first place. */
static void tell_circle(struct walk *walk, size_t from)
{
    const struct ds_manifest *manifest = walk->manifest;
    ds_auto_strings struct ds_strings names = {0}, lines = {0};
    for (size_t i = from; i < walk->depth; i++) {
        const struct ds_service_spec *spec = &manifest->services[walk->path[i].service];
        const struct ds_dependency *edge = &spec->depends_on[walk->path[i].edge - 1];
        ds_strings_add(&names, spec->name);
        ds_strings_addf(&lines, "%d:%d", edge->where.line, edge->where.column);
    }
    ds_strings_add(&names, manifest->services[walk->path[from].service].name);
    ds_auto_free char *circle = ds_strings_join(&names, " -> ");
    ds_auto_free char *places = ds_strings_join(&lines, ", ");
    const struct step *first = &walk->path[from];
    const struct ds_dependency *edge =
        &manifest->services[first->service].depends_on[first->edge - 1];
    ds_fault_hint(
        ds_faults_add(walk->faults, edge->where, "these services wait for each other: %s", circle),
        "their places: %s", places);
}

static void follow(struct walk *walk, size_t service)
{
    walk->path[walk->depth++] = (struct step){.service = service};
    walk->seen[service] = 1;
    while (walk->depth > 0) {
        struct step *step = &walk->path[walk->depth - 1];
        const struct ds_service_spec *spec = &walk->manifest->services[step->service];
        if (step->edge == spec->depends_on_count) {
            walk->seen[step->service] = 2;
            walk->depth--;
            continue;
        }
        const struct ds_service_spec *target =
            ds_manifest_service(walk->manifest, spec->depends_on[step->edge++].service);
        if (!target || target == spec)
            continue; /* told already */
        size_t index = (size_t)(target - walk->manifest->services);
        if (walk->seen[index] == 0) {
            walk->path[walk->depth++] = (struct step){.service = index};
            walk->seen[index] = 1;
        } else if (walk->seen[index] == 1) {
            size_t from = 0;
            while (walk->path[from].service != index)
                from++;
            tell_circle(walk, from);
        }
    }
}

static void check_circles(const struct ds_manifest *manifest, struct ds_faults *faults)
{
    size_t count = manifest->service_count;
    ds_auto_free struct step *path = ds_alloc((count + 1) * sizeof(*path));
    ds_auto_free char *seen = ds_alloc(count + 1);
    struct walk walk = {manifest, faults, path, 0, seen};
    for (size_t i = 0; i < count; i++)
        if (!seen[i] && !manifest->services[i].disabled)
            follow(&walk, i);
}

static void check_port(const struct ds_manifest *manifest, size_t before,
                       const struct ds_service_spec *spec, const struct ds_port *port,
                       struct ds_faults *faults)
{
    for (size_t i = 0; i <= before; i++) {
        const struct ds_service_spec *other = &manifest->services[i];
        for (size_t p = 0; !other->disabled && p < other->port_count; p++) {
            if (&other->ports[p] == port)
                return;
            if (other->ports[p].host == port->host) {
                ds_fault_hint(ds_faults_add(faults, port->where,
                                            "port %u of service '%s' is wanted by '%s' as well",
                                            port->host, spec->name, other->name),
                              "line %d; 'auto' picks a free one", other->ports[p].where.line);
                return;
            }
        }
    }
}

void ds_check_graph(struct ds_manifest *manifest, struct ds_faults *faults)
{
    for (size_t i = 0; i < manifest->service_count; i++)
        check_edges(manifest, &manifest->services[i], faults);
    check_circles(manifest, faults);
    for (size_t i = 0; i < manifest->service_count; i++) {
        const struct ds_service_spec *spec = &manifest->services[i];
        for (size_t p = 0; !spec->disabled && p < spec->port_count; p++)
            if (spec->ports[p].host)
                check_port(manifest, i, spec, &spec->ports[p], faults);
    }
}
