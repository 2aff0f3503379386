/* Listing, removing and making what carries our labels. */
#include "tests/unit/docker/scripted_calls.h"

static void containers_are_listed_with_their_ports(void **state)
{
    struct scripted_engine *engine = SCRIPT(
        state, OK("[{\"Id\":\"c1\",\"Names\":[\"/shop-db\"],\"State\":\"running\",\"Ports\":["
                  "{\"PublicPort\":53,\"Type\":\"udp\"},{\"PublicPort\":8080,\"Type\":\"tcp\"}]},"
                  "{\"Id\":\"c2\"}]"));
    ds_engine_list(engine->engine, DS_ENGINE_CONTAINERS, "a=b", answer_listed, &engine->answer);
    struct engine_answer *answer = script_end(engine);
    assert_int_equal(answer->item_count, 2);
    assert_string_equal(answer->id, "c1");
    assert_string_equal(answer->state, "running");
    assert_int_equal(answer->host_port, 8080);
    assert_string_equal(
        script_asked(engine),
        "GET /containers/json?filters=%7B%22label%22%3A%5B%22a%3Db%22%5D%7D&all=1\n");
}

static void volumes_have_no_id_but_their_name(void **state)
{
    struct scripted_engine *engine = SCRIPT(state, OK("{\"Volumes\":[{\"Name\":\"v1\"}]}"));
    ds_engine_list(engine->engine, DS_ENGINE_VOLUMES, NULL, answer_listed, &engine->answer);
    assert_string_equal(script_end(engine)->id, "v1");
    engine = SCRIPT(state, OK("{\"Volumes\":null}"));
    ds_engine_list(engine->engine, DS_ENGINE_VOLUMES, NULL, answer_listed, &engine->answer);
    struct engine_answer *answer = script_end(engine);
    assert_false(answer->failed);
    assert_int_equal(answer->item_count, 0);
}

static void removing_what_is_gone_is_no_error(void **state)
{
    struct scripted_engine *engine = SCRIPT(state, STATUS(404, "{\"message\":\"no such\"}"));
    ds_engine_remove(engine->engine, DS_ENGINE_VOLUMES, "v 1", answer_done, &engine->answer);
    assert_false(script_end(engine)->failed);
    assert_string_equal(script_asked(engine), "DELETE /volumes/v%201\n");
    engine = SCRIPT(state, STATUS(403, "{\"message\":\"has active endpoints\"}"));
    ds_engine_remove(engine->engine, DS_ENGINE_NETWORKS, "n1", answer_done, &engine->answer);
    assert_string_equal(script_end(engine)->message,
                        "Cannot remove network n1: has active endpoints");
}

static void what_is_made_carries_its_labels(void **state)
{
    struct scripted_engine *engine = SCRIPT(state, STATUS(201, "{}"));
    ds_auto_variables struct ds_variables labels = {0};
    ds_variables_set(&labels, "a", "b");
    ds_volume_create(engine->engine, "v1", &labels, answer_done, &engine->answer);
    assert_false(script_end(engine)->failed);
    assert_string_equal(script_asked(engine), "POST /volumes/create\n");
    assert_string_equal(script_body(engine), "{\"Name\":\"v1\",\"Labels\":{\"a\":\"b\"}}");
    engine = SCRIPT(state, STATUS(201, "{}"));
    ds_network_create(engine->engine, "n1", NULL, answer_done, &engine->answer);
    assert_false(script_end(engine)->failed);
    assert_string_equal(script_body(engine),
                        "{\"Name\":\"n1\",\"CheckDuplicate\":true,\"Labels\":{}}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(containers_are_listed_with_their_ports),
        TEST(volumes_have_no_id_but_their_name),
        TEST(removing_what_is_gone_is_no_error),
        TEST(what_is_made_carries_its_labels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
