/* Masking: every cut, every encoding, overlaps, and that ordinary bytes pass unchanged. */
#include "support.h"

#include "orchestrator/logs/mask.h"

#define M DS_LOG_MASK

static void add(struct log_mask_set *set, const char *value)
{
    ds_auto_secret struct ds_secret *secret = ds_secret_create(value, strlen(value));
    log_mask_set_add(set, secret);
}

/* Feeds `text` in pieces of at most `step` bytes. */
static void mask_in_steps(const struct log_mask_set *set, const char *text, size_t length,
                          size_t step, struct ds_text *out)
{
    struct log_masker masker = {0};
    for (size_t at = 0; at < length; at += step)
        log_masker_feed(&masker, set, text + at, length - at < step ? length - at : step, out);
    log_masker_flush(&masker, set, out);
    log_masker_finish(&masker);
}

static void assert_masked(const struct log_mask_set *set, const char *text, const char *expected)
{
    for (size_t step = 1; step <= strlen(text); step++) {
        ds_auto_text struct ds_text out = {0};
        mask_in_steps(set, text, strlen(text), step, &out);
        assert_string_equal(ds_text_string(&out), expected);
    }
}

static void masks_wherever_it_is_cut(void **state)
{
    (void)state;
    struct log_mask_set set = {0};
    add(&set, "hunter22!");
    assert_masked(&set, "password hunter22! is set\n", "password " M " is set\n");
    assert_masked(&set, "hunter22!hunter22!", M M);
    assert_masked(&set, "hunter22", M); /* its start, at the end: eight bytes of it */
    assert_masked(&set, "hunter2", "hunter2");
    assert_masked(&set, "hunter22?\n", "hunter22?\n");
    assert_masked(&set, "hunthunter22!", "hunt" M);
    assert_masked(&set, "nothing here\n", "nothing here\n");
    log_mask_set_finish(&set);
}

static void masks_encoded_forms(void **state)
{
    (void)state;
    struct log_mask_set set = {0};
    add(&set, "hunt er/22!");
    assert_masked(&set, "postgres://u:hunt%20er%2F22%21@h/d", "postgres://u:" M "@h/d");
    assert_masked(&set, "q=hunt+er%2F22%21&x", "q=" M "&x");
    assert_masked(&set, "{\"p\":\"hunt er\\/22!\"}", "{\"p\":\"" M "\"}");
    assert_masked(&set, "aHVudCBlci8yMiE=", M);
    /* base64 of "user:hunt er/22!" and of "me:hunt er/22!" */
    assert_masked(&set, "Basic dXNlcjpodW50IGVyLzIyIQ== x", "Basic dXNlcjp" M " x");
    assert_masked(&set, "Basic bWU6aHVudCBlci8yMiE=", "Basic bWU6" M);
    log_mask_set_finish(&set);
}

static void overlaps_share_a_mask(void **state)
{
    (void)state;
    struct log_mask_set set = {0};
    add(&set, "abcdefgh");
    add(&set, "efghijkl");
    add(&set, "abcdefghij0123");
    assert_masked(&set, "<abcdefghijkl>", "<" M ">");
    assert_masked(&set, "<abcdefghij0123>", "<" M ">");
    assert_masked(&set, "<abcdefghij012>", "<" M "ij012>");
    log_mask_set_finish(&set);
}

static void a_secret_over_lines_is_masked_whole(void **state)
{
    (void)state;
    struct log_mask_set set = {0};
    add(&set, "-----BEGIN\nabcdef\n-----END");
    assert_masked(&set, "key:\n-----BEGIN\nabcdef\n-----END\nok\n", "key:\n" M "\nok\n");
    log_mask_set_finish(&set);
}

static void short_values_are_left_alone(void **state)
{
    (void)state;
    struct log_mask_set set = {0};
    add(&set, "seven77");
    add(&set, "");
    assert_int_equal(set.count, 0);
    assert_masked(&set, "seven77", "seven77");
    log_mask_set_finish(&set);
}

static void only_a_possible_start_is_withheld(void **state)
{
    (void)state;
    struct log_mask_set set = {0};
    add(&set, "hunter22!");
    struct log_masker masker = {0};
    ds_auto_text struct ds_text out = {0};
    log_masker_feed(&masker, &set, "a prompt: hun", 13, &out);
    assert_string_equal(ds_text_string(&out), "a prompt: ");
    log_masker_flush(&masker, &set, &out);
    log_masker_flush(&masker, &set, &out);
    assert_string_equal(ds_text_string(&out), "a prompt: hun");
    log_masker_feed(&masker, &set, "\n", 1, &out);
    assert_string_equal(ds_text_string(&out), "a prompt: hun\n");
    log_masker_finish(&masker);
    log_mask_set_finish(&set);
}

