/* Sweeps that cannot go well, and sweeps that are given up. */
#include "tests/support/cmocka_headers.h"

#include <string.h>

#include "tests/support/scripted_engine.h"

/* What the script's engine holds: removing works from the second time on. */
struct world {
    unsigned containers, removals, listings;
    bool listings_fail;
};

static void serve(void *data, struct scripted_peer *peer, const struct scripted_request *request)
{
    struct world *world = ((struct scripted_engine *)data)->data;
    if (ds_string_equal(request->method, "DELETE")) {
        bool works = ++world->removals > 1;
        world->containers -= works;
        scripted_peer_answer(peer, works ? 204 : 500, "",
                             works ? "" : "{\"message\":\"device or resource busy\"}");
    } else if (world->listings_fail && ++world->listings > 1) {
        scripted_peer_answer(peer, 500, "", "{\"message\":\"the database is gone\"}");
    } else if (ds_string_starts(request->target, "/containers/") && world->containers) {
        scripted_peer_answer(peer, 200, "", "[{\"Id\":\"c1\",\"Names\":[\"/c1\"]}]");
    } else {
        scripted_peer_answer(peer, 200, "",
                             ds_string_starts(request->target, "/volumes") ? "{\"Volumes\":null}"
                                                                           : "[]");
    }
}

static struct engine_answer *sweep(void **state, struct world *world)
{
    struct scripted_engine *scripted = *state;
    scripted->data = world;
    scripted_engine_listen(scripted, serve);
    ds_engine_sweep(scripted->engine, "dev.devstack.run=x", answer_swept, &scripted->answer);
    assert_true(scripted_engine_wait(scripted));
    return &scripted->answer;
}

static void a_removal_that_fails_is_tried_again(void **state)
{
    struct world world = {.containers = 1};
    struct engine_answer *answer = sweep(state, &world);
    assert_false(answer->failed);
    assert_int_equal(answer->swept.containers, 1);
    assert_int_equal(world.removals, 2);
}

static void without_listings_it_fails_with_their_reason(void **state)
{
    struct world world = {.listings_fail = true};
    struct engine_answer *answer = sweep(state, &world);
    assert_true(answer->failed);
    assert_non_null(strstr(answer->message, "Cannot list networks: the database is gone"));
}

static void an_engine_that_is_away_is_told(void **state)
{
    struct scripted_engine *scripted = *state;
    ds_engine_sweep(scripted->engine, "dev.devstack.run=x", answer_swept, &scripted->answer);
    assert_false(scripted->answer.done);
    assert_true(scripted_engine_wait(scripted));
    assert_int_equal(scripted->answer.code, DS_ERROR_MISSING);
}

static void stay_silent(void *data, struct scripted_peer *peer,
                        const struct scripted_request *request)
{
    struct world *world = ((struct scripted_engine *)data)->data;
    if (ds_string_equal(request->method, "DELETE"))
        world->removals++;
    else
        scripted_peer_answer(peer, 200, "", "[{\"Id\":\"c1\"},{\"Id\":\"c2\"}]");
}

static void a_cancelled_sweep_takes_its_calls_with_it(void **state)
{
    struct scripted_engine *scripted = *state;
    struct world world = {0};
    scripted->data = &world;
    scripted_engine_listen(scripted, stay_silent);
    struct ds_engine_call *call =
        ds_engine_sweep(scripted->engine, "dev.devstack.run=x", answer_swept, &scripted->answer);
    loop_fixture_arm(scripted->base);
    while (world.removals < 2 && !scripted->base->expired)
        uv_run(&scripted->base->loop, UV_RUN_ONCE);
    assert_int_equal(world.removals, 2);
    ds_engine_cancel(call);
    assert_true(loop_drain(scripted->base));
    assert_false(scripted->answer.done);
}

#define TEST(function)                                                                             \
    cmocka_unit_test_setup_teardown(function, scripted_engine_setup, scripted_engine_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_removal_that_fails_is_tried_again),
        TEST(without_listings_it_fails_with_their_reason),
        TEST(an_engine_that_is_away_is_told),
        TEST(a_cancelled_sweep_takes_its_calls_with_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
