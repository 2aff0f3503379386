/* Pictures of a stack for the tests of what is drawn of them. */
#ifndef TESTS_CLI_SNAPSHOTS_H
#define TESTS_CLI_SNAPSHOTS_H

#include "devstack/base/clock.h"
#include "devstack/base/memory.h"
#include "devstack/stack.h"

#define MS DS_NS_PER_MS

struct ds_snapshot *snapshot_new(enum ds_stack_phase phase);
struct ds_snapshot_service *snapshot_add(struct ds_snapshot *snapshot, const char *name,
                                         enum ds_state state);
/* Sets a service ready after `ns`, at `url` (or NULL). */
void snapshot_make_ready(struct ds_snapshot_service *service, uint64_t ns, const char *url);
void snapshot_set_reason(struct ds_snapshot_service *service, enum ds_reason_code code,
                         const char *text, const char *subject);
/* The demo stack, all ready. */
struct ds_snapshot *snapshot_of_shop(void);

#endif
