/* Real folders, real events: what is told of them, and what is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>

#include "devstack/base/clock.h"
#include "devstack/base/file.h"
#include "devstack/base/memory.h"
#include "devstack/loop/file_watch.h"
#include "tests/support/loop_fixture.h"

/* The linker puts this before the real one, so that a test can make the watches run out. */
int __real_inotify_add_watch(int fd, const char *path, uint32_t mask);
int __wrap_inotify_add_watch(int fd, const char *path, uint32_t mask);

static int watches_left = -1; /* no limit */

int __wrap_inotify_add_watch(int fd, const char *path, uint32_t mask)
{
    if (watches_left == 0) {
        errno = ENOSPC;
        return -1;
    }
    watches_left -= watches_left > 0;
    return __real_inotify_add_watch(fd, path, mask);
}

struct bench {
    char *folder;
    struct ds_strings told;
    struct ds_strings errors;
    struct ds_file_watch *watch;
    uint64_t last_time;
    bool happened;
    bool closed;
};

static int setup(void **state)
{
    if (loop_fixture_setup(state) != 0)
        return -1;
    struct loop_fixture *fixture = *state;
    struct bench *bench = DS_NEW(struct bench);
    char folder[] = "/tmp/file-watch-test-XXXXXX";
    if (!mkdtemp(folder))
        return -1;
    bench->folder = realpath(folder, NULL);
    fixture->data = bench;
    watches_left = -1;
    return 0;
}

static void on_closed(void *data)
{
    ((struct bench *)data)->closed = true;
}

static int teardown(void **state)
{
    struct loop_fixture *fixture = *state;
    struct bench *bench = fixture->data;
    ds_file_watch_close(bench->watch, on_closed, bench);
    int result = loop_fixture_teardown(state);
    if (!bench->closed)
        result = -1;
    ds_tree_remove(bench->folder, NULL);
    ds_strings_finish(&bench->told);
    ds_strings_finish(&bench->errors);
    free(bench->folder);
    free(bench);
    return result;
}

static void on_change(void *data, const struct ds_file_change *change)
{
    struct bench *bench = data;
    ds_strings_add(&bench->told, change->path);
    bench->last_time = change->time;
    bench->happened = true;
}

static void on_error(void *data, const struct ds_error *error)
{
    struct bench *bench = data;
    ds_strings_addf(&bench->errors, "%s → %s", error->message, error->hint);
}

static char *full(const struct bench *bench, const char *path)
{
    return ds_path_join(bench->folder, path);
}

/* Paths and patterns are separated by spaces. */
static void add_words(struct ds_strings *list, const struct bench *bench, const char *words)
{
    while (words && *words) {
        size_t length = strcspn(words, " ");
        ds_auto_free char *word = ds_strndup(words, length);
        ds_strings_take(list, bench ? full(bench, word) : ds_strdup(word));
        words += length + (words[length] == ' ');
    }
}

static struct bench *watch_with(void **state, const char *paths, const char *ignore)
{
    struct loop_fixture *fixture = *state;
    struct bench *bench = fixture->data;
    ds_auto_strings struct ds_strings all = {0}, patterns = {0};
    add_words(&all, bench, paths);
    add_words(&patterns, NULL, ignore);
    const struct ds_file_watch_options options = {.base = bench->folder,
                                                  .paths = &all,
                                                  .ignore = &patterns,
                                                  .debounce = 30 * DS_NS_PER_MS,
                                                  .on_change = on_change,
                                                  .on_error = on_error,
                                                  .data = bench};
    bench->watch = ds_file_watch_open(&fixture->loop, &options, NULL);
    assert_non_null(bench->watch);
    return bench;
}

static void make(void **state, const char *path)
{
    struct loop_fixture *fixture = *state;
    ds_auto_free char *folder = full(fixture->data, path);
    assert_true(ds_folder_make(folder, 0755, NULL));
}

static void put(void **state, const char *path, const char *text)
{
    struct loop_fixture *fixture = *state;
    ds_auto_free char *file = full(fixture->data, path);
    FILE *stream = fopen(file, "w");
    assert_non_null(stream);
    assert_true(fputs(text, stream) >= 0);
    assert_int_equal(fclose(stream), 0);
}

static void move(void **state, const char *from, const char *to)
{
    struct loop_fixture *fixture = *state;
    ds_auto_free char *old = full(fixture->data, from), *new = full(fixture->data, to);
    assert_int_equal(rename(old, new), 0);
}

static void take_away(void **state, const char *path)
{
    struct loop_fixture *fixture = *state;
    ds_auto_free char *gone = full(fixture->data, path);
    assert_true(ds_tree_remove(gone, NULL));
}

