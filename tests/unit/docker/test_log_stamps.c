/* Stamps are taken off wherever the stream is split, and a second reading goes on where the first
 * one ended. */
#include "tests/support/cmocka_headers.h"

#include <string.h>

#include "orchestrator/docker/log_stamps.h"

#define AT(digit) "2026-01-31T12:00:00.00000000" digit "Z "

struct taken {
    struct ds_text out, err;
    bool enough;
};

static bool take(void *data, bool is_stderr, const char *bytes, size_t length)
{
    struct taken *taken = data;
    assert_true(length > 0);
    ds_text_append_bytes(is_stderr ? &taken->err : &taken->out, bytes, length);
    return !taken->enough;
}

struct frame {
    bool is_stderr;
    const char *text;
};

/* Reads frames, each in pieces of `size` bytes. */
static void read_frames(struct ds_log_position *position, const struct frame *frames, size_t count,
                        size_t size, const char *out, const char *err)
{
    struct taken taken = {0};
    struct log_stamps stamps;
    log_stamps_init(&stamps, position, take, &taken);
    for (size_t i = 0; i < count; i++) {
        size_t length = strlen(frames[i].text);
        for (size_t done = 0; done < length; done += size)
            assert_true(log_stamps_feed(&stamps, frames[i].is_stderr, done == 0,
                                        frames[i].text + done,
                                        length - done < size ? length - done : size));
    }
    assert_true(log_stamps_end(&stamps));
    log_stamps_finish(&stamps);
    assert_string_equal(ds_text_string(&taken.out), out);
    assert_string_equal(ds_text_string(&taken.err), err);
    ds_text_finish(&taken.out);
    ds_text_finish(&taken.err);
}

static const struct frame frames[] = {{false, AT("1") "one\n"}, {true, AT("3") "error\n"},
                                      {false, AT("2") "two\n"}, {false, AT("2") "and a long li"},
                                      {false, AT("2") "ne\n"},  {false, AT("4") "unterminated"}};

static void stamps_may_be_split_anywhere(void **state)
{
    (void)state;
    for (size_t size = 1; size < 48; size++) {
        struct ds_log_position position = {0};
        read_frames(&position, frames, 6, size, "one\ntwo\nand a long line\nunterminated",
                    "error\n");
    }
}

/* Stderr's stamp is newer than what stdout gives after it: each stream has its own place. */
static void a_second_reading_repeats_and_loses_nothing(void **state)
{
    (void)state;
    static const char *const out[] = {"",
                                      "one\n",
                                      "one\n",
                                      "one\ntwo\n",
                                      "one\ntwo\nand a long li",
                                      "one\ntwo\nand a long line\n",
                                      "one\ntwo\nand a long line\nunterminated"};
    for (size_t read = 0; read <= 6; read++) {
        struct ds_log_position position = {0};
        read_frames(&position, frames, read, 7, out[read], read > 1 ? "error\n" : "");
        read_frames(&position, frames, 6, 5, out[6] + strlen(out[read]), read > 1 ? "" : "error\n");
        read_frames(&position, frames, 6, 5, "", "");
    }
}

static void a_reading_that_broke_off_in_a_frame_goes_on_there(void **state)
{
    (void)state;
    struct ds_log_position position = {0};
    read_frames(&position, &(struct frame){false, AT("1") "half a"}, 1, 4, "half a", "");
    read_frames(&position, &(struct frame){false, AT("1") "half a line\n"}, 1, 4, " line\n", "");
}

static void a_terminals_pieces_end_with_their_lines(void **state)
{
    (void)state;
    ds_auto_text struct ds_text text = {0}, expected = {0};
    ds_text_append(&text, AT("1") "short\r\n" AT("2"));
    ds_text_append(&expected, "short\r\n");
    for (int i = 0; i < 16 << 10; i++) {
        ds_text_append_char(&text, 'x');
        ds_text_append_char(&expected, 'x');
    }
    ds_text_append(&text, AT("2") "rest\r\n" AT("3") "$ ");
    ds_text_append(&expected, "rest\r\n$ ");
    struct ds_log_position position = {0};
    struct taken taken = {0};
    struct log_stamps stamps;
    log_stamps_init(&stamps, &position, take, &taken);
    stamps.raw = true;
    for (size_t i = 0; i < text.length; i++)
        assert_true(log_stamps_feed(&stamps, false, false, text.data + i, 1));
    log_stamps_finish(&stamps);
    assert_string_equal(ds_text_string(&taken.out), ds_text_string(&expected));
    ds_text_finish(&taken.out);
}

static void output_without_stamps_is_output(void **state)
{
    (void)state;
    struct ds_log_position position = {0};
    const struct frame plain[] = {{false, "no stamp at all\n"}, {false, "2026"}, {true, " x"}};
    read_frames(&position, plain, 3, 3, "no stamp at all\n2026", " x");
}

static void who_has_enough_gets_no_more(void **state)
{
    (void)state;
    struct ds_log_position position = {0};
    struct taken taken = {.enough = true};
    struct log_stamps stamps;
    log_stamps_init(&stamps, &position, take, &taken);
    assert_false(log_stamps_feed(&stamps, false, true, frames[0].text, strlen(frames[0].text)));
    log_stamps_finish(&stamps);
    assert_string_equal(ds_text_string(&taken.out), "one\n");
    ds_text_finish(&taken.out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stamps_may_be_split_anywhere),
        cmocka_unit_test(a_second_reading_repeats_and_loses_nothing),
        cmocka_unit_test(a_reading_that_broke_off_in_a_frame_goes_on_there),
        cmocka_unit_test(a_terminals_pieces_end_with_their_lines),
        cmocka_unit_test(output_without_stamps_is_output),
        cmocka_unit_test(who_has_enough_gets_no_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
