/*
 * What the whole of a run knows: manifest, identity, ports, secrets. From it references get their
 * values and services their launch.
 */
#ifndef STACK_CONTEXT_H
#define STACK_CONTEXT_H

#include "devstack/manifest/manifest.h"
#include "devstack/service/service.h"
#include "devstack/stack/identity.h"
#include "devstack/stack/start.h"
#include "ports.h"

struct context {
    const struct ds_manifest *manifest;
    const struct ds_identity *identity;
    const struct ds_start_request *request; /* the secrets */
    const struct ports *ports;
    const struct ds_variables *shell; /* what processes start from */
    const char *run;                  /* 32 hex digits */
    /* The address a service's probe was answered at ("127.0.0.1" or "[::1]"); never NULL. */
    const char *(*address)(void *data, const char *service);
    void *data;
};

/* ds_resolve_fn's data: who reads decides how an address is written. `reader` NULL: a config or the
 * terminal, as for a process. */
struct reader {
    const struct context *context;
    const struct ds_service_spec *reader;
};

/* A ds_resolve_fn. */
bool context_resolve(void *data, const struct ds_reference *reference, struct ds_text *out,
                     bool *ret_secret, struct ds_error *err);
/* Where a service is, for people: without credentials; NULL when it has no address. The caller
 * frees. */
char *context_public_url(const struct context *context, const struct ds_service_spec *spec);

/* Fills a launch (service.h): the command, environment, files and addresses of one start. */
bool launch_make(const struct context *context, const struct ds_service_spec *spec,
                 struct ds_launch *ret_launch, struct ds_error *err);

/* The container part of it. */
bool launch_container(const struct reader *reader, const struct ds_service_spec *spec,
                      struct ds_launch *launch, struct ds_error *err);
bool launch_expand_list(const struct ds_command *command, const struct reader *reader,
                        struct ds_strings *ret_list, struct ds_error *err);
/* Do containers need to reach each other by name? Then they share the network named by the stack's
 * id. */
bool launch_needs_network(const struct ds_manifest *manifest);

/* Renders `configs:` into the run-time folder. */
bool configs_render(const struct context *context, struct ds_error *err);
char *configs_path(const struct ds_identity *identity, const struct ds_config_spec *config);

#endif
