/* The store as its users see it: streams in, files, memory and subscribers out. */
#include "support.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "devstack/logs/store.h"

#define M "••••••"

struct fixture {
    struct test_clock clock;
    char *folder;
    struct ds_log_store *store;
    struct ds_text seen; /* what a subscriber got: "service:text|" or "service:text+" */
    uint64_t sequence;
    bool gap;
};

static void on_entry(void *data, const struct ds_log_entry *entry)
{
    struct fixture *fixture = data;
    ds_text_appendf(&fixture->seen, "%s:", entry->service);
    ds_text_append_bytes(&fixture->seen, entry->text, entry->length);
    ds_text_append_char(&fixture->seen, entry->partial ? '+' : '|');
    fixture->gap = fixture->gap || entry->sequence != ++fixture->sequence;
}

static void open_store(struct fixture *fixture, const struct ds_log_options *options)
{
    ds_auto_error struct ds_error err = {0};
    fixture->store =
        ds_log_store_open(fixture->folder, "run", options, &fixture->clock.clock, &err);
    assert_non_null(fixture->store);
    ds_log_store_subscribe(fixture->store, on_entry, fixture);
}

static int set_up(void **state)
{
    struct fixture *fixture = DS_NEW(struct fixture);
    test_clock_init(&fixture->clock);
    fixture->folder = test_folder_make();
    open_store(fixture, NULL);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    ds_log_store_close(fixture->store);
    test_folder_remove(fixture->folder);
    ds_text_finish(&fixture->seen);
    free(fixture);
    return 0;
}

static char *log_path(const struct fixture *fixture, const char *service)
{
    return ds_printf("%s/%s.log", ds_log_store_folder(fixture->store), service);
}

static void write_text(struct ds_log_stream *stream, const char *text)
{
    ds_log_stream_write(stream, text, strlen(text));
}

static void assert_file(const struct fixture *fixture, const char *service, const char *expected)
{
    ds_auto_free char *path = log_path(fixture, service);
    ds_auto_free char *data = test_read(path, NULL);
    assert_string_equal(data, expected);
}

#define OUT START_TEXT " stdout "
#define ERR START_TEXT " stderr "

static void a_write_is_in_the_file_at_once(void **state)
{
    struct fixture *fixture = *state;
    struct ds_log_stream *out = ds_log_stream_open(fixture->store, "api", DS_LOG_STDOUT);
    struct ds_log_stream *err = ds_log_stream_open(fixture->store, "api", DS_LOG_STDERR);
    write_text(out, "one\r\ntw");
    write_text(err, "bad\n");
    assert_file(fixture, "api", OUT "F one\r\n" ERR "F bad\n");
    write_text(out, "o\nlast");
    ds_log_store_say(fixture->store, "api", "stopped by %s", "signal 9");
    ds_log_stream_close(out);
    ds_log_stream_close(err);
    assert_file(fixture, "api",
                OUT "F one\r\n" ERR "F bad\n" OUT "F two\n" ERR "F stopped by signal 9\n" OUT
                    "F last\n");
    assert_string_equal(fixture->seen.data,
                        "api:one\r|api:bad|api:two|api:stopped by signal 9|api:last|");
    assert_false(fixture->gap);
}

static void a_prompt_is_shown_by_a_flush(void **state)
{
    struct fixture *fixture = *state;
    struct ds_log_stream *out = ds_log_stream_open(fixture->store, "api", DS_LOG_STDOUT);
    write_text(out, "name? ");
    assert_null(fixture->seen.data);
    ds_log_stream_flush(out);
    assert_file(fixture, "api", OUT "P name? \n");
    write_text(out, "bob\n");
    ds_log_stream_close(out);
    assert_file(fixture, "api", OUT "P name? \n" OUT "F bob\n");
}

