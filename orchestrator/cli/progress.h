/* Questions to a snapshot that decide what the view shows and when `up` ends. */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include "devstack/stack.h"

/* Is the start over, one way or the other: nothing is under way any more? */
bool snapshot_is_settled(const struct ds_snapshot *snapshot);
/* Is nothing left that runs or could still start by itself? */
bool snapshot_is_over(const struct ds_snapshot *snapshot);
/* Has something failed, or ended before it was of use? */
bool snapshot_has_failed(const struct ds_snapshot *snapshot);
/* It was to run on, but exited by itself, with success, before it was ready. */
bool service_ended_early(const struct ds_snapshot_service *service);
/* It has ended, but a change of a file that it watches starts it again. */
bool service_may_come_back(const struct ds_snapshot_service *service);

#endif
