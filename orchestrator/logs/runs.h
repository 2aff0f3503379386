/*
 * The folders of a stack's runs: <folder>/runs/<start time>-<run>, so that names sort by age.
 */
#ifndef ORCHESTRATOR_LOGS_RUNS_H
#define ORCHESTRATOR_LOGS_RUNS_H

#include "devstack/base/clock.h"
#include "devstack/base/error.h"

/* Makes this run's folder (mode 0700) and removes the oldest others, so that `keep` are left with
 * it. What cannot be removed stays and is no error. NULL on error; the caller frees. */
char *log_runs_begin(const char *folder, const char *run, unsigned keep,
                     const struct ds_clock *clock, struct ds_error *err);

#endif
