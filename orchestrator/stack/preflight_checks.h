/*
 * The checks that preflight is made of. Each adds what it finds and changes nothing.
 */
#ifndef STACK_PREFLIGHT_CHECKS_H
#define STACK_PREFLIGHT_CHECKS_H

#include "devstack/stack/preflight.h"

/* One service that is going to be started. */
void preflight_check_command(const struct ds_preflight *preflight,
                             const struct ds_service_spec *spec, struct ds_problems *problems);
void preflight_check_folders(const struct ds_preflight *preflight,
                             const struct ds_service_spec *spec, struct ds_problems *problems);
/* All fixed ports of the services marked in `wanted`. */
void preflight_check_ports(const struct ds_preflight *preflight, const bool *wanted,
                           struct ds_problems *problems);
/* The engine and the images of the containers marked in `wanted`. */
void preflight_check_engine(const struct ds_preflight *preflight, const bool *wanted,
                            struct ds_problems *problems);

/* "services.yaml:31": where a service is said; the caller frees. */
char *preflight_place(const struct ds_where *where);

#endif
