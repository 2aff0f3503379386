/*
 * The checks that preflight is made of. Each adds what it finds and changes nothing.
 */
#ifndef STACK_PREFLIGHT_CHECKS_H
#define STACK_PREFLIGHT_CHECKS_H

#include "devstack/stack/preflight.h"

/* Host ports that containers have published, as the engine tells. */
struct held_port {
    uint16_t port;
    char *container; /* its name */
};
struct held_ports {
    struct held_port *items;
    size_t count;
    size_t capacity;
};

/* One service that is going to be started. */
void preflight_check_command(const struct ds_preflight *preflight,
                             const struct ds_service_spec *spec, struct ds_problems *problems);
void preflight_check_folders(const struct ds_preflight *preflight,
                             const struct ds_service_spec *spec, struct ds_problems *problems);
/* All fixed ports of the services marked in `wanted`. */
void preflight_check_ports(const struct ds_preflight *preflight, const bool *wanted,
                           const struct held_ports *held, struct ds_problems *problems);
/* The engine and the images of the containers marked in `wanted`; also fills `ret_held` when an
 * engine is asked. */
void preflight_check_engine(const struct ds_preflight *preflight, const bool *wanted,
                            struct held_ports *ret_held, struct ds_problems *problems);

/* Room for logs and run-time files. */
void preflight_check_disk(const struct ds_preflight *preflight, struct ds_problems *problems);

/* "services.yaml:31": where a service is said; the caller frees. */
char *preflight_place(const struct ds_where *where);

#endif
