/* An engine for the bench, behind a relay that can go away. */
#include "engine_bench.h"

#include <stdlib.h>
#include <string.h>

#include "tests/support/engine_fixture.h"

int engine_bench_images(void **state)
{
    return engine_fixture_need_image(state);
}

struct connecting {
    bool done, failed;
};

static void on_connected(void *data, const struct ds_engine_info *info,
                         const struct ds_error *error)
{
    struct connecting *connecting = data;
    (void)info;
    connecting->done = true;
    connecting->failed = error != NULL;
    if (error)
        fprintf(stderr, "%s\n", error->message);
}

static bool is_connected(void *data)
{
    return ((struct connecting *)data)->done;
}

/* The relay stands before the engine of DOCKER_HOST, when that is a unix socket, else before the
 * usual one. */
static const char *engine_socket(void)
{
    const char *host = getenv("DOCKER_HOST");
    return host && !strncmp(host, "unix://", 7) ? host + 7 : "/var/run/docker.sock";
}

int engine_bench_setup(void **state)
{
    struct engine_bench *self = DS_NEW(struct engine_bench);
    void *bench = NULL;
    if (bench_setup(&bench) != 0)
        return -1;
    self->bench = bench;
    self->run = ds_random_hex(8);
    *state = self;
    ds_auto_free char *path = bench_path(self->bench, "engine.sock");
    self->relay = relay_open(&self->bench->loop, path, engine_socket());
    ds_auto_variables struct ds_variables environment = {0};
    ds_variables_setf(&environment, "DOCKER_HOST", "unix://%s", path);
    ds_auto_error struct ds_error err = {0};
    self->bench->engine = ds_engine_create(self->bench->http, &environment, &err);
    if (!self->bench->engine)
        return -1;
    self->bench->host.engine = self->bench->engine;
    struct connecting connecting = {0};
    ds_engine_connect(self->bench->engine, on_connected, &connecting);
    return bench_until(self->bench, is_connected, &connecting) && !connecting.failed ? 0 : -1;
}

struct counting {
    bool done;
    size_t count;
};

static void on_list(void *data, const struct ds_engine_item *items, size_t count,
                    const struct ds_error *error)
{
    struct counting *counting = data;
    (void)items;
    counting->done = true;
    counting->count = error ? SIZE_MAX : count;
}

static bool is_counted(void *data)
{
    return ((struct counting *)data)->done;
}

size_t containers_left(struct engine_bench *self)
{
    struct counting counting = {0};
    ds_auto_free char *label = ds_printf("dev.devstack.run=%s", self->run);
    ds_engine_list(self->bench->engine, DS_ENGINE_CONTAINERS, label, on_list, &counting);
    return bench_until(self->bench, is_counted, &counting) ? counting.count : SIZE_MAX;
}

void on_plain_answer(void *data, const struct ds_error *error)
{
    struct plain_answer *answer = data;
    answer->done = true;
    answer->failed = error != NULL;
    if (error)
        fprintf(stderr, "%s\n", error->message);
}

static bool is_answered(void *data)
{
    return ((struct plain_answer *)data)->done;
}

bool plain_answered(struct engine_bench *self, struct plain_answer *answer)
{
    return bench_until(self->bench, is_answered, answer) && !answer->failed;
}

static void on_closed(void *data)
{
    ((struct subject *)data)->closed = true;
}

static bool are_closed(void *data)
{
    const struct bench *bench = data;
    for (size_t i = 0; i < bench->count; i++)
        if (bench->subjects[i].service && !bench->subjects[i].closed)
            return false;
    return true;
}

int engine_bench_teardown(void **state)
{
    struct engine_bench *self = *state;
    struct bench *bench = self->bench;
    for (size_t i = 0; i < bench->count; i++)
        if (bench->subjects[i].service)
            ds_service_close(bench->subjects[i].service, on_closed, &bench->subjects[i]);
    bool closed = bench_until(bench, are_closed, bench);
    for (size_t i = 0; i < bench->count; i++)
        bench->subjects[i].service = NULL;
    size_t left = containers_left(self);
    if (left)
        fprintf(stderr, "%zu containers are left\n", left);
    relay_close(self->relay);
    void *inner = bench;
    int result = bench_teardown(&inner);
    free(self->run);
    free(self);
    return closed && !left ? result : -1;
}

struct subject *add_container(struct engine_bench *self, const char *name, const char *script)
{
    struct subject *subject = bench_add(self->bench, name);
    subject->spec.kind = DS_KIND_CONTAINER;
    subject->spec.kind_word = "image";
    subject->spec.restart = DS_RESTART_NO;
    subject->spec.container.image = (char *)TEST_IMAGE;
    subject->spec.container.pull_policy = DS_PULL_NEVER;
    if (script) {
        ds_strings_add(&subject->argv, "sh");
        ds_strings_add(&subject->argv, "-c");
        ds_strings_add(&subject->argv, script);
    }
    ds_variables_set(&subject->labels, "dev.devstack.run", self->run);
    ds_variables_setf(&subject->labels, "dev.devstack.stack", "test-%s", self->run);
    subject->container_name = subject->name_text = ds_printf("test-%s-%s", self->run, name);
    return subject;
}

void publish(struct subject *subject, uint16_t container_port)
{
    subject_port(subject);
    subject->container_port = container_port;
}
