/* The life of a call, on a store that notes what happens to it. */
#include "store_fixture.h"

#include "orchestrator/secrets/internal.h"

struct noting {
    struct ds_secret_store base;
    struct ds_text *notes;
};

static void note(struct ds_secret_store *store, const char *what)
{
    ds_text_appendf(((struct noting *)store)->notes, "%s ", what);
}

static void begin(struct ds_secret_call *call)
{
    note(call->store, "begin");
}

static void work(struct ds_secret_call *call)
{
    note(call->store, "work");
    secret_answer(call, DS_SECRET_LOCKED, "unlock it", "locked: %s", call->name);
}

static void end(struct ds_secret_call *call)
{
    note(call->store, "end");
}

static void destroy(struct ds_secret_store *store)
{
    note(store, "destroy");
    free(store);
}

static const struct secret_store_ops ops = {
    .name = "noting", .begin = begin, .work = work, .end = end, .destroy = destroy};

static struct ds_secret_store *noting_store(uv_loop_t *loop, struct ds_text *notes)
{
    struct noting *store = DS_NEW(struct noting);
    *store = (struct noting){.base = {.ops = &ops, .loop = loop}, .notes = notes};
    return &store->base;
}

static void a_call_begins_works_answers_and_ends(void **state)
{
    struct loop_fixture *fixture = *state;
    ds_auto_text struct ds_text notes = {0};
    auto_outcome struct outcome found = {0};
    struct ds_secret_store *store = noting_store(&fixture->loop, &notes);
    assert_int_equal(look_up(fixture, store, &key, &found), DS_SECRET_LOCKED);
    assert_string_equal(found.message, "locked: db_password");
    assert_string_equal(found.hint, "unlock it");
    assert_int_equal(found.times, 1);
    assert_true(loop_drain(fixture));
    assert_string_equal(ds_text_string(&notes), "begin work end ");
    ds_secret_store_destroy(store);
    assert_string_equal(ds_text_string(&notes), "begin work end destroy ");
}

static void a_store_goes_with_its_last_call(void **state)
{
    struct loop_fixture *fixture = *state;
    ds_auto_text struct ds_text notes = {0};
    struct outcome found = {0};
    struct ds_secret_store *store = noting_store(&fixture->loop, &notes);
    ds_secret_store_lookup(store, &key, outcome_take, &found);
    ds_secret_store_destroy(store);
    assert_string_equal(ds_text_string(&notes), "begin ");
    assert_true(loop_drain(fixture));
    assert_string_equal(ds_text_string(&notes), "begin end destroy ");
    assert_false(found.done);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_call_begins_works_answers_and_ends, loop_fixture_setup,
                                        loop_fixture_teardown),
        cmocka_unit_test_setup_teardown(a_store_goes_with_its_last_call, loop_fixture_setup,
                                        loop_fixture_teardown),
    };
    return cmocka_run_group_tests_name("secrets/store", tests, NULL, NULL);
}