/* The next thing told is this one. */
static void expect(void **state, const char *path)
{
    struct loop_fixture *fixture = *state;
    struct bench *bench = fixture->data;
    size_t before = bench->told.count;
    bench->happened = false;
    if (!loop_run_until(fixture, &bench->happened))
        fail_msg("nothing was told, %s was expected", path);
    assert_int_equal(bench->told.count, before + 1);
    assert_string_equal(bench->told.items[before], path);
}

/* What was done so far counts for nothing: something that does is told next, and alone. */
static void expect_nothing(void **state, const char *witness)
{
    put(state, witness, "witness");
    expect(state, witness);
}

static void a_file_that_is_written(void **state)
{
    make(state, "src/deep");
    put(state, "src/deep/a.js", "1");
    put(state, "server.js", "1");
    struct bench *bench = watch_with(state, "server.js src", NULL);
    uint64_t before = uv_hrtime();
    put(state, "src/deep/a.js", "2");
    expect(state, "src/deep/a.js");
    assert_in_range(bench->last_time, before, uv_hrtime());
    put(state, "server.js", "2");
    expect(state, "server.js");
    put(state, "src/new.js", "1");
    expect(state, "src/new.js");
}

/* vim: the old file becomes a backup, a new one is written, the backup goes; and before that it
 * tries whether files can be made. */
static void a_save_as_vim_does_it(void **state)
{
    put(state, "server.js", "1");
    watch_with(state, "server.js", NULL);
    put(state, "4913", "");
    take_away(state, "4913");
    move(state, "server.js", "server.js~");
    put(state, "server.js", "2");
    take_away(state, "server.js~");
    expect(state, "server.js");
}

static void a_save_by_rename(void **state)
{
    make(state, "src");
    put(state, "src/a.js", "1");
    put(state, "b.js", "1");
    watch_with(state, "src b.js", NULL);
    for (int i = 0; i < 3; i++) { /* each time another file has the name */
        put(state, "src/a.js.tmp.1234", "2");
        move(state, "src/a.js.tmp.1234", "src/a.js");
        expect(state, "src/a.js");
        put(state, "outside", "2");
        move(state, "outside", "b.js");
        expect(state, "b.js");
    }
}

static void a_new_folder_and_a_file_in_it_at_once(void **state)
{
    make(state, "src");
    watch_with(state, "src", NULL);
    make(state, "src/one/two/three");
    put(state, "src/one/two/three/a.js", "1");
    expect(state, "src/one/two/three/a.js");
    put(state, "src/one/two/b.js", "1");
    expect(state, "src/one/two/b.js");
}

static void a_folder_that_is_moved(void **state)
{
    make(state, "src/old/in");
    make(state, "elsewhere");
    put(state, "src/old/in/a.js", "1");
    watch_with(state, "src", NULL);
    move(state, "src/old", "src/new");
    expect(state, "src/new/in/a.js");
    put(state, "src/new/in/b.js", "1");
    expect(state, "src/new/in/b.js");
    move(state, "src/new", "elsewhere/new");
    expect(state, "src/new");
    /* Another one takes its name; what happens in the first one is nobody's business now. */
    make(state, "src/new/in");
    put(state, "src/new/in/a.js", "3");
    expect(state, "src/new/in/a.js");
    put(state, "elsewhere/new/in/a.js", "2");
    expect_nothing(state, "src/witness");
}

static void what_goes_and_comes_again(void **state)
{
    make(state, "app/src");
    put(state, "app/src/a.js", "1");
    put(state, "app/main.js", "1");
    watch_with(state, "app/src app/main.js", NULL);
    take_away(state, "app/src/a.js");
    expect(state, "app/src/a.js");
    put(state, "app/main.js", "2");
    take_away(state, "app/main.js");
    expect(state, "app/main.js");
    take_away(state, "app");
    make(state, "app/src");
    put(state, "app/src/a.js", "2");
    expect(state, "app/src/a.js");
    put(state, "app/src/b.js", "2");
    expect(state, "app/src/b.js");
    put(state, "app/main.js", "3");
    expect(state, "app/main.js");
}

static void what_is_not_there_yet(void **state)
{
    watch_with(state, "some/where/src", NULL);
    put(state, "other", "1");
    make(state, "some/where/else");
    make(state, "some/where/src");
    expect_nothing(state, "some/where/src/a.js");
}

