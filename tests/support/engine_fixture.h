/*
 * A connected Docker Engine for one test of the suite "engine", and a place to note what its calls
 * answer. Objects a test makes carry the fixture's label, and teardown removes them with the sweep.
 */
#ifndef TESTS_SUPPORT_ENGINE_FIXTURE_H
#define TESTS_SUPPORT_ENGINE_FIXTURE_H

#include "devstack/docker/engine.h"
#include "devstack/docker/sweep.h"
#include "tests/support/loop_fixture.h"

#define ENGINE_TEST_IMAGE "devstack-test/busybox:1"

/* What a call has answered. Zero it with answer_reset() before it is used again. */
struct engine_answer {
    bool done;
    unsigned count;
    bool failed;
    enum ds_error_code code;
    char *message, *hint;
    char *id; /* of a container, or an exec's output */
    bool present, running, has_health;
    char *health;
    int exit_code;
    pid_t pid;
    struct ds_engine_port ports[4];
    size_t port_count;
    size_t item_count;
    char *state; /* of the first item */
    uint16_t host_port;
    struct ds_sweep_result swept;
};

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

void answer_reset(struct engine_answer *answer);
void answer_note_error(struct engine_answer *answer, const struct ds_error *error);
/* Callbacks; `data` is the struct engine_answer. */
void answer_done(void *data, const struct ds_error *error);
void answer_connected(void *data, const struct ds_engine_info *info, const struct ds_error *error);
void answer_present(void *data, bool present, const struct ds_error *error);
void answer_created(void *data, const char *id, const struct ds_error *error);
void answer_inspected(void *data, const struct ds_container_state *container,
                      const struct ds_error *error);
void answer_ended(void *data, int exit_code, const struct ds_error *error);
void answer_executed(void *data, int exit_code, const char *output, const struct ds_error *error);
void answer_listed(void *data, const struct ds_engine_item *items, size_t count,
                   const struct ds_error *error);
void answer_swept(void *data, const struct ds_sweep_result *result, const struct ds_error *error);

/* Waits for the fixture's answer; prints the error when there is one. False: failed or late. */
bool engine_wait(struct engine_fixture *fixture);
/* A container of the test image that runs `script` in a shell, created and started. Its id is the
 * caller's, NULL when something failed. */
char *engine_run_shell(struct engine_fixture *fixture, const char *script);
/* The same with more settings: image, command, labels are filled in where they are NULL. Not
 * started. */
char *engine_create(struct engine_fixture *fixture, struct ds_container_config config);

#endif
