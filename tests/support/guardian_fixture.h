/*
 * A loop with a real guardian, services that misbehave in every way known, and exact knowledge of
 * who is left.
 *
 * Every service has the write end of a pipe, the witness, as its stdin and passes it on to all it
 * forks: end of file on the read end means that nobody is left, whatever they did to their
 * environment, session or name. The guardian has a second pipe's write end as its lease.
 */
#ifndef DEVSTACK_TESTS_GUARDIAN_FIXTURE_H
#define DEVSTACK_TESTS_GUARDIAN_FIXTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <uv.h>

#include "devstack/loop/guardian.h"

/* What one child has told. */
struct told {
    struct ds_child *child;
    bool spawned, failed, exited, emptied, lost;
    unsigned events;
    pid_t pid;
    uint64_t spawned_ns;
    int status;
    enum ds_spawn_stage stage;
    int errno_value;
};

struct fixture {
    uv_loop_t loop;
    struct ds_guardian *guardian;
    bool guardian_lost, closed;
    int witness[2];
    int lease[2];
    int output[2];               /* stdout of the services */
    const char *sweeper_argv[6]; /* none by default */
    const char *marker;          /* the services' last argument; NULL: none */
};

/* The first thing in main(): a test program is its own service program. Returns only when it was
 * started as a test. */
void fixture_serve(int argc, char **argv);

void fixture_open(struct fixture *fixture);
/* Its two parts, for an orchestrator in a process of its own, and the end of the first. */
void fixture_open_pipes(struct fixture *fixture);
void fixture_start(struct fixture *fixture);
void fixture_close_pipes(struct fixture *fixture);
/* Dismisses the guardian, and fails when anything or anybody is left. */
void fixture_close(struct fixture *fixture);

/* Starts `behaviour` (a row of the table in guardian_fixture.c) with an argument. Aborts the test
 * when the request fails. */
void fixture_spawn(struct fixture *fixture, const char *behaviour, const char *argument,
                   struct told *ret_told);
bool fixture_spawn_raw(struct fixture *fixture, const struct ds_spawn *spawn, struct told *ret_told,
                       struct ds_error *err);
/* Runs the loop until `*flag`; false after 20 s. */
bool fixture_run_until(struct fixture *fixture, const bool *flag);
/* The next number a service has written to its stdout; 0 after 20 s. */
pid_t fixture_read_pid(struct fixture *fixture);
/* Waits for the end of file on a pipe; false after 20 s. */
bool fixture_await_end(int fd);
/* Closes our own write ends and waits: nobody holds the witness, and the guardian has finished. */
bool fixture_nobody_left(struct fixture *fixture);
bool fixture_guardian_finished(struct fixture *fixture);
/* How many processes have `marker` among their arguments: also finds what holds no descriptor of
 * ours. */
size_t fixture_count_marked(const char *marker);

#endif
