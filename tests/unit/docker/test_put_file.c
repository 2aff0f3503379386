/* Where an archive is unpacked, level by level. */
#include "tests/unit/docker/scripted_calls.h"

#define NO_FOLDER STATUS(404, "{\"message\":\"Could not find the file /x in container c1\"}")

static struct engine_answer *put(struct scripted_engine *engine, const char *path)
{
    ds_container_put_file(engine->engine, "c1", path, "hello", 5, 1, 2, 0400, answer_done,
                          &engine->answer);
    return script_end(engine);
}

#define ASK(folder) "PUT /containers/c1/archive?noOverwriteDirNonDir=1&path=" folder "\n"

static void it_goes_one_level_up_until_there_is_a_folder(void **state)
{
    struct scripted_engine *engine = SCRIPT(state, NO_FOLDER, NO_FOLDER, OK(""));
    assert_false(put(engine, "/run/secrets/key")->failed);
    assert_string_equal(script_asked(engine), ASK("%2Frun%2Fsecrets") ASK("%2Frun") ASK("%2F"));
    assert_string_equal(script_body(engine), "run/"); /* the archive begins with the folder */
}

static void a_missing_container_ends_it_at_once(void **state)
{
    struct scripted_engine *engine =
        SCRIPT(state, STATUS(404, "{\"message\":\"No such container: c1\"}"));
    assert_int_equal(put(engine, "/run/secrets/key")->code, DS_ERROR_MISSING);
    assert_string_equal(script_asked(engine), ASK("%2Frun%2Fsecrets"));
}

static void the_root_is_the_last_try(void **state)
{
    struct scripted_engine *engine = SCRIPT(state, NO_FOLDER);
    assert_true(put(engine, "/key")->failed);
    assert_string_equal(script_asked(engine), ASK("%2F"));
}

static void only_absolute_paths_are_taken(void **state)
{
    struct scripted_engine *engine = SCRIPT(state, OK(""));
    assert_non_null(strstr(put(engine, "key")->message, "not absolute"));
    assert_string_equal(script_asked(engine), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(it_goes_one_level_up_until_there_is_a_folder),
        TEST(a_missing_container_ends_it_at_once),
        TEST(the_root_is_the_last_try),
        TEST(only_absolute_paths_are_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
