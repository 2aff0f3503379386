/* Secrets on their way: what they make secret, and where they must not go. */
#include <string.h>

#include "check.h"
#include "devstack/base/memory.h"
#include "reference.h"

struct check {
    const struct ds_manifest *manifest;
    struct ds_faults *faults;
};

static const char *const client_prefixes[] = {
    "EXPO_PUBLIC_", "GATSBY_", "NEXT_PUBLIC_", "NUXT_PUBLIC_", "PUBLIC_", "REACT_APP_", "VITE_",
};

/* What is not there is told as an unknown reference, and not as a secret too. */
static bool has_secret(const struct ds_manifest *manifest, const char *name)
{
    for (size_t i = 0; i < manifest->secret_count; i++)
        if (strcmp(manifest->secrets[i].name, name) == 0)
            return true;
    return false;
}

static bool is_secret(const struct ds_manifest *manifest, const struct ds_reference *reference)
{
    if (reference->scope == DS_REFERENCE_SECRET)
        return has_secret(manifest, reference->name);
    if (reference->scope != DS_REFERENCE_SERVICE)
        return false;
    const struct ds_service_spec *target = ds_manifest_service(manifest, reference->name);
    const char *field = reference->field;
    if (!target)
        return false;
    if (strcmp(field, "password") == 0)
        return target->password != NULL;
    if (strcmp(field, "user") == 0)
        return target->user_name && target->user_name->tainted;
    if (strcmp(field, "database") == 0)
        return target->database && target->database->tainted;
    /* Host and port are part of an external URL, which may be secret as a whole. */
    if (target->external)
        return target->external->tainted;
    return strcmp(field, "url") == 0 &&
           (target->password || (target->user_name && target->user_name->tainted) ||
            (target->database && target->database->tainted));
}

/* The first secret reference of a template, NULL when there is none. */
static const struct ds_reference *find_secret(const struct ds_manifest *manifest,
                                              const struct ds_template *template)
{
    for (size_t i = 0; i < template->count; i++)
        if (template->parts[i].reference && is_secret(manifest, template->parts[i].reference))
            return template->parts[i].reference;
    return NULL;
}

static void mark(void *data, struct ds_service_spec *spec, enum ds_usage usage, const char *name,
                 struct ds_template *template)
{
    (void)name;
    const struct check *check = data;
    bool root = usage == DS_USAGE_CREDENTIAL || usage == DS_USAGE_EXTERNAL;
    /* What is given as a secret file is meant to be secret, also when it stands in the file. */
    if (usage == DS_USAGE_SECRET_FILE)
        template->tainted = true;
    else if (root)
        template->tainted = find_secret(check->manifest, template) || template == spec->password;
}

static const char *client_prefix(const char *name)
{
    for (size_t i = 0; i < DS_COUNT(client_prefixes); i++)
        if (ds_string_starts(name, client_prefixes[i]))
            return client_prefixes[i];
    return NULL;
}

static void tell_environment(const struct check *check, const struct ds_service_spec *spec,
                             const char *name, const char *source, struct ds_where where)
{
    const char *prefix = client_prefix(name);
    if (prefix)
        ds_faults_add(check->faults, where,
                      "'%s' is secret, and variables that begin with %s are built into what every "
                      "browser gets",
                      source, prefix);
    else if (spec->kind == DS_KIND_CONTAINER)
        ds_fault_hint(ds_faults_warn(check->faults, where,
                                     "'%s' is secret, and `docker inspect` shows a container's "
                                     "environment",
                                     source),
                      "give it as a file with 'secrets:'");
}

static void flow(void *data, struct ds_service_spec *spec, enum ds_usage usage, const char *name,
                 struct ds_template *template)
{
    const struct check *check = data;
    const struct ds_reference *secret = find_secret(check->manifest, template);
    if (!secret)
        return;
    template->tainted = true;
    if (spec->disabled)
        return;
    ds_auto_text struct ds_text source = {0};
    ds_reference_format(secret, &source);
    const char *text = ds_text_string(&source);
    switch (usage) {
    case DS_USAGE_COMMAND:
    case DS_USAGE_HEALTH_COMMAND:
        ds_fault_hint(ds_faults_add(check->faults, secret->where,
                                    "'%s' is secret, and every user of the machine can see command "
                                    "lines",
                                    text),
                      "give it as a variable with 'environment:'");
        return;
    case DS_USAGE_LABEL:
        ds_faults_add(check->faults, secret->where,
                      "'%s' is secret, and labels are shown to everyone", text);
        return;
    case DS_USAGE_LINK:
        ds_faults_add(check->faults, secret->where,
                      "'%s' is secret, and links are shown to everyone", text);
        return;
    case DS_USAGE_ENVIRONMENT:
        tell_environment(check, spec, name, text, secret->where);
        return;
    case DS_USAGE_CREDENTIAL:
    case DS_USAGE_EXTERNAL:
    case DS_USAGE_HEADER:
    case DS_USAGE_SECRET_FILE:
        return;
    }
}

void ds_check_taint(struct ds_manifest *manifest, struct ds_faults *faults)
{
    struct check check = {manifest, faults};
    /* What addresses are made of comes first: the rest depends on it. */
    for (size_t i = 0; i < manifest->service_count; i++)
        ds_visit_templates(&manifest->services[i], mark, &check);
    for (size_t i = 0; i < manifest->service_count; i++)
        ds_visit_templates(&manifest->services[i], flow, &check);
    for (size_t i = 0; i < manifest->config_count; i++) {
        struct ds_config_spec *config = &manifest->configs[i];
        config->tainted = config->contents && find_secret(manifest, config->contents);
        if (config->contents)
            config->contents->tainted = config->tainted;
    }
}
