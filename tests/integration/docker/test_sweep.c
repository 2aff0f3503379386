/* Sweeping what a dead run left in a real engine, also what appears late. */
#include "tests/support/cmocka_headers.h"

#include <string.h>

#include "devstack/base/memory.h"
#include "tests/support/engine_fixture.h"

static bool sweep(struct engine_fixture *fixture)
{
    answer_reset(&fixture->answer);
    ds_engine_sweep(fixture->engine, fixture->label, answer_swept, &fixture->answer);
    return engine_wait(fixture);
}

static size_t count(struct engine_fixture *fixture, enum ds_engine_object kind)
{
    answer_reset(&fixture->answer);
    ds_engine_list(fixture->engine, kind, fixture->label, answer_listed, &fixture->answer);
    return engine_wait(fixture) ? fixture->answer.item_count : SIZE_MAX;
}

static bool make_volume(struct engine_fixture *fixture, const char *suffix, bool ephemeral)
{
    ds_auto_variables struct ds_variables labels = {0};
    ds_variables_set(&labels, "dev.devstack.run", fixture->run);
    if (ephemeral)
        ds_variables_set(&labels, DS_LABEL_EPHEMERAL, "true");
    ds_auto_free char *name = ds_printf("devstack-test-%s-%s", fixture->run, suffix);
    answer_reset(&fixture->answer);
    ds_volume_create(fixture->engine, name, &labels, answer_done, &fixture->answer);
    return engine_wait(fixture);
}

static void all_but_data_goes(void **state)
{
    struct engine_fixture *fixture = *state;
    ds_auto_free char *network = ds_printf("devstack-test-%s", fixture->run);
    ds_network_create(fixture->engine, network, &fixture->labels, answer_done, &fixture->answer);
    assert_true(engine_wait(fixture));
    assert_true(make_volume(fixture, "data", false));
    assert_true(make_volume(fixture, "scratch", true));
    ds_auto_free char *scratch = ds_printf("devstack-test-%s-scratch", fixture->run);
    struct ds_engine_mount mount = {.type = DS_ENGINE_VOLUME, .source = scratch, .target = "/data"};
    ds_auto_free char *running = engine_create(
        fixture,
        (struct ds_container_config){.network = network, .mounts = &mount, .mount_count = 1});
    assert_non_null(running);
    answer_reset(&fixture->answer);
    ds_container_start(fixture->engine, running, answer_done, &fixture->answer);
    assert_true(engine_wait(fixture));
    ds_auto_free char *created = engine_create(fixture, (struct ds_container_config){0});
    assert_non_null(created);

    assert_true(sweep(fixture));
    assert_int_equal(fixture->answer.swept.containers, 2);
    assert_int_equal(fixture->answer.swept.networks, 1);
    assert_int_equal(fixture->answer.swept.volumes, 1);
    assert_int_equal(count(fixture, DS_ENGINE_CONTAINERS), 0);
    assert_int_equal(count(fixture, DS_ENGINE_NETWORKS), 0);
    assert_int_equal(count(fixture, DS_ENGINE_VOLUMES), 1);
    ds_auto_free char *data = ds_printf("devstack-test-%s-data", fixture->run);
    assert_string_equal(fixture->answer.id, data);
    answer_reset(&fixture->answer);
    ds_engine_remove(fixture->engine, DS_ENGINE_VOLUMES, data, answer_done, &fixture->answer);
    assert_true(engine_wait(fixture));
}

struct latecomer {
    uv_timer_t timer;
    struct engine_fixture *fixture;
    struct engine_answer created;
};

static void create_late(uv_timer_t *timer)
{
    struct latecomer *late = timer->data;
    struct ds_container_config config = {.image = ENGINE_TEST_IMAGE,
                                         .labels = &late->fixture->labels};
    ds_container_create(late->fixture->engine, &config, answer_created, &late->created);
    uv_close((uv_handle_t *)timer, NULL);
}

static void a_container_that_appears_late_goes_too(void **state)
{
    struct engine_fixture *fixture = *state;
    struct latecomer late = {.fixture = fixture};
    uv_timer_init(&fixture->base->loop, &late.timer);
    late.timer.data = &late;
    uv_update_time(&fixture->base->loop);
    uv_timer_start(&late.timer, create_late, 50, 0);
    assert_true(sweep(fixture));
    assert_int_equal(fixture->answer.swept.containers, 1);
    assert_true(late.created.done);
    answer_reset(&late.created);
    assert_int_equal(count(fixture, DS_ENGINE_CONTAINERS), 0);
}

static void nothing_is_swept_twice_or_from_others(void **state)
{
    struct engine_fixture *fixture = *state;
    ds_auto_variables struct ds_variables others = {0};
    ds_variables_setf(&others, "dev.devstack.run", "%s-other", fixture->run);
    ds_auto_free char *other =
        engine_create(fixture, (struct ds_container_config){.labels = &others});
    assert_non_null(other);
    assert_true(sweep(fixture));
    assert_int_equal(fixture->answer.swept.containers, 0);
    answer_reset(&fixture->answer);
    ds_container_remove(fixture->engine, other, answer_done, &fixture->answer);
    assert_true(engine_wait(fixture));
}

#define TEST(function)                                                                             \
    cmocka_unit_test_setup_teardown(function, engine_fixture_setup, engine_fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(all_but_data_goes),
        TEST(a_container_that_appears_late_goes_too),
        TEST(nothing_is_swept_twice_or_from_others),
    };
    return cmocka_run_group_tests(tests, engine_fixture_need_image, NULL);
}
