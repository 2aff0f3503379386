/*
 * Answers of an engine in their order, and what it was asked: for the tests of calls.
 */
#ifndef TESTS_UNIT_DOCKER_SCRIPTED_CALLS_H
#define TESTS_UNIT_DOCKER_SCRIPTED_CALLS_H

#include "tests/support/cmocka_headers.h"

#include <string.h>

#include "tests/support/scripted_engine.h"

#define OK(body)           "HTTP/1.0 200 OK\r\n\r\n" body
#define STATUS(code, body) "HTTP/1.0 " #code " x\r\n\r\n" body

struct script {
    const char *const *answers; /* the last one again and again */
    size_t count, next;
    struct ds_text asked; /* "POST /containers/c/start\n" for each request */
    struct ds_text body;  /* of the last one */
};

static inline void script_serve(void *data, struct scripted_peer *peer,
                                const struct scripted_request *request)
{
    struct script *script = ((struct scripted_engine *)data)->data;
    ds_text_appendf(&script->asked, "%s %s\n", request->method, request->target);
    ds_text_clear(&script->body);
    ds_text_append_bytes(&script->body, request->body, request->body_length);
    const char *answer = script->answers[script->next];
    if (script->next + 1 < script->count)
        script->next++;
    scripted_peer_write(peer, answer, strlen(answer));
    scripted_peer_close(peer);
}

/* `answers` are to outlive the test. */
static inline struct scripted_engine *script_begin(void **state, const char *const *answers,
                                                   size_t count)
{
    struct scripted_engine *scripted = *state;
    struct script *script = scripted->data;
    if (!script)
        scripted->data = script = DS_NEW(struct script);
    script->answers = answers;
    script->count = count;
    script->next = 0;
    ds_text_clear(&script->asked);
    if (!scripted->server)
        scripted_engine_listen(scripted, script_serve);
    answer_reset(&scripted->answer);
    return scripted;
}

/* For one call: SCRIPT(state, answer, …). */
#define SCRIPT(state, ...)                                                                         \
    script_begin(state, (const char *const[]){__VA_ARGS__},                                        \
                 sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

static inline struct engine_answer *script_end(struct scripted_engine *scripted)
{
    assert_false(scripted->answer.done); /* never from inside */
    assert_true(scripted_engine_wait(scripted));
    assert_int_equal(scripted->answer.count, 1);
    return &scripted->answer;
}

static inline const char *script_asked(const struct scripted_engine *scripted)
{
    return ds_text_string(&((const struct script *)scripted->data)->asked);
}

static inline const char *script_body(const struct scripted_engine *scripted)
{
    return ds_text_string(&((const struct script *)scripted->data)->body);
}

static inline int script_teardown(void **state)
{
    struct script *script = ((struct scripted_engine *)*state)->data;
    int result = scripted_engine_teardown(state);
    if (script) {
        ds_text_finish(&script->asked);
        ds_text_finish(&script->body);
    }
    free(script);
    return result;
}

#define TEST(function)                                                                             \
    cmocka_unit_test_setup_teardown(function, scripted_engine_setup, script_teardown)

#endif
