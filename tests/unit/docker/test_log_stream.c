/* The log stream's frames, split at every place. */
#include "tests/support/cmocka_headers.h"

#include <string.h>

#include "devstack/base/text.h"
#include "orchestrator/docker/log_stream.h"

struct taken {
    struct ds_text out, err;
    size_t wanted; /* pieces after which no more is wanted; 0: all */
    size_t pieces;
};

static bool take(void *data, bool is_stderr, const char *bytes, size_t length)
{
    struct taken *taken = data;
    assert_true(length > 0);
    ds_text_append_bytes(is_stderr ? &taken->err : &taken->out, bytes, length);
    return ++taken->pieces != taken->wanted;
}

static void finish(struct taken *taken)
{
    ds_text_finish(&taken->out);
    ds_text_finish(&taken->err);
}

static const char frames[] = "\x01\0\0\0\0\0\0\x03"
                             "one"
                             "\x02\0\0\0\0\0\0\x05"
                             "error"
                             "\x01\0\0\0\0\0\0\0"
                             "\x03\0\0\0\0\0\0\x01"
                             "!"
                             "\0\0\0\0\0\0\0\x02"
                             "ab";
#define FRAMES_LENGTH (sizeof(frames) - 1)

static void frames_may_be_split_anywhere(void **state)
{
    (void)state;
    for (size_t first = 0; first <= FRAMES_LENGTH; first++) {
        for (size_t second = first; second <= FRAMES_LENGTH; second++) {
            struct taken taken = {0};
            struct log_stream stream = {.output = take, .data = &taken};
            assert_int_equal(log_stream_feed(&stream, frames, first), LOG_STREAM_MORE);
            assert_int_equal(log_stream_feed(&stream, frames + first, second - first),
                             LOG_STREAM_MORE);
            assert_int_equal(log_stream_feed(&stream, frames + second, FRAMES_LENGTH - second),
                             LOG_STREAM_MORE);
            assert_string_equal(ds_text_string(&taken.out), "oneab");
            assert_string_equal(ds_text_string(&taken.err), "error!");
            assert_true(log_stream_is_complete(&stream));
            finish(&taken);
        }
    }
}

static void only_the_end_of_a_frame_is_an_end(void **state)
{
    (void)state;
    struct taken taken = {0};
    struct log_stream stream = {.output = take, .data = &taken};
    log_stream_feed(&stream, frames, 4);
    assert_false(log_stream_is_complete(&stream));
    log_stream_feed(&stream, frames + 4, 6);
    assert_false(log_stream_is_complete(&stream));
    log_stream_feed(&stream, frames + 10, 1);
    assert_true(log_stream_is_complete(&stream));
    finish(&taken);
}

static void text_without_frames_is_refused(void **state)
{
    (void)state;
    struct taken taken = {0};
    struct log_stream stream = {.output = take, .data = &taken};
    assert_int_equal(log_stream_feed(&stream, "hello world", 11), LOG_STREAM_BROKEN);
    assert_int_equal(taken.pieces, 0);
    finish(&taken);
}

static void a_terminal_has_no_frames(void **state)
{
    (void)state;
    struct taken taken = {0};
    struct log_stream stream = {.raw = true, .output = take, .data = &taken};
    assert_int_equal(log_stream_feed(&stream, "\x01\0\0\0hello", 9), LOG_STREAM_MORE);
    assert_int_equal(taken.out.length, 9);
    assert_true(log_stream_is_complete(&stream));
    finish(&taken);
}

static void stops_when_no_more_is_wanted(void **state)
{
    (void)state;
    struct taken taken = {.wanted = 2};
    struct log_stream stream = {.output = take, .data = &taken};
    assert_int_equal(log_stream_feed(&stream, frames, FRAMES_LENGTH), LOG_STREAM_STOPPED);
    assert_int_equal(taken.pieces, 2);
    finish(&taken);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_may_be_split_anywhere),
        cmocka_unit_test(only_the_end_of_a_frame_is_an_end),
        cmocka_unit_test(text_without_frames_is_refused),
        cmocka_unit_test(a_terminal_has_no_frames),
        cmocka_unit_test(stops_when_no_more_is_wanted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
