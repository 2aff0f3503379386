/* The memory ring: order, bounds, and what is pushed out. */
#include "support.h"

#include "orchestrator/logs/ring.h"

static bool push(struct log_ring *ring, uint64_t sequence, const char *text, size_t length)
{
    const struct ds_log_entry entry = {.sequence = sequence,
                                       .time = (int64_t)sequence * 10,
                                       .source = DS_LOG_STDERR,
                                       .partial = sequence % 2 == 1,
                                       .text = text,
                                       .length = length};
    return log_ring_push(ring, &entry);
}

static void gives_back_what_was_pushed(void **state)
{
    (void)state;
    struct log_ring ring;
    log_ring_init(&ring, 1024);
    struct log_ring_cursor cursor = {0};
    struct ds_log_entry entry;
    assert_false(log_ring_next(&ring, &cursor, &entry));
    assert_true(push(&ring, 1, "a\0b", 3));
    assert_true(push(&ring, 2, NULL, 0));
    assert_true(log_ring_next(&ring, &cursor, &entry));
    assert_int_equal(entry.sequence, 1);
    assert_int_equal(entry.time, 10);
    assert_int_equal(entry.source, DS_LOG_STDERR);
    assert_true(entry.partial);
    assert_int_equal(entry.length, 3);
    assert_memory_equal(entry.text, "a\0b", 3);
    assert_true(log_ring_next(&ring, &cursor, &entry));
    assert_int_equal(entry.length, 0);
    assert_false(entry.partial);
    assert_false(log_ring_next(&ring, &cursor, &entry));
    log_ring_finish(&ring);
}

static void leaves_out_what_cannot_fit(void **state)
{
    (void)state;
    static const char text[512];
    struct log_ring ring;
    log_ring_init(&ring, 256);
    assert_true(push(&ring, 1, "x", 1));
    assert_false(push(&ring, 2, text, sizeof(text)));
    assert_int_equal(ring.count, 1);
    log_ring_finish(&ring);
}

/* Each entry's text is derived from its number, so a damaged record shows. */
static size_t text_of(uint64_t sequence, char *buffer, size_t limit)
{
    uint64_t seed = sequence * 77 + 1;
    size_t length = test_random_below(&seed, limit);
    memset(buffer, (int)('a' + sequence % 26), limit);
    return length;
}

static void holds_the_newest_without_a_gap(void **state)
{
    (void)state;
    char text[200];
    static const size_t capacities[] = {256, 300, 1000, 4096};
    for (size_t c = 0; c < DS_COUNT(capacities); c++) {
        struct log_ring ring;
        log_ring_init(&ring, capacities[c]);
        for (uint64_t sequence = 1; sequence <= 2000; sequence++) {
            assert_true(push(&ring, sequence, text, text_of(sequence, text, sizeof(text))));
            struct log_ring_cursor cursor = {0};
            struct ds_log_entry entry;
            uint64_t expected = sequence - ring.count + 1;
            while (log_ring_next(&ring, &cursor, &entry)) {
                assert_int_equal(entry.sequence, expected++);
                size_t length = text_of(entry.sequence, text, sizeof(text));
                assert_int_equal(entry.length, length);
                assert_memory_equal(entry.text, text, length);
            }
            assert_int_equal(expected, sequence + 1);
        }
        /* A third of the room at least is used: the largest record may not fit round the end. */
        assert_true(ring.count >= capacities[c] / 3 / (sizeof(text) + 40));
        log_ring_finish(&ring);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_back_what_was_pushed),
        cmocka_unit_test(leaves_out_what_cannot_fit),
        cmocka_unit_test(holds_the_newest_without_a_gap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
