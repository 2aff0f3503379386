/* Log files: CRI format, rotation, modes, and a disk that takes nothing for a while. */
#include "support.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "orchestrator/logs/segment.h"

struct fixture {
    struct test_clock clock;
    char *folder;
    char *path;
    struct log_segment segment;
};

static int set_up(void **state)
{
    struct fixture *fixture = DS_NEW(struct fixture);
    test_clock_init(&fixture->clock);
    fixture->folder = test_folder_make();
    fixture->path = ds_path_join(fixture->folder, "api.log");
    log_segment_init(&fixture->segment, fixture->path, 1000, 3, &fixture->clock.clock);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    log_segment_finish(&fixture->segment);
    test_folder_remove(fixture->folder);
    free(fixture->path);
    free(fixture);
    return 0;
}

static void append(struct fixture *fixture, enum ds_log_source source, const char *text,
                   bool partial)
{
    const struct ds_log_entry entry = {.time = fixture->clock.wall,
                                       .source = source,
                                       .partial = partial,
                                       .text = text,
                                       .length = strlen(text)};
    log_segment_append(&fixture->segment, &entry);
}

static void append_numbered(struct fixture *fixture, unsigned from, unsigned to)
{
    for (unsigned i = from; i < to; i++) {
        ds_auto_free char *text = ds_printf("line %u", i);
        append(fixture, DS_LOG_STDOUT, text, false);
    }
}

static void assert_numbered(const char *text, unsigned from, unsigned to)
{
    ds_auto_text struct ds_text expected = {0};
    for (unsigned i = from; i < to; i++)
        ds_text_appendf(&expected, "line %u\n", i);
    assert_string_equal(text, ds_text_string(&expected));
}

