/*
 * What a call of the Docker room has answered, noted for the test: assertions inside the loop's
 * callbacks would jump out of it.
 */
#ifndef TESTS_SUPPORT_ENGINE_ANSWER_H
#define TESTS_SUPPORT_ENGINE_ANSWER_H

#include "devstack/docker/engine.h"
#include "devstack/docker/sweep.h"

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

#endif
