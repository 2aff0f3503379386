/* Keeping a new secret: the keyring first, one start at a time. The stores are in memory. */
#include "no_bus_fixture.h"

#include "orchestrator/secrets/folder.h"
#include "orchestrator/secrets/resolver.h"

static const char stack[] = "shop-7f3a";

struct bench {
    struct ds_resolve_options options;
    struct resolver resolver;
};

static void open_bench(struct bench *bench, const char *folder, bool required)
{
    *bench = (struct bench){
        .options = {.stack = stack, .data_folder = folder, .keyring_required = required}};
    struct resolver *resolver = &bench->resolver;
    *resolver = (struct resolver){
        .options = &bench->options, .lock = -1, .keyring_outcome = DS_SECRET_FOUND};
    secret_turn_init(&resolver->turn);
    resolver->environment = ds_secret_store_environment(&resolver->turn.loop, NULL);
    resolver->file = ds_secret_store_file(&resolver->turn.loop, folder);
    resolver->keyring = ds_secret_store_memory(&resolver->turn.loop);
}

static void close_bench(struct bench *bench)
{
    struct resolver *resolver = &bench->resolver;
    resolver_unlock(resolver);
    ds_secret_store_destroy(resolver->environment);
    ds_secret_store_destroy(resolver->file);
    ds_secret_store_destroy(resolver->keyring);
    secret_turn_finish(&resolver->turn);
    ds_error_clear(&resolver->keyring_error);
}

static struct ds_resolved_secret item_of(const char *value, const char *source)
{
    return (struct ds_resolved_secret){
        .name = ds_strdup("pw"), .value = ds_secret_create(value, strlen(value)), .source = source};
}

static void finish_item(struct ds_resolved_secret *item)
{
    free(item->name);
    ds_secret_unref(item->value);
}

static void keeps_in_the_keyring_and_leaves_a_mark(void **state)
{
    struct bench bench;
    open_bench(&bench, *state, false);
    struct ds_resolved_secret item = item_of("v", "generated"), found = {0};
    assert_true(resolver_keep(&bench.resolver, &item, NULL));
    assert_true(secret_mark_exists(*state, stack, "pw"));
    ds_auto_free char *path = secret_file_path(*state, stack, "pw");
    assert_false(ds_file_exists(path));
    assert_true(resolver_find(&bench.resolver, "pw", &found, NULL));
    assert_string_equal(found.source, "keyring");
    assert_string_equal(ds_secret_bytes(found.value), "v");
    finish_item(&item);
    finish_item(&found);
    close_bench(&bench);
}

static void what_another_start_kept_meanwhile_wins(void **state)
{
    struct bench bench;
    open_bench(&bench, *state, false);
    struct ds_resolved_secret first = item_of("first", "generated");
    struct ds_resolved_secret second = item_of("second", "prompt");
    assert_true(resolver_keep(&bench.resolver, &first, NULL));
    assert_true(resolver_keep(&bench.resolver, &second, NULL));
    assert_string_equal(ds_secret_bytes(second.value), "first");
    assert_string_equal(second.source, "keyring");
    finish_item(&first);
    finish_item(&second);
    close_bench(&bench);
}

static void falls_back_to_a_private_file(void **state)
{
    struct bench bench;
    open_bench(&bench, *state, false);
    bench.resolver.keyring_outcome = DS_SECRET_UNAVAILABLE;
    struct ds_resolved_secret item = item_of("v", "prompt");
    assert_true(resolver_keep(&bench.resolver, &item, NULL));
    struct ds_secret *value = NULL;
    int64_t stored_at;
    assert_true(secret_file_read(*state, stack, "pw", &value, &stored_at, NULL));
    assert_string_equal(ds_secret_bytes(value), "v");
    assert_false(secret_mark_exists(*state, stack, "pw"));
    ds_secret_unref(value);
    finish_item(&item);
    close_bench(&bench);
}

static void moves_what_stands_in_a_file(void **state)
{
    struct bench bench;
    open_bench(&bench, *state, false);
    bench.resolver.keyring_outcome = DS_SECRET_UNAVAILABLE;
    struct ds_resolved_secret item = item_of("v", "prompt");
    assert_true(resolver_keep(&bench.resolver, &item, NULL));
    close_bench(&bench);
    open_bench(&bench, *state, true);
    assert_true(resolver_move_to_keyring(&bench.resolver, &item, NULL));
    assert_string_equal(item.source, "keyring");
    ds_auto_free char *path = secret_file_path(*state, stack, "pw");
    assert_false(ds_file_exists(path));
    assert_true(secret_mark_exists(*state, stack, "pw"));
    finish_item(&item);
    close_bench(&bench);
}

static void the_lock_is_one_starts_alone(void **state)
{
    struct bench bench;
    open_bench(&bench, *state, false);
    struct ds_resolved_secret item = item_of("v", "generated");
    assert_true(resolver_keep(&bench.resolver, &item, NULL));
    assert_int_equal(secret_folder_try_lock(*state, stack, NULL), -2);
    resolver_unlock(&bench.resolver);
    int fd = secret_folder_try_lock(*state, stack, NULL);
    assert_true(fd >= 0);
    secret_folder_unlock(*state, stack, fd);
    finish_item(&item);
    close_bench(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(keeps_in_the_keyring_and_leaves_a_mark, setup_no_bus,
                                        teardown_no_bus),
        cmocka_unit_test_setup_teardown(what_another_start_kept_meanwhile_wins, setup_no_bus,
                                        teardown_no_bus),
        cmocka_unit_test_setup_teardown(falls_back_to_a_private_file, setup_no_bus,
                                        teardown_no_bus),
        cmocka_unit_test_setup_teardown(moves_what_stands_in_a_file, setup_no_bus, teardown_no_bus),
        cmocka_unit_test_setup_teardown(the_lock_is_one_starts_alone, setup_no_bus,
                                        teardown_no_bus),
    };
    return cmocka_run_group_tests_name("secrets/save", tests, NULL, NULL);
}
