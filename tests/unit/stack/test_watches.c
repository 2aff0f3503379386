/* Watches: a changed file restarts its service, unless the service itself writes it again and
 * again.
 */
#include "fake_services.h"

#include <string.h>

#include "devstack/base/memory.h"

/* The first of two lines to be said. */
struct heard {
    const char *one, *other;
    bool there;
    bool is_other;
};

static void on_entry(void *data, const struct ds_log_entry *entry)
{
    struct heard *heard = data;
    ds_auto_free char *text = ds_strndup(entry->text, entry->length);
    bool other = heard->other && strstr(text, heard->other);
    if (heard->there || (!other && !strstr(text, heard->one)))
        return;
    heard->there = true;
    heard->is_other = other;
}

/* Writes a file of the project and waits for what is said about it. Is it `other`? */
static bool write_and_hear(struct stack_bench *bench, const char *file, const char *one,
                           const char *other)
{
    struct heard heard = {.one = one, .other = other};
    struct ds_log_subscription *subscription =
        ds_log_store_subscribe(bench->host.logs, on_entry, &heard);
    run_fixture_write(&bench->run, file, "same", 0644);
    bool there = loop_run_until(bench->base, &heard.there);
    ds_log_store_unsubscribe(subscription);
    assert_true(there);
    return heard.is_other;
}

static struct ds_service *start(struct stack_bench *bench)
{
    run_fixture_write(&bench->run, "src/kept", "", 0644);
    stack_bench_load(bench, "services:\n"
                            "  api: {run: [serve], watch: {paths: [src, late], debounce: 10ms}}\n"
                            "  web: {run: [serve]}\n");
    assert_true(stack_start(bench->stack, NULL));
    stack_bench_move(bench, "api", DS_STATE_RUNNING);
    /* As if it had been started long ago; a test that wants otherwise says so. */
    struct ds_service *service = stack_bench_service(bench, "api");
    service->status.times.spawned = 0;
    return service;
}

static void a_changed_file_restarts_its_service(void **state)
{
    struct stack_bench *bench = *state;
    struct ds_service *service = start(bench);
    write_and_hear(bench, "src/main.js", "restarting, because src/main.js changed", NULL);
    assert_int_equal(service->restart_calls, 1);
    assert_int_equal(stack_bench_service(bench, "web")->restart_calls, 0);
}

static void a_path_may_come_later(void **state)
{
    struct stack_bench *bench = *state;
    struct ds_service *service = start(bench);
    write_and_hear(bench, "late", "restarting, because late changed", NULL);
    assert_int_equal(service->restart_calls, 1);
}

static void the_same_file_restarts_it_as_often_as_it_is_saved(void **state)
{
    struct stack_bench *bench = *state;
    struct ds_service *service = start(bench);
    for (unsigned i = 1; i <= 5; i++) {
        assert_false(write_and_hear(bench, "src/a", "because src/a changed", "writes src/a"));
        assert_int_equal(service->restart_calls, i);
    }
}

static void a_file_that_follows_each_start_is_the_services_own(void **state)
{
    struct stack_bench *bench = *state;
    struct ds_service *service = start(bench);
    bool told_off = false;
    /* Three are enough, unless the machine is so slow that one of them does not count as early. */
    for (unsigned i = 0; i < 50 && !told_off; i++) {
        service->status.times.spawned = uv_hrtime();
        told_off = write_and_hear(bench, "src/a", "because src/a changed", "writes src/a");
    }
    assert_true(told_off);
    unsigned before = service->restart_calls;
    assert_true(before >= 2);
    /* That file is left alone from now on, and the others are not. */
    service->status.times.spawned = 0;
    run_fixture_write(&bench->run, "src/a", "again", 0644);
    write_and_hear(bench, "src/b", "because src/b changed", NULL);
    assert_int_equal(service->restart_calls, before + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_BENCH(a_changed_file_restarts_its_service),
        WITH_BENCH(a_path_may_come_later),
        WITH_BENCH(the_same_file_restarts_it_as_often_as_it_is_saved),
        WITH_BENCH(a_file_that_follows_each_start_is_the_services_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
