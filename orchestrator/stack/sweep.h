/*
 * Sweeping: the files that a run leaves in its run-time folder.
 */
#ifndef STACK_SWEEP_H
#define STACK_SWEEP_H

/* Removes everything in the run-time folder but the lease itself. */
void sweep_files(const char *runtime_folder);
/* Removes the run-time folder, lease included, and the root above it when it is empty. */
void sweep_folder(const char *runtime_folder);

#endif
