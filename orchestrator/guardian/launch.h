/*
 * From a forked copy of the guardian to a program.
 */
#ifndef DEVSTACK_GUARDIAN_LAUNCH_H
#define DEVSTACK_GUARDIAN_LAUNCH_H

struct ds_guard_launch {
    int spec;       /* a memfd: struct ds_guard_spec */
    int executable; /* runs this open file; -1: the path in the spec */
    int stdio[3];   /* above 2 */
    int parent;     /* the process that forked this one */
    int failure;    /* write end of a pipe: gets a struct ds_guard_failure */
};

struct ds_guard_failure {
    int stage; /* enum ds_guard_stage */
    int errno_value;
};

/* Makes the calling process the first of its own session, to be killed when its parent dies, and
 * runs the program with default signal handling and no descriptors but 0, 1 and 2. On failure it
 * tells `failure` and exits. */
_Noreturn void ds_guard_launch(const struct ds_guard_launch *launch);

#endif
