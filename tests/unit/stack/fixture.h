/*
 * A run without its services: a manifest from text, an identity and folders of its own, ports, and
 * the context that references are resolved in.
 */
#ifndef TESTS_UNIT_STACK_FIXTURE_H
#define TESTS_UNIT_STACK_FIXTURE_H

#include "tests/support/cmocka_headers.h"

#include "orchestrator/stack/context.h"

struct run_fixture {
    char *root; /* holds the project (<root>/project) and everything that a run makes */
    char *project;
    struct ds_variables shell;
    struct ds_manifest *manifest;
    struct ds_identity identity;
    struct ds_start_request request;
    struct ports *ports;
    struct context context;
    const char *address; /* what every service has answered at */
};

/* Makes the folders alone. */
void run_fixture_open(struct run_fixture *fixture);
/* Takes the services (the file's text without `name:`) and makes everything else of the context.
 * Fails the test when the text is faulty. */
void run_fixture_load(struct run_fixture *fixture, const char *services);
void run_fixture_secret(struct run_fixture *fixture, const char *name, const char *value);
/* A file below the project folder. */
void run_fixture_write(const struct run_fixture *fixture, const char *name, const char *text,
                       unsigned mode);
const struct ds_service_spec *run_fixture_spec(const struct run_fixture *fixture, const char *name);
void run_fixture_close(struct run_fixture *fixture);

/* *state is an opened struct run_fixture. */
#define WITH_RUN(test)                                                                             \
    cmocka_unit_test_setup_teardown(test, run_fixture_setup, run_fixture_teardown)
int run_fixture_setup(void **state);
int run_fixture_teardown(void **state);

#endif