static void lines_of_two_writers_do_not_mix(void **state)
{
    struct fixture *fixture = *state;
    struct ds_log_stream *old = ds_log_stream_open(fixture->store, "api", DS_LOG_STDERR);
    write_text(old, "going ");
    ds_log_stream_flush(old);
    ds_log_store_say(fixture->store, "api", "restarting");
    struct ds_log_stream *new = ds_log_stream_open(fixture->store, "api", DS_LOG_STDERR);
    write_text(new, "hello ");
    ds_log_stream_flush(new);
    ds_log_stream_close(old);
    write_text(new, "world\n");
    ds_log_stream_close(new);
    assert_file(fixture, "api",
                ERR "P going \n" ERR "F \n" ERR "F restarting\n" ERR "P hello \n" ERR "F world\n");
    assert_false(fixture->gap);
}

static bool add_line(void *data, const struct ds_log_entry *entry)
{
    struct ds_text *lines = data;
    ds_text_append_bytes(lines, entry->text, entry->length);
    ds_text_append(lines, "\n");
    return true;
}

static void secrets_reach_nobody(void **state)
{
    struct fixture *fixture = *state;
    ds_auto_secret struct ds_secret *secret = ds_secret_create("hunter22!", 9);
    ds_log_store_mask(fixture->store, secret);
    static const char line[] = "password=hunter22! ok\n";
    for (size_t cut = 0; cut < sizeof(line); cut++) {
        struct ds_log_stream *out = ds_log_stream_open(fixture->store, "api", DS_LOG_STDOUT);
        ds_log_stream_write(out, line, cut);
        ds_log_stream_write(out, line + cut, strlen(line) - cut);
        ds_log_stream_close(out);
    }
    ds_log_store_say(fixture->store, "api", "aHVudGVyMjIh and %s", "hunter22!");
    ds_auto_free char *path = log_path(fixture, "api");
    ds_auto_free char *data = test_read(path, NULL);
    ds_auto_text struct ds_text recent = {0};
    ds_log_store_recent(fixture->store, "api", 0, add_line, &recent);
    const char *const shown[] = {data, ds_text_string(&recent), fixture->seen.data};
    for (size_t i = 0; i < DS_COUNT(shown); i++) {
        assert_null(strstr(shown[i], "hunter22!"));
        assert_non_null(strstr(shown[i], "password=" M " ok"));
    }
    assert_true(ds_string_ends(ds_text_string(&recent), "\n" M " and " M "\n"));
    ds_auto_free char *other = ds_log_store_masked(fixture->store, "to hunter22%21@x hunt");
    assert_string_equal(other, "to " M "@x hunt");
}

/* The secret lies across the place where a long line is cut into entries. */
static void a_secret_across_entries_is_masked(void **state)
{
    struct fixture *fixture = *state;
    ds_auto_secret struct ds_secret *secret = ds_secret_create("hunter22!", 9);
    ds_log_store_mask(fixture->store, secret);
    enum { AROUND = 16384 };
    for (size_t before = AROUND - 12; before <= AROUND; before++) {
        ds_auto_free char *line = ds_alloc(2 * AROUND);
        memset(line, 'x', 2 * AROUND);
        memcpy(line + before, "hunter22!", 9);
        struct ds_log_stream *out = ds_log_stream_open(fixture->store, "api", DS_LOG_STDOUT);
        ds_log_stream_write(out, line, 2 * AROUND);
        ds_log_stream_close(out);
    }
    ds_auto_free char *path = log_path(fixture, "api");
    size_t length;
    ds_auto_free char *data = test_read(path, &length);
    ds_auto_text struct ds_text text = {0};
    test_unframe(data, length, "stdout", &text);
    assert_null(strstr(text.data, "hunter22!"));
    assert_non_null(strstr(text.data, "x" M "x"));
}

struct numbers {
    uint64_t first;
    uint64_t last;
    size_t count;
    size_t stop_at;
};

static bool count_up(void *data, const struct ds_log_entry *entry)
{
    struct numbers *numbers = data;
    if (numbers->count++ == 0)
        numbers->first = entry->sequence;
    else
        assert_true(entry->sequence > numbers->last);
    numbers->last = entry->sequence;
    return numbers->count != numbers->stop_at;
}

