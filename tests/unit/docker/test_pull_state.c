/* Adding up a pull's messages. */
#include "tests/support/cmocka_headers.h"

#include "orchestrator/docker/pull.h"

static void take(struct pull_state *pull, const char *message)
{
    json_t *object = json_loads(message, 0, NULL);
    assert_non_null(object);
    pull_state_take(pull, object);
    json_decref(object);
}

static void assert_progress(const struct pull_state *pull, uint64_t bytes_done,
                            uint64_t bytes_total, unsigned layers_done, unsigned layers_total)
{
    struct ds_pull_progress progress = pull_state_progress(pull);
    assert_int_equal(progress.bytes_done, bytes_done);
    assert_int_equal(progress.bytes_total, bytes_total);
    assert_int_equal(progress.layers_done, layers_done);
    assert_int_equal(progress.layers_total, layers_total);
}

static void layers_add_up(void **state)
{
    (void)state;
    struct pull_state pull = {0};
    take(&pull, "{\"status\":\"Pulling from library/postgres\",\"id\":\"17\"}");
    assert_progress(&pull, 0, 0, 0, 0);
    take(&pull, "{\"status\":\"Already exists\",\"progressDetail\":{},\"id\":\"a\"}");
    take(&pull, "{\"status\":\"Pulling fs layer\",\"progressDetail\":{},\"id\":\"b\"}");
    take(&pull, "{\"status\":\"Waiting\",\"progressDetail\":{},\"id\":\"c\"}");
    assert_progress(&pull, 0, 0, 1, 3);
    take(&pull, "{\"status\":\"Downloading\",\"progressDetail\":{\"current\":10,\"total\":100},"
                "\"progress\":\"[> ]\",\"id\":\"b\"}");
    take(&pull, "{\"status\":\"Downloading\",\"progressDetail\":{\"current\":5,\"total\":50},"
                "\"id\":\"c\"}");
    assert_progress(&pull, 15, 150, 1, 3);
    take(&pull, "{\"status\":\"Verifying Checksum\",\"progressDetail\":{},\"id\":\"b\"}");
    take(&pull, "{\"status\":\"Download complete\",\"progressDetail\":{},\"id\":\"b\"}");
    assert_progress(&pull, 105, 150, 1, 3);
    take(&pull, "{\"status\":\"Extracting\",\"progressDetail\":{\"current\":7,\"total\":100},"
                "\"id\":\"b\"}");
    assert_progress(&pull, 105, 150, 1, 3);
    take(&pull, "{\"status\":\"Pull complete\",\"progressDetail\":{},\"id\":\"b\"}");
    take(&pull, "{\"status\":\"Pull complete\",\"progressDetail\":{},\"id\":\"c\"}");
    take(&pull, "{\"status\":\"Digest: sha256:00\"}");
    assert_progress(&pull, 150, 150, 3, 3);
    assert_null(pull.error);
    pull_state_finish(&pull);
}

static void a_small_layer_that_is_down_at_once_counts(void **state)
{
    (void)state;
    struct pull_state pull = {0};
    take(&pull, "{\"status\":\"Download complete\",\"id\":\"a\"}");
    take(&pull, "{\"status\":\"Extracting\",\"progressDetail\":{\"current\":9,\"total\":32},"
                "\"id\":\"a\"}");
    assert_progress(&pull, 32, 32, 0, 1);
    pull_state_finish(&pull);
}

static void the_first_error_is_kept(void **state)
{
    (void)state;
    struct pull_state pull = {0};
    take(&pull, "{\"errorDetail\":{\"message\":\"toomanyrequests: slow down\\nmore\"},"
                "\"error\":\"other words\"}");
    take(&pull, "{\"error\":\"later\"}");
    assert_string_equal(pull.error, "toomanyrequests: slow down");
    pull_state_finish(&pull);
}

static void odd_messages_change_nothing(void **state)
{
    (void)state;
    struct pull_state pull = {0};
    take(&pull, "{\"status\":7,\"id\":[],\"progressDetail\":\"x\"}");
    take(&pull, "{\"status\":\"Downloading\",\"id\":\"\"}");
    take(&pull, "{\"status\":\"Downloading\",\"id\":\"a\",\"progressDetail\":{\"current\":-5}}");
    assert_progress(&pull, 0, 0, 0, 1);
    pull_state_finish(&pull);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(layers_add_up),
        cmocka_unit_test(a_small_layer_that_is_down_at_once_counts),
        cmocka_unit_test(the_first_error_is_kept),
        cmocka_unit_test(odd_messages_change_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
