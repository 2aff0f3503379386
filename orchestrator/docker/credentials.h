/*
 * What to show a registry, from the user's Docker configuration: a credential helper (credHelpers,
 * credsStore) or what `docker login` wrote (auths). Sources: docs.docker.com/reference/cli/docker/
 * login/#credential-stores, Engine API 1.41 "Authentication".
 */
#ifndef DEVSTACK_DOCKER_CREDENTIALS_H
#define DEVSTACK_DOCKER_CREDENTIALS_H

#include <uv.h>

#include "devstack/base/error.h"
#include "devstack/base/text.h"

struct credentials_lookup;

/* `header` is the value of X-Registry-Auth, or NULL: nothing is known for the registry. It is
 * borrowed and wiped after the callback. `error` tells why the configuration could not be read or
 * the helper failed; the pull may be tried without credentials all the same. */
typedef void (*credentials_done_fn)(void *data, const char *header, const struct ds_error *error);

/* The callback comes once, never from inside. */
struct credentials_lookup *credentials_find(uv_loop_t *loop, const struct ds_variables *environment,
                                            const char *registry, credentials_done_fn done,
                                            void *data);
void credentials_cancel(struct credentials_lookup *lookup); /* NULL is fine */

#endif
