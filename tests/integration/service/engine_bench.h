/* The bench of the service tests with a real engine beside it. */
#ifndef TESTS_INTEGRATION_SERVICE_ENGINE_BENCH_H
#define TESTS_INTEGRATION_SERVICE_ENGINE_BENCH_H

#include "relay.h"
#include "tests/unit/service/fixture.h"

#define TEST_IMAGE "devstack-test/busybox:1"

struct engine_bench {
    struct bench *bench; /* first: the services' fixture looks at it */
    struct relay *relay; /* between the bench and the engine */
    char *run;           /* label of everything that the test makes */
};

/* Of a group: makes the image. Of a test: *state is a struct engine_bench. */
int engine_bench_images(void **state);
int engine_bench_setup(void **state);
/* Fails when a container of the test is left. */
int engine_bench_teardown(void **state);

/* A container of the test image whose shell runs `script`; it has no port. */
struct subject *add_container(struct engine_bench *bench, const char *name, const char *script);
/* Gives it a host port for `container_port`. */
void publish(struct subject *subject, uint16_t container_port);
/* Containers of this test that the engine knows. */
size_t containers_left(struct engine_bench *bench);
/* Waits for one engine call's plain answer; true when it succeeded. */
struct plain_answer {
    bool done, failed;
};
void on_plain_answer(void *data, const struct ds_error *error);
bool plain_answered(struct engine_bench *bench, struct plain_answer *answer);

#endif
