/* Helper programs, well-behaved and not. */
#include "tests/support/cmocka_headers.h"

#include <stdlib.h>
#include <string.h>

#include "devstack/base/file.h"
#include "devstack/base/memory.h"
#include "orchestrator/docker/helper.h"
#include "tests/support/loop_fixture.h"

struct subject {
    char *folder;
    struct ds_variables environment;
    bool done, failed;
    unsigned count;
    int exit_code;
    char *output, *message;
};

static int setup(void **state)
{
    if (loop_fixture_setup(state) != 0)
        return -1;
    char folder[] = "/tmp/devstack-helper-XXXXXX";
    struct subject *subject = DS_NEW(struct subject);
    subject->folder = ds_strdup(mkdtemp(folder));
    ds_variables_setf(&subject->environment, "PATH", "%s:%s", subject->folder, getenv("PATH"));
    ((struct loop_fixture *)*state)->data = subject;
    return 0;
}

static int teardown(void **state)
{
    struct subject *subject = ((struct loop_fixture *)*state)->data;
    int result = loop_fixture_teardown(state);
    ds_tree_remove(subject->folder, NULL);
    ds_variables_finish(&subject->environment);
    free(subject->folder);
    free(subject->output);
    free(subject->message);
    free(subject);
    return result;
}

static void on_done(void *data, int exit_code, const char *output, const struct ds_error *error)
{
    struct subject *subject = data;
    subject->done = true;
    subject->count++;
    subject->failed = error != NULL;
    subject->exit_code = exit_code;
    subject->output = ds_strdup(output);
    subject->message = error ? ds_strdup(error->message) : NULL;
}

static struct helper *start(struct loop_fixture *fixture, const char *script)
{
    struct subject *subject = fixture->data;
    ds_auto_free char *path = ds_path_join(subject->folder, "helper");
    ds_auto_free char *text = ds_printf("#!/bin/sh\n%s\n", script);
    assert_true(ds_file_write(path, text, strlen(text), 0700, NULL));
    struct helper *helper = helper_run(&fixture->loop, "helper", "get", "r.example\n",
                                       &subject->environment, on_done, subject, NULL);
    assert_non_null(helper);
    assert_false(subject->done);
    return helper;
}

static void it_gets_a_line_and_answers(void **state)
{
    struct loop_fixture *fixture = *state;
    struct subject *subject = fixture->data;
    start(fixture, "read -r line; echo \"$1 $line\"; exit 3");
    assert_true(loop_run_until(fixture, &subject->done));
    assert_false(subject->failed);
    assert_int_equal(subject->exit_code, 3);
    assert_string_equal(subject->output, "get r.example\n");
    assert_int_equal(subject->count, 1);
}

static void one_that_is_killed_has_no_output(void **state)
{
    struct loop_fixture *fixture = *state;
    struct subject *subject = fixture->data;
    start(fixture, "echo secret; kill -9 $$");
    assert_true(loop_run_until(fixture, &subject->done));
    assert_string_equal(subject->message, "helper was ended by signal 9");
    assert_string_equal(subject->output, "");
}

static void a_flood_is_cut(void **state)
{
    struct loop_fixture *fixture = *state;
    struct subject *subject = fixture->data;
    start(fixture, "head -c 200000 /dev/zero | tr '\\0' x");
    assert_true(loop_run_until(fixture, &subject->done));
    assert_int_equal(strlen(subject->output), 64 * 1024);
}

static void a_cancelled_one_is_killed_and_silent(void **state)
{
    struct loop_fixture *fixture = *state;
    struct subject *subject = fixture->data;
    helper_cancel(start(fixture, "exec sleep 3600"));
    assert_true(loop_drain(fixture)); /* which waits for its end */
    assert_int_equal(subject->count, 0);
    helper_cancel(NULL);
}

static void one_that_is_not_there_is_told_at_once(void **state)
{
    struct loop_fixture *fixture = *state;
    struct subject *subject = fixture->data;
    ds_auto_error struct ds_error err = {0};
    assert_null(helper_run(&fixture->loop, "no-such-helper", "get", "", &subject->environment,
                           on_done, subject, &err));
    assert_int_equal(err.code, DS_ERROR_MISSING);
    assert_string_equal(err.message, "no-such-helper is not on PATH");
}

static void one_that_cannot_run_leaves_nothing(void **state)
{
    struct loop_fixture *fixture = *state;
    struct subject *subject = fixture->data;
    ds_auto_free char *path = ds_path_join(subject->folder, "broken");
    static const char text[] = "#!/nonexistent/interpreter\n";
    assert_true(ds_file_write(path, text, strlen(text), 0700, NULL));
    ds_auto_error struct ds_error err = {0};
    assert_null(helper_run(&fixture->loop, "broken", "get", "", &subject->environment, on_done,
                           subject, &err));
    assert_true(ds_string_starts(err.message, "cannot run "));
    assert_true(loop_drain(fixture));
    assert_int_equal(subject->count, 0);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(it_gets_a_line_and_answers),
        TEST(one_that_is_killed_has_no_output),
        TEST(a_flood_is_cut),
        TEST(a_cancelled_one_is_killed_and_silent),
        TEST(one_that_is_not_there_is_told_at_once),
        TEST(one_that_cannot_run_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
