/* From a registry's refusal, as the engine passes it on, to an error that says what to do. */
#ifndef DOCKER_REGISTRY_FAULT_H
#define DOCKER_REGISTRY_FAULT_H

#include "devstack/base/error.h"

/* `words` are the engine's or the registry's own, `credentials` says why the login could not be
 * read (its message NULL: it could, or there is none). The message says why, without the image.
 * Returns false. */
bool registry_fault(const char *registry, const char *words, const struct ds_error *credentials,
                    struct ds_error *err);

#endif
