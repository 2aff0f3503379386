/* Whether what references name is there. */
#include <string.h>

#include "check.h"
#include "devstack/base/memory.h"

struct check {
    const struct ds_manifest *manifest;
    struct ds_faults *faults;
    bool *config_used;
};

static void refuse_unknown(struct check *check, const struct ds_reference *reference,
                           const char *kind, const char *name, const struct ds_strings *names)
{
    struct ds_fault *fault =
        ds_faults_add(check->faults, reference->where, "there is no %s '%s'", kind, name);
    const char *nearest = ds_nearest(name, (const char *const *)names->items, names->count);
    if (nearest)
        ds_fault_hint(fault, "did you mean '%s'?", nearest);
}

static void check_secret(struct check *check, const struct ds_reference *reference)
{
    const struct ds_manifest *manifest = check->manifest;
    ds_auto_strings struct ds_strings names = {0};
    for (size_t i = 0; i < manifest->secret_count; i++) {
        if (strcmp(manifest->secrets[i].name, reference->name) == 0)
            return;
        ds_strings_add(&names, manifest->secrets[i].name);
    }
    refuse_unknown(check, reference, "secret", reference->name, &names);
}

static void check_config(struct check *check, const struct ds_service_spec *spec,
                         const struct ds_reference *reference)
{
    const struct ds_manifest *manifest = check->manifest;
    ds_auto_strings struct ds_strings names = {0};
    for (size_t i = 0; i < manifest->config_count; i++) {
        if (strcmp(manifest->configs[i].name, reference->name) != 0) {
            ds_strings_add(&names, manifest->configs[i].name);
            continue;
        }
        if (spec && !spec->disabled)
            check->config_used[i] = true;
        if (spec && spec->kind == DS_KIND_CONTAINER)
            ds_faults_add(check->faults, reference->where,
                          "${configs.%s} is a path on this machine, and service '%s' runs in a "
                          "container",
                          reference->name, spec->name);
        return;
    }
    refuse_unknown(check, reference, "config", reference->name, &names);
}

static void check_port_name(struct check *check, const struct ds_service_spec *target,
                            const struct ds_reference *reference)
{
    ds_auto_strings struct ds_strings names = {0};
    for (size_t i = 0; i < target->port_count; i++) {
        if (strcmp(target->ports[i].name, reference->item) == 0)
            return;
        ds_strings_add(&names, target->ports[i].name);
    }
    ds_auto_free char *kind = ds_printf("port in service '%s' called", target->name);
    refuse_unknown(check, reference, kind, reference->item, &names);
}

/* Whether the service has such a thing: a port, a user … */
static void check_field(struct check *check, const struct ds_service_spec *target,
                        const struct ds_reference *reference)
{
    const char *field = reference->field;
    const char *lacks = NULL;
    bool addressed = target->port_count > 0 || target->kind == DS_KIND_EXTERNAL;
    if (strcmp(field, "user") == 0)
        lacks = target->user_name ? NULL : "user";
    else if (strcmp(field, "password") == 0)
        lacks = target->password ? NULL : "password";
    else if (strcmp(field, "database") == 0)
        lacks = target->database ? NULL : "database";
    else if (!addressed)
        lacks = "port";
    if (lacks)
        ds_faults_add(check->faults, reference->where, "service '%s' has no %s, so no '.%s'",
                      target->name, lacks, field);
    else if (reference->item)
        check_port_name(check, target, reference);
}

static void check_service(struct check *check, const struct ds_service_spec *spec,
                          const struct ds_reference *reference)
{
    const struct ds_manifest *manifest = check->manifest;
    const struct ds_service_spec *target = ds_manifest_service(manifest, reference->name);
    if (!target) {
        ds_auto_strings struct ds_strings names = {0};
        for (size_t i = 0; i < manifest->service_count; i++)
            ds_strings_add(&names, manifest->services[i].name);
        ds_strings_add(&names, "secrets");
        ds_strings_add(&names, "configs");
        ds_strings_add(&names, "stack");
        refuse_unknown(check, reference, "service", reference->name, &names);
        return;
    }
    bool enabled = !spec || !spec->disabled;
    if (target->disabled && enabled)
        ds_faults_add(
            check->faults, reference->where,
            "service '%s' is disabled in environment '%s', and '${%s.%s}' is needed%s%s%s",
            target->name, manifest->environment, reference->name, reference->field,
            spec ? " by service '" : "", spec ? spec->name : "", spec ? "'" : "");
    else if (enabled)
        check_field(check, target, reference);
}

static void check_template(struct check *check, const struct ds_service_spec *spec,
                           const struct ds_template *template)
{
    for (size_t i = 0; i < template->count; i++) {
        const struct ds_reference *reference = template->parts[i].reference;
        if (!reference)
            continue;
        switch (reference->scope) {
        case DS_REFERENCE_SERVICE:
            check_service(check, spec, reference);
            break;
        case DS_REFERENCE_SECRET:
            check_secret(check, reference);
            break;
        case DS_REFERENCE_CONFIG:
            check_config(check, spec, reference);
            break;
        case DS_REFERENCE_STACK:
            break;
        }
    }
}

static void visit(void *data, struct ds_service_spec *spec, enum ds_usage usage, const char *name,
                  struct ds_template *template)
{
    (void)name;
    struct check *check = data;
    check_template(check, spec, template);
    /* An address that is made of other addresses could be made of itself. */
    bool root = usage == DS_USAGE_CREDENTIAL || usage == DS_USAGE_EXTERNAL;
    for (size_t i = 0; root && i < template->count; i++) {
        const struct ds_reference *reference = template->parts[i].reference;
        if (reference &&
            (reference->scope == DS_REFERENCE_SERVICE || reference->scope == DS_REFERENCE_CONFIG))
            ds_faults_add(check->faults, reference->where,
                          "only ${secrets.…} and ${stack.…} can stand here: addresses of services "
                          "are made of this value");
    }
}

void ds_check_references(struct ds_manifest *manifest, struct ds_faults *faults)
{
    ds_auto_free bool *used = ds_alloc(manifest->config_count * sizeof(bool));
    struct check check = {manifest, faults, used};
    for (size_t i = 0; i < manifest->service_count; i++)
        ds_visit_templates(&manifest->services[i], visit, &check);
    for (size_t i = 0; i < manifest->config_count; i++)
        if (manifest->configs[i].contents && used[i])
            check_template(&check, NULL, manifest->configs[i].contents);
}
