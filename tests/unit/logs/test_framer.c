/* Line framing: pieces, their limits, and that nothing is lost however the bytes come. */
#include "support.h"

#include "orchestrator/logs/framer.h"

struct pieces {
    struct ds_text shown;  /* "text|" for a whole line, "text+" for a part */
    struct ds_text joined; /* the input again */
    size_t count;
    size_t longest;
};

static void collect(void *data, const char *text, size_t length, bool partial)
{
    struct pieces *pieces = data;
    pieces->count++;
    if (length > pieces->longest)
        pieces->longest = length;
    assert_null(length ? memchr(text, '\n', length) : NULL);
    ds_text_append_bytes(&pieces->shown, text, length);
    ds_text_append_char(&pieces->shown, partial ? '+' : '|');
    ds_text_append_bytes(&pieces->joined, text, length);
    if (!partial)
        ds_text_append_char(&pieces->joined, '\n');
}

struct fixture {
    struct pieces pieces;
    struct log_framer framer;
};

static int set_up(void **state)
{
    struct fixture *fixture = DS_NEW(struct fixture);
    log_framer_init(&fixture->framer, collect, &fixture->pieces);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    log_framer_finish(&fixture->framer);
    ds_text_finish(&fixture->pieces.shown);
    ds_text_finish(&fixture->pieces.joined);
    free(fixture);
    return 0;
}

static void feed(struct fixture *fixture, const char *text)
{
    log_framer_feed(&fixture->framer, text, strlen(text));
}

static void assert_shown(const struct fixture *fixture, const char *expected)
{
    assert_string_equal(ds_text_string(&fixture->pieces.shown), expected);
}

static void cuts_at_newlines(void **state)
{
    struct fixture *fixture = *state;
    feed(fixture, "one\ntwo");
    assert_shown(fixture, "one|");
    feed(fixture, " more\n\nthree\r\n");
    assert_shown(fixture, "one|two more||three\r|");
    log_framer_end(&fixture->framer);
    assert_shown(fixture, "one|two more||three\r|");
}

static void keeps_an_unterminated_last_line(void **state)
{
    struct fixture *fixture = *state;
    feed(fixture, "one\ntwo");
    log_framer_end(&fixture->framer);
    assert_shown(fixture, "one|two|");
}

static void shows_a_prompt_on_flush(void **state)
{
    struct fixture *fixture = *state;
    feed(fixture, "name? ");
    log_framer_flush(&fixture->framer);
    log_framer_flush(&fixture->framer);
    assert_shown(fixture, "name? +");
    feed(fixture, "bob\n");
    assert_shown(fixture, "name? +bob|");
    feed(fixture, "age? ");
    log_framer_flush(&fixture->framer);
    log_framer_end(&fixture->framer);
    assert_shown(fixture, "name? +bob|age? +|");
}

static void a_line_of_exactly_the_maximum_is_one_piece(void **state)
{
    struct fixture *fixture = *state;
    ds_auto_free char *line = ds_alloc(DS_LOG_PIECE_MAX + 1);
    memset(line, 'x', DS_LOG_PIECE_MAX);
    for (int whole = 0; whole < 2; whole++) {
        line[DS_LOG_PIECE_MAX] = '\n';
        log_framer_feed(&fixture->framer, line, DS_LOG_PIECE_MAX + (whole ? 1 : 0));
        if (!whole)
            feed(fixture, "\n");
        assert_int_equal(fixture->pieces.count, whole + 1);
    }
    log_framer_feed(&fixture->framer, line, DS_LOG_PIECE_MAX);
    feed(fixture, "y\n");
    assert_int_equal(fixture->pieces.count, 4);
    assert_int_equal(fixture->pieces.longest, DS_LOG_PIECE_MAX);
}

static void a_cut_does_not_split_a_character(void **state)
{
    struct fixture *fixture = *state;
    ds_auto_text struct ds_text line = {0};
    ds_text_append(&line, "ab");
    while (line.length < DS_LOG_PIECE_MAX)
        ds_text_append(&line, "\xe2\x82\xac"); /* 3 bytes; the maximum falls inside one */
    ds_text_append(&line, "\n");
    log_framer_feed(&fixture->framer, line.data, line.length);
    test_assert_text(&fixture->pieces.joined, line.data, line.length);
    assert_int_equal(fixture->pieces.count, 2);
    assert_int_equal((fixture->pieces.longest - 2) % 3, 0);
}

static void many_megabytes_take_bounded_memory(void **state)
{
    struct fixture *fixture = *state;
    enum { CHUNK = 40000, TIMES = 200 };
    ds_auto_free char *chunk = ds_alloc(CHUNK);
    for (int i = 0; i < TIMES; i++) {
        memset(chunk, 'a' + i % 26, CHUNK);
        log_framer_feed(&fixture->framer, chunk, CHUNK);
        assert_true(fixture->framer.held.capacity <= 4 * DS_LOG_PIECE_MAX);
    }
    log_framer_end(&fixture->framer);
    assert_int_equal(fixture->pieces.joined.length, CHUNK * TIMES + 1);
    assert_int_equal(fixture->pieces.longest, DS_LOG_PIECE_MAX);
}

/* Bytes with newlines about every `density`th place. */
static void fill(char *bytes, size_t length, size_t density, uint64_t *seed)
{
    for (size_t i = 0; i < length; i++)
        bytes[i] = test_random_below(seed, density) == 0 ? '\n' : (char)test_random(seed);
}

static void random_bytes_in_random_cuts_come_back(void **state)
{
    (void)state;
    enum { LENGTH = 100000 };
    ds_auto_free char *bytes = ds_alloc(LENGTH);
    uint64_t seed = 42;
    for (int round = 0; round < 30; round++) {
        void *inner;
        set_up(&inner);
        struct fixture *fixture = inner;
        fill(bytes, LENGTH, round % 2 ? 60000 : 50, &seed);
        bytes[LENGTH - 1] = '\n';
        for (size_t at = 0; at < LENGTH;) {
            size_t length = 1 + test_random_below(&seed, round % 3 ? 300 : 30000);
            if (length > LENGTH - at)
                length = LENGTH - at;
            log_framer_feed(&fixture->framer, bytes + at, length);
            if (test_random_below(&seed, 10) == 0)
                log_framer_flush(&fixture->framer);
            at += length;
        }
        log_framer_end(&fixture->framer);
        test_assert_text(&fixture->pieces.joined, bytes, LENGTH);
        assert_true(fixture->pieces.longest <= DS_LOG_PIECE_MAX);
        tear_down(&inner);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(cuts_at_newlines, set_up, tear_down),
        cmocka_unit_test_setup_teardown(keeps_an_unterminated_last_line, set_up, tear_down),
        cmocka_unit_test_setup_teardown(shows_a_prompt_on_flush, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_line_of_exactly_the_maximum_is_one_piece, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_cut_does_not_split_a_character, set_up, tear_down),
        cmocka_unit_test_setup_teardown(many_megabytes_take_bounded_memory, set_up, tear_down),
        cmocka_unit_test(random_bytes_in_random_cuts_come_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
