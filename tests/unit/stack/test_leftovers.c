/* Leftovers: of all that carries the stack's label only what a dead run made here is removed. */
#include "fixture.h"

#include <jansson.h>

#include "orchestrator/stack/leftovers.h"
#include "orchestrator/stack/ownership.h"
#include "tests/support/scripted_engine.h"

struct world {
    struct ds_variables ours;
    bool fails;
    unsigned foreign_removed, containers_removed, networks_removed;
};

static char *listing(const struct world *world)
{
    json_t *labels = json_object();
    for (size_t i = 0; i < world->ours.count; i++)
        json_object_set_new(labels, world->ours.items[i].name,
                            json_string(world->ours.items[i].value));
    json_t *list = json_pack("[{s:s,s:[s],s:s,s:o},{s:s,s:[s],s:s,s:{}}]", "Id", "dead", "Names",
                             "/dead", "Name", "dead", "Labels", labels, "Id", "foreign", "Names",
                             "/foreign", "Name", "foreign", "Labels");
    char *text = json_dumps(list, 0);
    json_decref(list);
    return text;
}

static void serve(void *data, struct scripted_peer *peer, const struct scripted_request *request)
{
    struct world *world = ((struct scripted_engine *)data)->data;
    if (ds_string_equal(request->method, "DELETE")) {
        world->foreign_removed += strstr(request->target, "foreign") != NULL;
        world->containers_removed += strstr(request->target, "/containers/dead") != NULL;
        world->networks_removed += strstr(request->target, "/networks/dead") != NULL;
        scripted_peer_answer(peer, 204, "", "");
    } else if (world->fails) {
        scripted_peer_answer(peer, 500, "", "{\"message\":\"the database is gone\"}");
    } else {
        ds_auto_free char *text = listing(world);
        scripted_peer_answer(peer, 200, "", text);
    }
}

static struct engine_answer *removed(void **state, struct world *world)
{
    struct scripted_engine *scripted = *state;
    struct run_fixture run;
    run_fixture_open(&run);
    ownership_labels(&run.identity, "aa", "web", &world->ours);
    scripted->data = world;
    scripted_engine_listen(scripted, serve);
    leftovers_remove(scripted->engine, &run.identity, answer_done, &scripted->answer);
    assert_true(scripted_engine_wait(scripted));
    ds_variables_finish(&world->ours);
    run_fixture_close(&run);
    return &scripted->answer;
}

static void only_what_is_dead_and_ours_goes(void **state)
{
    struct world world = {0};
    assert_false(removed(state, &world)->failed);
    assert_int_equal(world.containers_removed, 1);
    assert_int_equal(world.networks_removed, 1);
    assert_int_equal(world.foreign_removed, 0);
}

static void a_listing_that_fails_is_told(void **state)
{
    struct world world = {.fails = true};
    assert_true(removed(state, &world)->failed);
    assert_int_equal(world.containers_removed, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(only_what_is_dead_and_ours_goes, scripted_engine_setup,
                                        scripted_engine_teardown),
        cmocka_unit_test_setup_teardown(a_listing_that_fails_is_told, scripted_engine_setup,
                                        scripted_engine_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
