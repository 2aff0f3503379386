/* A loop of its own: answers that are waited for, and signals that end the wait. */
#include "store_fixture.h"

#include "orchestrator/secrets/turn.h"

static void waits_for_the_answer(void **state)
{
    (void)state;
    struct secret_turn turn;
    secret_turn_init(&turn);
    struct ds_secret_store *store = ds_secret_store_memory(&turn.loop);
    struct ds_secret *value = ds_secret_create("kept", 4);
    auto_reply struct secret_reply absent = {0}, saved = {0}, found = {0};
    secret_turn_await(&turn, ds_secret_store_lookup(store, &key, secret_reply_take, &absent),
                      &absent);
    assert_int_equal(absent.outcome, DS_SECRET_ABSENT);
    secret_turn_await(&turn, ds_secret_store_save(store, &key, value, secret_reply_take, &saved),
                      &saved);
    assert_int_equal(saved.outcome, DS_SECRET_FOUND);
    secret_turn_await(&turn, ds_secret_store_lookup(store, &key, secret_reply_take, &found),
                      &found);
    assert_string_equal(ds_secret_bytes(found.value), "kept");
    ds_secret_unref(value);
    ds_secret_store_destroy(store);
    secret_turn_finish(&turn);
}

static void keeps_an_error_with_its_hint(void **state)
{
    (void)state;
    struct secret_turn turn;
    secret_turn_init(&turn);
    struct ds_secret_store *store = ds_secret_store_environment(&turn.loop, NULL);
    struct ds_secret *value = ds_secret_create("x", 1);
    auto_reply struct secret_reply reply = {0};
    secret_turn_await(&turn, ds_secret_store_save(store, &key, value, secret_reply_take, &reply),
                      &reply);
    assert_int_not_equal(reply.outcome, DS_SECRET_FOUND);
    assert_non_null(reply.error.message);
    assert_non_null(reply.error.hint);
    ds_secret_unref(value);
    ds_secret_store_destroy(store);
    secret_turn_finish(&turn);
}

static void raise_it(uv_timer_t *timer)
{
    raise(*(int *)timer->data);
}

/* What a pause says when the signal comes in it. */
static bool pause_with(int number, uint64_t ms, bool *ret_interrupted)
{
    struct secret_turn turn;
    uv_timer_t timer;
    secret_turn_init(&turn);
    uv_timer_init(&turn.loop, &timer);
    timer.data = &number;
    uv_timer_start(&timer, raise_it, 1, 0);
    bool over = secret_turn_pause(&turn, ms);
    *ret_interrupted = turn.interrupted;
    uv_close((uv_handle_t *)&timer, NULL);
    secret_turn_finish(&turn);
    return over;
}

static void a_signal_ends_a_pause_and_its_action_is_put_back(void **state)
{
    (void)state;
    bool interrupted = false;
    struct sigaction after;
    signal(SIGTERM, SIG_DFL);
    assert_false(pause_with(SIGTERM, 60000, &interrupted));
    assert_true(interrupted);
    assert_int_equal(sigaction(SIGTERM, NULL, &after), 0);
    assert_ptr_equal(after.sa_handler, SIG_DFL);
}

static void a_signal_that_was_ignored_stays_so(void **state)
{
    (void)state;
    bool interrupted = true;
    struct sigaction after;
    signal(SIGHUP, SIG_IGN);
    assert_true(pause_with(SIGHUP, 20, &interrupted));
    assert_false(interrupted);
    assert_int_equal(sigaction(SIGHUP, NULL, &after), 0);
    assert_ptr_equal(after.sa_handler, SIG_IGN);
    signal(SIGHUP, SIG_DFL);
}

static void after_an_interruption_every_call_says_so(void **state)
{
    (void)state;
    struct secret_turn turn;
    secret_turn_init(&turn);
    struct ds_secret_store *store = ds_secret_store_memory(&turn.loop);
    turn.interrupted = true;
    auto_reply struct secret_reply reply = {0};
    secret_turn_await(&turn, ds_secret_store_lookup(store, &key, secret_reply_take, &reply),
                      &reply);
    assert_int_equal(reply.outcome, DS_SECRET_FAILED);
    assert_string_equal(reply.error.message, "interrupted");
    ds_secret_store_destroy(store);
    secret_turn_finish(&turn);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(waits_for_the_answer),
        cmocka_unit_test(keeps_an_error_with_its_hint),
        cmocka_unit_test(a_signal_ends_a_pause_and_its_action_is_put_back),
        cmocka_unit_test(a_signal_that_was_ignored_stays_so),
        cmocka_unit_test(after_an_interruption_every_call_says_so),
    };
    return cmocka_run_group_tests_name("secrets/turn", tests, NULL, NULL);
}
