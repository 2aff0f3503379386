/*
 * Services that a test moves by hand, in the place of the real ones (they are linked instead), and
 * a stack of them.
 */
#ifndef TESTS_UNIT_STACK_FAKE_SERVICES_H
#define TESTS_UNIT_STACK_FAKE_SERVICES_H

#include "fixture.h"

#include "orchestrator/stack/stack_run.h"
#include "tests/support/loop_fixture.h"

struct ds_service {
    const struct ds_service_spec *spec;
    struct ds_service_host host;
    struct ds_service_status status;
    unsigned start_calls, stop_calls, restart_calls;
    unsigned stopped_as; /* 1 for the first that was asked to stop, 2 for the next */
    bool released;       /* told that its dependencies are there */
    enum ds_reason_code blocked_by;
};

struct stack_bench {
    struct run_fixture run;
    struct loop_fixture *base;
    struct ds_clock clock; /* its data is the bench */
    uint64_t now;
    unsigned stops;
    struct ds_service_host host;
    struct ds_stack *stack;
    unsigned over;
    bool closed;
};

/* *state is a struct stack_bench. */
#define WITH_BENCH(test)                                                                           \
    cmocka_unit_test_setup_teardown(test, stack_bench_setup, stack_bench_teardown)
int stack_bench_setup(void **state);
int stack_bench_teardown(void **state);

/* Loads the services and makes the stack; the request may be changed before stack_start(). */
void stack_bench_load(struct stack_bench *bench, const char *services);
struct ds_service *stack_bench_service(struct stack_bench *bench, const char *name);
/* As if this had happened to a service: the stack is told. */
void stack_bench_move(struct stack_bench *bench, const char *name, enum ds_state state);
void stack_bench_fail(struct stack_bench *bench, const char *name, enum ds_state state,
                      enum ds_reason_code reason);
/* One that runs again after a restart. */
void stack_bench_start_again(struct stack_bench *bench, const char *name);
enum ds_stack_phase stack_bench_phase(struct stack_bench *bench);

#endif
