/*
 * Which secrets a start needs: those that what is started reads, itself or by way of an address or
 * a config.
 */
#include <string.h>

#include "check.h"
#include "devstack/base/memory.h"

struct walk {
    const struct ds_manifest *manifest;
    bool *needed;
    bool *config_seen; /* two configs may name each other's path */
};

static void walk_template(struct walk *walk, const struct ds_template *template);

static void need_secret(struct walk *walk, const char *name)
{
    for (size_t i = 0; i < walk->manifest->secret_count; i++)
        if (strcmp(walk->manifest->secrets[i].name, name) == 0)
            walk->needed[i] = true;
}

static void walk_config(struct walk *walk, const char *name)
{
    for (size_t i = 0; i < walk->manifest->config_count; i++) {
        if (strcmp(walk->manifest->configs[i].name, name) != 0 || walk->config_seen[i])
            continue;
        walk->config_seen[i] = true;
        walk_template(walk, walk->manifest->configs[i].contents);
    }
}

/* What the address of a service is made of; the service itself need not be started. */
static void walk_address(struct walk *walk, const struct ds_reference *reference)
{
    const struct ds_service_spec *target = ds_manifest_service(walk->manifest, reference->name);
    if (!target)
        return;
    bool whole = strcmp(reference->field, "url") == 0;
    walk_template(walk, target->external);
    if (whole || strcmp(reference->field, "user") == 0)
        walk_template(walk, target->user_name);
    if (whole || strcmp(reference->field, "password") == 0)
        walk_template(walk, target->password);
    if (whole || strcmp(reference->field, "database") == 0)
        walk_template(walk, target->database);
}

static void walk_template(struct walk *walk, const struct ds_template *template)
{
    for (size_t i = 0; template && i < template->count; i++) {
        const struct ds_reference *reference = template->parts[i].reference;
        if (!reference)
            continue;
        switch (reference->scope) {
        case DS_REFERENCE_SERVICE:
            walk_address(walk, reference);
            break;
        case DS_REFERENCE_SECRET:
            need_secret(walk, reference->name);
            break;
        case DS_REFERENCE_CONFIG:
            walk_config(walk, reference->name);
            break;
        case DS_REFERENCE_STACK:
            break;
        }
    }
}

static void visit(void *data, struct ds_service_spec *spec, enum ds_usage usage, const char *name,
                  struct ds_template *template)
{
    (void)spec;
    (void)usage;
    (void)name;
    walk_template(data, template);
}

void ds_manifest_needed_secrets(const struct ds_manifest *manifest, const bool *wanted,
                                bool *needed)
{
    ds_auto_free bool *seen = ds_alloc((manifest->config_count + 1) * sizeof(bool));
    struct walk walk = {manifest, needed, seen};
    for (size_t i = 0; i < manifest->secret_count; i++)
        needed[i] = false;
    for (size_t i = 0; i < manifest->service_count; i++)
        if (!manifest->services[i].disabled && (!wanted || wanted[i]))
            ds_visit_templates(&manifest->services[i], visit, &walk);
}
