/*
 * An image's name in its parts: [registry/]repository[:tag][@digest]. Source: the reference grammar
 * of github.com/distribution/reference, and Docker's defaults for what is left out.
 */
#ifndef DEVSTACK_DOCKER_IMAGE_NAME_H
#define DEVSTACK_DOCKER_IMAGE_NAME_H

#include <stdbool.h>

#include "devstack/base/error.h"

struct image_name {
    char *registry;   /* "docker.io" when none is named */
    char *repository; /* with the registry as the user wrote it: what `fromImage` takes */
    char *version;    /* the digest, else the tag, else "latest" */
};

bool image_name_parse(const char *text, struct image_name *ret, struct ds_error *err);
void image_name_finish(struct image_name *name);

#endif