static void recent_entries_are_merged(void **state)
{
    struct fixture *fixture = *state;
    for (unsigned i = 0; i < 10; i++)
        ds_log_store_say(fixture->store, i % 3 ? "api" : "db", "line %u", i);
    struct numbers all = {0}, later = {0}, db = {0}, stopped = {.stop_at = 2}, none = {0};
    ds_log_store_recent(fixture->store, NULL, 0, count_up, &all);
    ds_log_store_recent(fixture->store, NULL, 7, count_up, &later);
    ds_log_store_recent(fixture->store, "db", 0, count_up, &db);
    ds_log_store_recent(fixture->store, NULL, 0, count_up, &stopped);
    ds_log_store_recent(fixture->store, "other", 0, count_up, &none);
    assert_int_equal(all.count, 10);
    assert_int_equal(all.first, 1);
    assert_int_equal(later.count, 3);
    assert_int_equal(later.first, 8);
    assert_int_equal(db.count, 4);
    assert_int_equal(stopped.count, 2);
    assert_int_equal(none.count, 0);
    ds_auto_text struct ds_text lines = {0};
    ds_log_store_recent(fixture->store, "db", 0, add_line, &lines);
    assert_true(ds_string_ends(ds_text_string(&lines), "line 6\nline 9\n"));
}

static void memory_is_bounded(void **state)
{
    struct fixture *fixture = *state;
    for (unsigned i = 0; i < 10000; i++)
        ds_log_store_say(fixture->store, "api", "line %u", i);
    struct numbers all = {0};
    ds_log_store_recent(fixture->store, NULL, 0, count_up, &all);
    assert_int_equal(all.last, 10000);
    assert_in_range(all.count, 500, 2000);
}

static void an_unsubscribed_hears_no_more(void **state)
{
    struct fixture *fixture = *state;
    struct fixture other = {0};
    struct ds_log_subscription *subscription =
        ds_log_store_subscribe(fixture->store, on_entry, &other);
    ds_log_store_say(fixture->store, "api", "one");
    ds_log_store_unsubscribe(subscription);
    ds_log_store_say(fixture->store, "api", "two");
    assert_string_equal(other.seen.data, "api:one|");
    assert_string_equal(fixture->seen.data, "api:one|api:two|");
    ds_text_finish(&other.seen);
}

static void random_bytes_come_back_from_rotated_files(void **state)
{
    struct fixture *fixture = *state;
    ds_log_store_close(fixture->store);
    open_store(fixture, &(struct ds_log_options){.segment_bytes = 100000, .segments = 100});
    ds_auto_secret struct ds_secret *secret = ds_secret_create("correct horse", 13);
    ds_log_store_mask(fixture->store, secret);
    struct ds_text given[2] = {{0}, {0}};
    struct ds_log_stream *streams[2] = {ds_log_stream_open(fixture->store, "a/b", DS_LOG_STDOUT),
                                        ds_log_stream_open(fixture->store, "a/b", DS_LOG_STDERR)};
    uint64_t seed = 3;
    ds_auto_free char *bytes = ds_alloc(40000);
    for (int i = 0; i < 400; i++) {
        size_t length = test_random_below(&seed, i % 20 ? 500 : 40000);
        for (size_t at = 0; at < length; at++)
            bytes[at] = test_random_below(&seed, 100) ? (char)test_random(&seed) : '\n';
        int which = (int)test_random_below(&seed, 2);
        ds_log_stream_write(streams[which], bytes, length);
        if (i % 7 == 0)
            ds_log_stream_flush(streams[which]);
        ds_text_append_bytes(&given[which], bytes, length);
    }
    for (int which = 0; which < 2; which++) {
        write_text(streams[which], "!");
        ds_log_stream_close(streams[which]);
        ds_text_append(&given[which], "!\n");
        ds_auto_free char *path = log_path(fixture, "a%2Fb");
        ds_auto_free char *rotated = ds_printf("%s.1", path);
        assert_true(ds_file_exists(rotated));
        ds_auto_text struct ds_text text = {0};
        test_unframe_files(path, 100, which ? "stderr" : "stdout", &text);
        test_assert_text(&text, given[which].data, given[which].length);
    }
    for (int which = 0; which < 2; which++)
        ds_text_finish(&given[which]);
}

