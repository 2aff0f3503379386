/* How an end reads for people. */
#ifndef DEVSTACK_ORCHESTRATOR_SERVICE_EXIT_REASON_H
#define DEVSTACK_ORCHESTRATOR_SERVICE_EXIT_REASON_H

#include "devstack/service/state.h"

/* From a wait(2) status: EXITED with the code or SIGNALED with the signal in `number`. */
void ds_exit_reason(struct ds_reason *reason, int wait_status);
/* "SIGTERM", or "signal 40"; the caller frees. */
char *ds_signal_name(int number);

#endif
