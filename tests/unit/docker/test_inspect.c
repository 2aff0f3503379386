/* A container's state, from answers whole and odd. */
#include "tests/unit/docker/scripted_calls.h"

static struct engine_answer *inspect(struct scripted_engine *engine)
{
    ds_container_inspect(engine->engine, "c1", answer_inspected, &engine->answer);
    return script_end(engine);
}

static void a_running_one_tells_all(void **state)
{
    struct engine_answer *answer = inspect(SCRIPT(
        state, OK("{\"Id\":\"c1\",\"Name\":\"/shop-db\",\"Config\":{\"Image\":\"a\"},"
                  "\"State\":{\"Running\":true,\"Pid\":42,\"Health\":{\"Status\":\"healthy\"}},"
                  "\"NetworkSettings\":{\"Ports\":{"
                  "\"5432/tcp\":[{\"HostIp\":\"127.0.0.1\",\"HostPort\":\"32768\"},"
                  "{\"HostIp\":\"::1\",\"HostPort\":\"32768\"}],"
                  "\"53/udp\":[{\"HostPort\":\"32769\"}],\"9000/tcp\":null}}}")));
    assert_string_equal(answer->id, "c1");
    assert_string_equal(answer->state, "shop-db");
    assert_true(answer->running);
    assert_int_equal(answer->pid, 42);
    assert_true(answer->has_health);
    assert_string_equal(answer->health, "healthy");
    assert_int_equal(answer->port_count, 1);
    assert_int_equal(answer->ports[0].container, 5432);
    assert_int_equal(answer->ports[0].host, 32768);
}

static void what_is_missing_or_of_another_type_is_nothing(void **state)
{
    struct engine_answer *answer = inspect(
        SCRIPT(state, OK("{\"Id\":7,\"State\":{\"Health\":{\"Status\":\"none\"},\"ExitCode\":3},"
                         "\"NetworkSettings\":{\"Ports\":{\"x\":[{}],\"70000/tcp\":[{\"HostPort\":"
                         "\"1\"}],\"1/tcp\":[{\"HostPort\":\"99999\"}]}}}")));
    assert_false(answer->failed);
    assert_string_equal(answer->id, "");
    assert_false(answer->running);
    assert_false(answer->has_health);
    assert_null(answer->health);
    assert_int_equal(answer->exit_code, 3);
    assert_int_equal(answer->port_count, 0);
}

static void one_that_is_gone_and_nonsense_are_told_apart(void **state)
{
    struct engine_answer *answer =
        inspect(SCRIPT(state, STATUS(404, "{\"message\":\"No such container: c1\"}")));
    assert_int_equal(answer->code, DS_ERROR_MISSING);
    answer = inspect(SCRIPT(state, OK("nonsense")));
    assert_int_equal(answer->code, DS_ERROR_FAILED);
    assert_non_null(strstr(answer->message, "no JSON"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_running_one_tells_all),
        TEST(what_is_missing_or_of_another_type_is_nothing),
        TEST(one_that_is_gone_and_nonsense_are_told_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