static void what_git_ignores(void **state)
{
    make(state, ".git/info");
    make(state, "app/src/gen");
    make(state, "app/node_modules/x");
    put(state, ".gitignore", "*.log\n/app/src/gen/\n");
    put(state, ".git/info/exclude", "private\n");
    put(state, "app/src/.gitignore", "*.tmp\n!keep.log\n");
    watch_with(state, "app", NULL);
    put(state, "app/x.log", "1");
    put(state, "app/src/x.tmp", "1");
    put(state, "app/src/gen/a.js", "1");
    put(state, "app/src/private", "1");
    put(state, "app/node_modules/x/a.js", "1");
    put(state, "app/src/.a.js.swp", "1");
    put(state, "app/src/a.js~", "1");
    expect_nothing(state, "app/src/keep.log");
    /* Rules may change, then what they left out counts. */
    put(state, "app/src/.gitignore", "");
    expect_nothing(state, "app/src/x.tmp");
}

static void what_the_user_ignores(void **state)
{
    make(state, "src/gen");
    watch_with(state, "src", "/src/gen *.cache");
    put(state, "src/gen/a.js", "1");
    put(state, "src/a.cache", "1");
    expect_nothing(state, "src/a.js");
}

/* What was asked for by name is watched, even when git does not care for it. */
static void an_ignored_file_that_is_named(void **state)
{
    make(state, ".git");
    make(state, "dist");
    put(state, ".gitignore", "dist/\n.env\n");
    watch_with(state, "dist .env", NULL);
    put(state, "dist/a.js", "1");
    expect(state, "dist/a.js");
    put(state, ".env", "A=1");
    expect(state, ".env");
}

static void a_burst_is_told_once(void **state)
{
    make(state, "src");
    struct bench *bench = watch_with(state, "src", NULL);
    for (int i = 0; i < 500; i++) {
        ds_auto_free char *name = ds_printf("src/%d.js", i);
        put(state, name, "1");
    }
    expect(state, "src/0.js");
    expect_nothing(state, "src/witness");
    assert_int_equal(bench->told.count, 2);
}

static void what_came_and_went_is_no_change(void **state)
{
    make(state, "src");
    put(state, "src/old", "1");
    watch_with(state, "src", NULL);
    put(state, "src/lock", "1");
    take_away(state, "src/lock");
    take_away(state, "src/old");
    expect(state, "src/old");
}

static void what_is_hushed_is_not_told(void **state)
{
    make(state, "src");
    struct bench *bench = watch_with(state, "src", NULL);
    put(state, "src/made.js", "1");
    expect(state, "src/made.js");
    ds_file_watch_ignore(bench->watch, bench->told.items[0]);
    put(state, "src/made.js", "2");
    expect_nothing(state, "src/witness");
}

static void watches_that_run_out_are_told_once(void **state)
{
    for (int i = 0; i < 20; i++) {
        ds_auto_free char *name = ds_printf("src/%d", i);
        make(state, name);
    }
    put(state, "main.js", "1");
    watches_left = 4;
    struct bench *bench = watch_with(state, "main.js src", NULL);
    assert_int_equal(bench->errors.count, 1);
    assert_non_null(strstr(bench->errors.items[0], "the limit on inotify watches is reached"));
    assert_non_null(
        strstr(bench->errors.items[0], "sudo sysctl fs.inotify.max_user_watches=524288"));
    /* The rest is watched. */
    put(state, "main.js", "2");
    expect(state, "main.js");
    assert_int_equal(bench->errors.count, 1);
}

static void closing_forgets_what_is_under_way(void **state)
{
    struct loop_fixture *fixture = *state;
    make(state, "src");
    struct bench *bench = watch_with(state, "src", NULL);
    put(state, "src/a.js", "1");
    uv_run(&fixture->loop, UV_RUN_NOWAIT); /* it is known, but its burst is not over */
    ds_file_watch_close(ds_steal(bench->watch), on_closed, bench);
    assert_true(loop_run_until(fixture, &bench->closed));
    assert_int_equal(bench->told.count, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_file_that_is_written),
        TEST(a_save_as_vim_does_it),
        TEST(a_save_by_rename),
        TEST(a_new_folder_and_a_file_in_it_at_once),
        TEST(a_folder_that_is_moved),
        TEST(what_goes_and_comes_again),
        TEST(what_is_not_there_yet),
        TEST(what_git_ignores),
        TEST(what_the_user_ignores),
        TEST(an_ignored_file_that_is_named),
        TEST(a_burst_is_told_once),
        TEST(what_came_and_went_is_no_change),
        TEST(what_is_hushed_is_not_told),
        TEST(watches_that_run_out_are_told_once),
        TEST(closing_forgets_what_is_under_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
