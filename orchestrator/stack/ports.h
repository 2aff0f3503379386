/*
 * The ports of a run: fixed ones as the file says, automatic ones picked, remembered and kept from
 * other devstacks.
 *
 * An automatic port lies below the kernel's ephemeral range. A lock file per port under <runtime
 * root>/ports, held for the run, keeps two devstacks from picking the same; a bind on dual-stack
 * [::] tells whether anybody else has it.
 */
#ifndef STACK_PORTS_H
#define STACK_PORTS_H

#include <stdbool.h>
#include <stdint.h>

#include "devstack/manifest/manifest.h"
#include "devstack/service/service.h"
#include "devstack/stack/identity.h"

struct ports;

/* Assigns every port of every enabled service. With `auto_ports` a fixed port that is taken is
 * replaced by an automatic one. */
struct ports *ports_assign(const struct ds_manifest *manifest, const struct ds_identity *identity,
                           bool auto_ports, struct ds_error *err);
/* Gives the locks back. Automatic ports are remembered in the state folder for the next run. */
void ports_release(struct ports *ports);
/* The host port; `name` NULL or "" is the service's default port. 0: there is none. */
uint16_t ports_find(const struct ports *ports, const char *service, const char *name);

/* Can 127.0.0.1:`port` and [::]:`port` be listened on right now? A port that only root may open
 * counts as free. */
bool port_is_free(uint16_t port);

#endif
