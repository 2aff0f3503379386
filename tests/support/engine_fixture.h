/*
 * A connected Docker Engine for one test of the suite "engine", and a place to note what its calls
 * answer. Objects a test makes carry the fixture's label, and teardown removes them with the sweep.
 */
#ifndef TESTS_SUPPORT_ENGINE_FIXTURE_H
#define TESTS_SUPPORT_ENGINE_FIXTURE_H

#include "tests/support/engine_answer.h"
#include "tests/support/loop_fixture.h"

#define ENGINE_TEST_IMAGE "devstack-test/busybox:1"

struct engine_fixture {
    struct loop_fixture *base; /* &base->loop is the loop */
    struct ds_http *http;
    struct ds_engine *engine;
    struct ds_variables environment;
    char *run;   /* unique to the test */
    char *label; /* "dev.devstack.run=<run>" */
    struct ds_variables labels;
    struct engine_answer answer;
};

/* With cmocka_unit_test_setup_teardown(); *state is the struct engine_fixture. */
int engine_fixture_setup(void **state);
int engine_fixture_teardown(void **state);
/* Makes the test image when it is missing; for the group's setup. */
int engine_fixture_need_image(void **state);

/* Waits for the fixture's answer; prints the error when there is one. False: failed or late. */
bool engine_wait(struct engine_fixture *fixture);
/* A container of the test image that runs `script` in a shell, created and started. Its id is the
 * caller's, NULL when something failed. */
char *engine_run_shell(struct engine_fixture *fixture, const char *script);
/* The same with more settings: image, command, labels are filled in where they are NULL. Not
 * started. */
char *engine_create(struct engine_fixture *fixture, struct ds_container_config config);

#endif
