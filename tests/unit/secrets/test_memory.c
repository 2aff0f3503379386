/* The memory store, and with it the life of a call that all stores share. */
#include "store_fixture.h"

static void keeps_replaces_and_removes(void **state)
{
    struct loop_fixture *fixture = *state;
    struct ds_secret_store *store = ds_secret_store_memory(&fixture->loop);
    struct ds_secret_key other = {.stack = "shop-aaaa", .name = key.name};
    auto_outcome struct outcome first = {0}, second = {0}, found = {0}, elsewhere = {0};
    auto_outcome struct outcome removed = {0}, again = {0};
    assert_int_equal(save(fixture, store, &key, "first", &first), DS_SECRET_FOUND);
    assert_int_equal(save(fixture, store, &key, "second", &second), DS_SECRET_FOUND);
    assert_int_equal(look_up(fixture, store, &key, &found), DS_SECRET_FOUND);
    assert_string_equal(ds_secret_bytes(found.value), "second");
    assert_true(found.stored_at > 0);
    assert_int_equal(look_up(fixture, store, &other, &elsewhere), DS_SECRET_ABSENT);
    assert_int_equal(take_away(fixture, store, &key, &removed), DS_SECRET_FOUND);
    assert_int_equal(take_away(fixture, store, &key, &again), DS_SECRET_ABSENT);
    ds_secret_store_destroy(store);
}

static void a_cancelled_call_does_not_call_back(void **state)
{
    struct loop_fixture *fixture = *state;
    struct ds_secret_store *store = ds_secret_store_memory(&fixture->loop);
    struct outcome cancelled = {0};
    auto_outcome struct outcome other = {0};
    struct ds_secret_call *call = ds_secret_store_lookup(store, &key, outcome_take, &cancelled);
    ds_secret_call_cancel(call);
    ds_secret_store_check(store, outcome_take, &other);
    assert_true(loop_drain(fixture));
    assert_false(cancelled.done);
    assert_int_equal(other.times, 1);
    ds_secret_store_destroy(store);
}

static void destroying_the_store_cancels_its_calls(void **state)
{
    struct loop_fixture *fixture = *state;
    struct ds_secret_store *store = ds_secret_store_memory(&fixture->loop);
    struct outcome outcomes[3] = {0};
    for (size_t i = 0; i < DS_COUNT(outcomes); i++)
        ds_secret_store_lookup(store, &key, outcome_take, &outcomes[i]);
    ds_secret_store_destroy(store);
    assert_true(loop_drain(fixture));
    for (size_t i = 0; i < DS_COUNT(outcomes); i++)
        assert_false(outcomes[i].done);
    ds_secret_store_destroy(NULL);
    ds_secret_call_cancel(NULL);
}

static void destroy_it(void *data, const struct ds_secret_result *result)
{
    if (result->outcome == DS_SECRET_FOUND)
        ds_secret_store_destroy(data);
}

static void a_callback_may_destroy_the_store(void **state)
{
    struct loop_fixture *fixture = *state;
    struct outcome late = {0};
    struct ds_secret_store *store = ds_secret_store_memory(&fixture->loop);
    ds_secret_store_check(store, destroy_it, store);
    ds_secret_store_check(store, outcome_take, &late);
    assert_true(loop_drain(fixture));
    assert_true(late.times <= 1);
    outcome_finish(&late);
}

#define LOOP_TEST(name)                                                                            \
    cmocka_unit_test_setup_teardown(name, loop_fixture_setup, loop_fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        LOOP_TEST(keeps_replaces_and_removes),
        LOOP_TEST(a_cancelled_call_does_not_call_back),
        LOOP_TEST(destroying_the_store_cancels_its_calls),
        LOOP_TEST(a_callback_may_destroy_the_store),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
