/* The engine fixture: one turn of the loop a call, and everything the test made swept at the end.
 */
#include "tests/support/engine_fixture.h"

#include <string.h>

#include "devstack/base/memory.h"
#include "devstack/base/secret.h"

extern char **environ;

bool engine_wait(struct engine_fixture *fixture)
{
    bool done = loop_run_until(fixture->base, &fixture->answer.done);
    if (!done)
        fprintf(stderr, "the engine gave no answer\n");
    else if (fixture->answer.failed)
        fprintf(stderr, "%s\n", fixture->answer.message);
    return done && !fixture->answer.failed;
}

char *engine_create(struct engine_fixture *fixture, struct ds_container_config config)
{
    ds_auto_strings struct ds_strings idle = {0};
    ds_strings_add(&idle, "sleep");
    ds_strings_add(&idle, "1000");
    if (!config.image)
        config.image = ENGINE_TEST_IMAGE;
    if (!config.command)
        config.command = &idle;
    if (!config.labels)
        config.labels = &fixture->labels;
    /* A shell that is process 1 ignores polite signals; nobody here waits for one. */
    config.init = true;
    answer_reset(&fixture->answer);
    ds_container_create(fixture->engine, &config, answer_created, &fixture->answer);
    return engine_wait(fixture) ? ds_strdup(fixture->answer.id) : NULL;
}

char *engine_run_shell(struct engine_fixture *fixture, const char *script)
{
    ds_auto_strings struct ds_strings command = {0};
    ds_strings_add(&command, "sh");
    ds_strings_add(&command, "-c");
    ds_strings_add(&command, script);
    ds_auto_free char *id =
        engine_create(fixture, (struct ds_container_config){.command = &command});
    if (!id)
        return NULL;
    answer_reset(&fixture->answer);
    ds_container_start(fixture->engine, id, answer_done, &fixture->answer);
    return engine_wait(fixture) ? ds_steal(id) : NULL;
}

int engine_fixture_need_image(void **state)
{
    (void)state;
    const char *root = getenv("DEVSTACK_SOURCE_ROOT");
    ds_auto_free char *command =
        ds_printf("'%s/tests/support/build-busybox-image' >&2", root ? root : ".");
    return system(command) == 0 ? 0 : -1;
}

int engine_fixture_setup(void **state)
{
    void *base = NULL;
    if (loop_fixture_setup(&base) != 0)
        return -1;
    struct engine_fixture *fixture = DS_NEW(struct engine_fixture);
    fixture->base = base;
    fixture->http = ds_http_create(&fixture->base->loop);
    ds_variables_import(&fixture->environment, environ);
    fixture->run = ds_random_hex(8);
    fixture->label = ds_printf("dev.devstack.run=%s", fixture->run);
    ds_variables_set(&fixture->labels, "dev.devstack.run", fixture->run);
    *state = fixture;
    ds_auto_error struct ds_error error = {0};
    fixture->engine = ds_engine_create(fixture->http, &fixture->environment, &error);
    if (!fixture->engine) {
        fprintf(stderr, "%s\n", error.message);
        return -1;
    }
    ds_engine_connect(fixture->engine, answer_connected, &fixture->answer);
    bool connected = engine_wait(fixture);
    answer_reset(&fixture->answer);
    return connected ? 0 : -1;
}

int engine_fixture_teardown(void **state)
{
    struct engine_fixture *fixture = *state;
    answer_reset(&fixture->answer);
    ds_engine_sweep(fixture->engine, fixture->label, answer_swept, &fixture->answer);
    bool swept = engine_wait(fixture);
    ds_engine_destroy(fixture->engine);
    ds_http_close(fixture->http, NULL, NULL);
    void *base = fixture->base;
    ds_variables_finish(&fixture->environment);
    ds_variables_finish(&fixture->labels);
    answer_reset(&fixture->answer);
    free(fixture->run);
    free(fixture->label);
    free(fixture);
    return loop_fixture_teardown(&base) == 0 && swept ? 0 : -1;
}