static void write_file(const char *path, const char *text)
{
    ds_auto_fd int fd = open(path, O_WRONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_true(ds_fd_write_all(fd, text, strlen(text)));
}

/* An ordinary user may mount in a user namespace, where files need mapped owners. */
static void enter_private_mounts(void)
{
    uid_t user = geteuid();
    gid_t group = getegid();
    assert_int_equal(unshare(CLONE_NEWNS | (user == 0 ? 0 : CLONE_NEWUSER)), 0);
    if (user != 0) {
        ds_auto_free char *users = ds_printf("%u %u 1", user, user);
        ds_auto_free char *groups = ds_printf("%u %u 1", group, group);
        write_file("/proc/self/uid_map", users);
        write_file("/proc/self/setgroups", "deny");
        write_file("/proc/self/gid_map", groups);
    }
    assert_int_equal(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
}

/* Runs last: it leaves the process in a mount namespace of its own. */
static void lives_through_a_full_disk(void **state)
{
    struct fixture *fixture = *state;
    ds_log_store_close(fixture->store);
    enter_private_mounts();
    assert_int_equal(mount("tmpfs", fixture->folder, "tmpfs", 0, "size=64k,mode=0700"), 0);
    open_store(fixture, NULL);
    fixture->sequence = 0;
    fixture->gap = false;
    ds_auto_free char *line = ds_alloc(1001);
    memset(line, 'x', 999);
    line[999] = '\n';
    struct ds_log_stream *out = ds_log_stream_open(fixture->store, "api", DS_LOG_STDOUT);
    enum { LINES = 1000 };
    for (int i = 0; i < LINES; i++) {
        write_text(out, line);
        fixture->clock.monotonic += 10 * DS_NS_PER_MS;
    }
    assert_string_equal(ds_log_store_problem(fixture->store), "No space left on device");
    assert_int_equal(fixture->sequence, LINES);
    assert_false(fixture->gap);
    assert_int_equal(mount("tmpfs", fixture->folder, "tmpfs", MS_REMOUNT, "size=8m"), 0);
    fixture->clock.monotonic += DS_NS_PER_S;
    write_text(out, "room again\n");
    assert_null(ds_log_store_problem(fixture->store));
    ds_log_stream_close(out);
    ds_auto_free char *path = log_path(fixture, "api");
    ds_auto_text struct ds_text text = {0}, told = {0};
    test_unframe_files(path, 1, "stdout", &text);
    test_unframe_files(path, 1, "stderr", &told);
    unsigned lost = 0;
    assert_int_equal(
        sscanf(told.data, "devstack: %u log entries here could not be kept: No space", &lost), 1);
    assert_int_equal(text.length, (size_t)(LINES - (int)lost) * 1000 + strlen("room again\n"));
    assert_true(ds_string_ends(text.data, "x\nroom again\n"));
    ds_log_store_close(fixture->store);
    fixture->store = NULL;
    assert_int_equal(umount2(fixture->folder, MNT_DETACH), 0);
}

#define STORE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(a_write_is_in_the_file_at_once),
        STORE_TEST(a_prompt_is_shown_by_a_flush),
        STORE_TEST(lines_of_two_writers_do_not_mix),
        STORE_TEST(secrets_reach_nobody),
        STORE_TEST(a_secret_across_entries_is_masked),
        STORE_TEST(recent_entries_are_merged),
        STORE_TEST(memory_is_bounded),
        STORE_TEST(an_unsubscribed_hears_no_more),
        STORE_TEST(random_bytes_come_back_from_rotated_files),
        STORE_TEST(lives_through_a_full_disk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