static void writes_cri_lines(void **state)
{
    struct fixture *fixture = *state;
    append(fixture, DS_LOG_STDOUT, "hello", false);
    append(fixture, DS_LOG_STDERR, "par", true);
    fixture->clock.wall += 1;
    append(fixture, DS_LOG_SYSTEM, "", false);
    assert_false(ds_file_exists(fixture->path));
    assert_true(log_segment_flush(&fixture->segment));
    ds_auto_free char *data = test_read(fixture->path, NULL);
    assert_string_equal(data, START_TEXT " stdout F hello\n" START_TEXT " stderr P par\n"
                                         "2026-01-01T00:00:00.123456790Z stderr F \n");
    struct stat status;
    assert_int_equal(stat(fixture->path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
}

static void rotates_by_size(void **state)
{
    struct fixture *fixture = *state;
    append_numbered(fixture, 0, 90);
    assert_true(log_segment_flush(&fixture->segment));
    ds_auto_text struct ds_text text = {0};
    test_unframe_files(fixture->path, 9, "stdout", &text);
    for (unsigned i = 0; i < 3; i++) {
        ds_auto_free char *name =
            i ? ds_printf("%s.%u", fixture->path, i) : ds_strdup(fixture->path);
        size_t length;
        ds_auto_free char *data = test_read(name, &length);
        assert_non_null(data);
        assert_in_range(length, 1, 1000);
        if (i > 0)
            assert_true(length > 900);
    }
    ds_auto_free char *fourth = ds_printf("%s.3", fixture->path);
    assert_false(ds_file_exists(fourth));
    /* Lines of 47 and 48 bytes: the first file had 21 of them, the others have 20. */
    assert_numbered(text.data, 41, 90);
}

static void one_segment_begins_anew(void **state)
{
    struct fixture *fixture = *state;
    fixture->segment.keep = 1;
    append_numbered(fixture, 10, 35);
    assert_true(log_segment_flush(&fixture->segment));
    ds_auto_text struct ds_text text = {0};
    test_unframe_files(fixture->path, 2, "stdout", &text);
    assert_numbered(text.data, 30, 35);
}

static void an_entry_larger_than_a_file_is_kept(void **state)
{
    struct fixture *fixture = *state;
    fixture->segment.limit = 10;
    append_numbered(fixture, 0, 3);
    assert_true(log_segment_flush(&fixture->segment));
    ds_auto_text struct ds_text text = {0};
    test_unframe_files(fixture->path, 3, "stdout", &text);
    assert_numbered(text.data, 0, 3);
}

static void makes_a_removed_folder_again(void **state)
{
    struct fixture *fixture = *state;
    assert_true(ds_tree_remove(fixture->folder, NULL));
    append_numbered(fixture, 0, 1);
    assert_true(log_segment_flush(&fixture->segment));
    assert_true(ds_file_exists(fixture->path));
}

static void a_full_device_is_a_problem_and_no_more(void **state)
{
    struct fixture *fixture = *state;
    log_segment_finish(&fixture->segment);
    log_segment_init(&fixture->segment, "/dev/full", 1000, 3, &fixture->clock.clock);
    append_numbered(fixture, 0, 1);
    assert_false(log_segment_flush(&fixture->segment));
    assert_string_equal(fixture->segment.problem, "No space left on device");
}

static void limit_file_size(rlim_t bytes)
{
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* SIGXFSZ has its default disposition here: not being ended by it is part of the test. */
static void recovers_from_a_full_disk_without_loss(void **state)
{
    struct fixture *fixture = *state;
    fixture->segment.limit = 100000;
    append_numbered(fixture, 0, 5);
    assert_true(log_segment_flush(&fixture->segment));
    limit_file_size(0);
    append_numbered(fixture, 5, 10);
    assert_false(log_segment_flush(&fixture->segment));
    assert_string_equal(fixture->segment.problem, "File too large");
    limit_file_size(RLIM_INFINITY);
    append_numbered(fixture, 10, 12);
    assert_false(log_segment_flush(&fixture->segment)); /* too soon to try again */
    fixture->clock.monotonic += DS_NS_PER_S;
    assert_true(log_segment_flush(&fixture->segment));
    assert_null(fixture->segment.problem);
    ds_auto_text struct ds_text text = {0};
    test_unframe_files(fixture->path, 3, "stdout", &text);
    assert_numbered(text.data, 0, 12);
    sigset_t pending;
    sigpending(&pending);
    assert_false(sigismember(&pending, SIGXFSZ));
}

static void a_limit_on_file_size_rotates(void **state)
{
    struct fixture *fixture = *state;
    fixture->segment.limit = 100000;
    limit_file_size(500); /* ten entries of 48 bytes, and a torn one */
    append_numbered(fixture, 10, 35);
    assert_true(log_segment_flush(&fixture->segment));
    limit_file_size(RLIM_INFINITY);
    ds_auto_text struct ds_text text = {0};
    test_unframe_files(fixture->path, 3, "stdout", &text);
    assert_numbered(text.data, 10, 35);
}

static void counts_what_it_cannot_hold(void **state)
{
    struct fixture *fixture = *state;
    fixture->segment.limit = UINT64_C(1) << 30;
    limit_file_size(0);
    enum { LINES = 20000 };
    append_numbered(fixture, 0, LINES);
    assert_true(fixture->segment.pending.length < (size_t)300 * 1024);
    uint64_t lost = fixture->segment.lost;
    assert_in_range(lost, 1000, LINES);
    limit_file_size(RLIM_INFINITY);
    fixture->clock.monotonic += DS_NS_PER_S;
    append_numbered(fixture, LINES, LINES + 2);
    assert_true(log_segment_flush(&fixture->segment));
    ds_auto_text struct ds_text text = {0}, told = {0};
    test_unframe_files(fixture->path, 1, "stdout", &text);
    test_unframe_files(fixture->path, 1, "stderr", &told);
    ds_auto_text struct ds_text expected = {0};
    for (unsigned i = 0; i < LINES + 2; i++)
        if (i < LINES - lost || i >= LINES)
            ds_text_appendf(&expected, "line %u\n", i);
    assert_string_equal(text.data, expected.data);
    ds_auto_free char *note = ds_printf(
        "devstack: %u log entries here could not be kept: File too large\n", (unsigned)lost);
    assert_string_equal(told.data, note);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(writes_cri_lines, set_up, tear_down),
        cmocka_unit_test_setup_teardown(rotates_by_size, set_up, tear_down),
        cmocka_unit_test_setup_teardown(one_segment_begins_anew, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_entry_larger_than_a_file_is_kept, set_up, tear_down),
        cmocka_unit_test_setup_teardown(makes_a_removed_folder_again, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_full_device_is_a_problem_and_no_more, set_up, tear_down),
        cmocka_unit_test_setup_teardown(recovers_from_a_full_disk_without_loss, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_limit_on_file_size_rotates, set_up, tear_down),
        cmocka_unit_test_setup_teardown(counts_what_it_cannot_hold, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
