/*
 * What can only be checked when everything is read: names that are referred to, order, secrets on
 * their way to where they must not be.
 */
#ifndef MANIFEST_CHECK_H
#define MANIFEST_CHECK_H

#include "devstack/manifest/manifest.h"

/* Where a template stands, which decides what may flow into it. */
enum ds_usage {
    DS_USAGE_COMMAND,
    DS_USAGE_CREDENTIAL, /* a preset's user, password, database */
    DS_USAGE_ENVIRONMENT,
    DS_USAGE_EXTERNAL,
    DS_USAGE_HEADER,
    DS_USAGE_HEALTH_COMMAND,
    DS_USAGE_LABEL,
    DS_USAGE_LINK,
    DS_USAGE_SECRET_FILE,
};

/* `name` is the setting's, or NULL. */
typedef void (*ds_visit_fn)(void *data, struct ds_service_spec *spec, enum ds_usage usage,
                            const char *name, struct ds_template *template);
/* Visits every template of a service. */
void ds_visit_templates(struct ds_service_spec *spec, ds_visit_fn visit, void *data);

/* References: their names exist, belong to something enabled, and have what is asked for. */
void ds_check_references(struct ds_manifest *manifest, struct ds_faults *faults);
/* Dependencies: their names exist, make no circle, and can be waited for; edges to disabled
 * services are dropped. Also: no two services want one port. */
void ds_check_graph(struct ds_manifest *manifest, struct ds_faults *faults);
/* Marks what secrets flow into, and says where they must not. References to nothing are passed
 * over. */
void ds_check_taint(struct ds_manifest *manifest, struct ds_faults *faults);

#endif
