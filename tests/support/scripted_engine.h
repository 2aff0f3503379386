/*
 * An engine handle whose engine is a script on a unix socket: for answers that a real engine cannot
 * be made to give. It is "connected" with API 1.41 already.
 */
#ifndef TESTS_SUPPORT_SCRIPTED_ENGINE_H
#define TESTS_SUPPORT_SCRIPTED_ENGINE_H

#include <stdlib.h>
#include <string.h>

#include "devstack/base/file.h"
#include "devstack/base/memory.h"
#include "devstack/docker/engine.h"
#include "tests/support/engine_answer.h"
#include "tests/support/loop_fixture.h"
#include "tests/support/scripted_server.h"

struct scripted_engine {
    struct loop_fixture *base;
    char *folder, *socket;
    struct ds_variables environment;
    struct ds_http *http;
    struct ds_engine *engine;
    struct scripted_server *server;
    struct engine_answer answer;
    void *data; /* the test's own */
};

static inline int scripted_engine_setup(void **state)
{
    void *base = NULL;
    if (loop_fixture_setup(&base) != 0)
        return -1;
    char folder[] = "/tmp/devstack-engine-XXXXXX";
    struct scripted_engine *scripted = DS_NEW(struct scripted_engine);
    scripted->base = base;
    scripted->folder = ds_strdup(mkdtemp(folder));
    scripted->socket = ds_path_join(scripted->folder, "docker.sock");
    ds_variables_set(&scripted->environment, "DOCKER_CONFIG", scripted->folder);
    ds_variables_setf(&scripted->environment, "DOCKER_HOST", "unix://%s", scripted->socket);
    scripted->http = ds_http_create(&scripted->base->loop);
    scripted->engine = ds_engine_create(scripted->http, &scripted->environment, NULL);
    *state = scripted;
    return scripted->engine ? 0 : -1;
}

static inline void scripted_engine_listen(struct scripted_engine *scripted,
                                          scripted_request_fn on_request)
{
    scripted->server =
        scripted_server_open(&scripted->base->loop, scripted->socket, on_request, scripted);
}

/* Closes the server and waits until nothing more is under way there. */
static inline void scripted_engine_stop(struct scripted_engine *scripted)
{
    if (!scripted->server)
        return;
    scripted_server_close(scripted->server);
    scripted->server = NULL;
    uv_run(&scripted->base->loop, UV_RUN_NOWAIT);
}

static inline int scripted_engine_teardown(void **state)
{
    struct scripted_engine *scripted = *state;
    ds_engine_destroy(scripted->engine);
    ds_http_close(scripted->http, NULL, NULL);
    scripted_engine_stop(scripted);
    void *base = scripted->base;
    int result = loop_fixture_teardown(&base);
    ds_tree_remove(scripted->folder, NULL);
    answer_reset(&scripted->answer);
    ds_variables_finish(&scripted->environment);
    free(scripted->folder);
    free(scripted->socket);
    free(scripted);
    return result;
}

/* True: the call has ended, well or not. */
static inline bool scripted_engine_wait(struct scripted_engine *scripted)
{
    return loop_run_until(scripted->base, &scripted->answer.done);
}

#endif
