/* A stream of JSON objects, split at every place. */
#include "tests/support/cmocka_headers.h"

#include <string.h>

#include "devstack/base/memory.h"
#include "orchestrator/docker/json_frames.h"

struct taken {
    struct ds_text keys; /* "id" of each object, with a space behind */
    size_t count, wanted;
};

static bool take(void *data, const json_t *object)
{
    struct taken *taken = data;
    const char *id = json_string_value(json_object_get(object, "id"));
    ds_text_appendf(&taken->keys, "%s ", id ? id : "-");
    return ++taken->count != taken->wanted;
}

static enum json_frames_result feed_all(const char *text, struct taken *taken)
{
    struct json_frames frames = {.on_object = take, .data = taken};
    enum json_frames_result result = json_frames_feed(&frames, text, strlen(text));
    json_frames_finish(&frames);
    return result;
}

static void objects_may_be_split_anywhere(void **state)
{
    (void)state;
    static const char text[] = "{\"id\":\"a\"}\r\n{\"id\":\"b{\\\"}\",\"x\":{\"y\":[{}]}}"
                               "\x1e{ \"id\" : \"c\\\\\" }\n{}";
    size_t length = sizeof(text) - 1;
    for (size_t first = 0; first <= length; first++) {
        for (size_t second = first; second <= length; second++) {
            struct taken taken = {0};
            struct json_frames frames = {.on_object = take, .data = &taken};
            assert_int_equal(json_frames_feed(&frames, text, first), JSON_FRAMES_MORE);
            assert_int_equal(json_frames_feed(&frames, text + first, second - first),
                             JSON_FRAMES_MORE);
            assert_int_equal(json_frames_feed(&frames, text + second, length - second),
                             JSON_FRAMES_MORE);
            assert_true(json_frames_is_complete(&frames));
            assert_string_equal(ds_text_string(&taken.keys), "a b{\"} c\\ - ");
            json_frames_finish(&frames);
            ds_text_finish(&taken.keys);
        }
    }
}

static void what_is_no_object_is_refused(void **state)
{
    (void)state;
    static const char *const broken[] = {"nonsense",         "[1]", "{\"id\":}", "{]}", "\"text\"",
                                         "{\"id\":\"a\"} x", "}"};
    for (size_t i = 0; i < DS_COUNT(broken); i++) {
        struct taken taken = {0};
        assert_int_equal(feed_all(broken[i], &taken), JSON_FRAMES_BROKEN);
        ds_text_finish(&taken.keys);
    }
}

static void an_endless_object_is_refused(void **state)
{
    (void)state;
    struct taken taken = {0};
    struct json_frames frames = {.on_object = take, .data = &taken};
    static const char piece[4096] = "{\"id\":\"";
    char more[4096];
    memset(more, 'x', sizeof(more));
    enum json_frames_result result = json_frames_feed(&frames, piece, 7);
    for (int i = 0; i < 300 && result == JSON_FRAMES_MORE; i++)
        result = json_frames_feed(&frames, more, sizeof(more));
    assert_int_equal(result, JSON_FRAMES_BROKEN);
    json_frames_finish(&frames);
    ds_text_finish(&taken.keys);
}

static void an_open_object_is_no_end(void **state)
{
    (void)state;
    struct taken taken = {0};
    struct json_frames frames = {.on_object = take, .data = &taken};
    json_frames_feed(&frames, "{\"a\":", 5);
    assert_false(json_frames_is_complete(&frames));
    json_frames_finish(&frames);
}

static void stops_when_no_more_is_wanted(void **state)
{
    (void)state;
    struct taken taken = {.wanted = 1};
    assert_int_equal(feed_all("{\"id\":\"a\"}{\"id\":\"b\"}", &taken), JSON_FRAMES_STOPPED);
    assert_string_equal(ds_text_string(&taken.keys), "a ");
    ds_text_finish(&taken.keys);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(objects_may_be_split_anywhere),
        cmocka_unit_test(what_is_no_object_is_refused),
        cmocka_unit_test(an_endless_object_is_refused),
        cmocka_unit_test(an_open_object_is_no_end),
        cmocka_unit_test(stops_when_no_more_is_wanted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
