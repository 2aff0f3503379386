/*
 * Order: what a service's dependencies mean for its start, and its dependents for its stop. Pure.
 */
#ifndef STACK_ORDER_H
#define STACK_ORDER_H

#include "devstack/manifest/manifest.h"
#include "devstack/service/service.h"

enum dependency_view { DEPENDENCY_MET, DEPENDENCY_PENDING, DEPENDENCY_FAILED };

/* Is the dependency there, as `condition` asks? */
enum dependency_view order_dependency(enum ds_condition condition,
                                      const struct ds_service_spec *spec,
                                      const struct ds_service_status *status);

/* Is it over for good without having been asked to be: given up, or ended by itself when it was
 * meant to run on? */
bool order_has_failed(const struct ds_service_status *status);

/* Marks `index` and everything it depends on, at any depth, in `wanted` (one flag for each service
 * of the manifest). */
void order_want(const struct ds_manifest *manifest, size_t index, bool *wanted);
/* The index of a service in the manifest, or -1. */
int order_index(const struct ds_manifest *manifest, const char *name);
/* Is anything alive that depends on `index`, directly or through others that have ended (a
 * completed task)? `over` has one flag for each service of the manifest. */
bool order_is_needed(const struct ds_manifest *manifest, size_t index, const bool *over);
bool order_depends(const struct ds_service_spec *spec, const char *on);

#endif
