/* From a container's configuration to the body of POST /containers/create. */
#ifndef DEVSTACK_DOCKER_CONTAINER_CONFIG_H
#define DEVSTACK_DOCKER_CONTAINER_CONFIG_H

#include <jansson.h>

#include "devstack/docker/engine.h"

/* The caller decrefs. */
json_t *container_config_json(const struct ds_container_config *config);

#endif
