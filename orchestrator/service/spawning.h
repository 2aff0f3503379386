/* From a launch to a spawn, and what a spawn that failed means for people. */
#ifndef DEVSTACK_ORCHESTRATOR_SERVICE_SPAWNING_H
#define DEVSTACK_ORCHESTRATOR_SERVICE_SPAWNING_H

#include <stdbool.h>

#include "devstack/service/service.h"

/* Spawns `argv` with the launch's environment and folder and the descriptors given, all three
 * borrowed; stdin is /dev/null when it is -1. `executable` NULL: argv[0]. */
struct ds_child *ds_spawn_launched(const struct ds_service_host *host,
                                   const struct ds_service_spec *spec,
                                   const struct ds_launch *launch, const char *executable,
                                   const struct ds_strings *argv, const int fds[3],
                                   const struct ds_child_events *events, struct ds_error *err);
/* Fills `reason`. True when another try would not help. */
bool ds_spawn_failure(const struct ds_launch *launch, const char *executable,
                      enum ds_spawn_stage stage, int errno_value, struct ds_reason *reason);

#endif