/* At most seven bytes of a secret are shown when a flush falls into it. */
static void a_flush_inside_a_secret_does_not_show_its_rest(void **state)
{
    (void)state;
    static const char secret[] = "correct horse battery";
    struct log_mask_set set = {0};
    add(&set, secret);
    for (size_t first = 1; first < strlen(secret); first++) {
        for (size_t second = first; second < strlen(secret); second++) {
            struct log_masker masker = {0};
            ds_auto_text struct ds_text out = {0};
            log_masker_feed(&masker, &set, secret, first, &out);
            log_masker_flush(&masker, &set, &out);
            log_masker_feed(&masker, &set, secret + first, second - first, &out);
            log_masker_flush(&masker, &set, &out);
            log_masker_feed(&masker, &set, secret + second, strlen(secret) - second, &out);
            log_masker_feed(&masker, &set, "<", 1, &out);
            size_t shown = second < 8 ? second : first < 8 ? first : 0;
            ds_auto_free char *start = ds_strndup(secret, shown);
            ds_auto_free char *expected = ds_printf("%s%s<", start, M);
            assert_string_equal(ds_text_string(&out), expected);
            log_masker_finish(&masker);
        }
    }
    log_mask_set_finish(&set);
}

static void what_looked_like_a_secret_goes_on_after_a_flush(void **state)
{
    (void)state;
    struct log_mask_set set = {0};
    add(&set, "hunter22!");
    struct log_masker masker = {0};
    ds_auto_text struct ds_text out = {0};
    log_masker_feed(&masker, &set, "hunte", 5, &out);
    log_masker_flush(&masker, &set, &out);
    log_masker_feed(&masker, &set, "d house, hunter22", 17, &out);
    log_masker_flush(&masker, &set, &out);
    log_masker_feed(&masker, &set, " done", 5, &out);
    assert_string_equal(ds_text_string(&out), "hunted house, " M " done");
    log_masker_finish(&masker);
    log_mask_set_finish(&set);
}

/* From an alphabet of two letters, so that starts of secrets are everywhere. */
static void random_cuts_make_no_difference(void **state)
{
    (void)state;
    enum { LENGTH = 3000 };
    struct log_mask_set set = {0};
    add(&set, "abababab");
    add(&set, "aabbaabbab");
    add(&set, "bbbbbbbbbbbb");
    ds_auto_free char *bytes = ds_alloc(LENGTH);
    uint64_t seed = 7;
    for (int round = 0; round < 40; round++) {
        for (size_t i = 0; i < LENGTH; i++)
            bytes[i] = test_random_below(&seed, 40) ? (char)('a' + test_random(&seed) % 2) : '\0';
        ds_auto_text struct ds_text whole = {0}, cut = {0};
        mask_in_steps(&set, bytes, LENGTH, LENGTH, &whole);
        mask_in_steps(&set, bytes, LENGTH, 1 + test_random_below(&seed, 20), &cut);
        test_assert_text(&cut, ds_text_string(&whole), whole.length);
        assert_null(memmem(whole.data, whole.length, "abababab", 8));
        assert_null(memmem(whole.data, whole.length, "bbbbbbbbbbbb", 12));
    }
    log_mask_set_finish(&set);
}

static void random_bytes_without_a_secret_pass_unchanged(void **state)
{
    (void)state;
    enum { LENGTH = 200000 };
    struct log_mask_set set = {0};
    add(&set, "correct horse battery");
    ds_auto_free char *bytes = ds_alloc(LENGTH);
    uint64_t seed = 11;
    for (size_t i = 0; i < LENGTH; i++)
        bytes[i] = (char)test_random(&seed);
    ds_auto_text struct ds_text out = {0};
    mask_in_steps(&set, bytes, LENGTH, 997, &out);
    test_assert_text(&out, bytes, LENGTH);
    log_mask_set_finish(&set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(masks_wherever_it_is_cut),
        cmocka_unit_test(masks_encoded_forms),
        cmocka_unit_test(overlaps_share_a_mask),
        cmocka_unit_test(a_secret_over_lines_is_masked_whole),
        cmocka_unit_test(short_values_are_left_alone),
        cmocka_unit_test(only_a_possible_start_is_withheld),
        cmocka_unit_test(a_flush_inside_a_secret_does_not_show_its_rest),
        cmocka_unit_test(what_looked_like_a_secret_goes_on_after_a_flush),
        cmocka_unit_test(random_cuts_make_no_difference),
        cmocka_unit_test(random_bytes_without_a_secret_pass_unchanged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
