/* The project that a verb works on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "devstack/base/file.h"
#include "devstack/base/memory.h"
#include "orchestrator/cli/project.h"

struct fixture {
    char *folder, *file;
    struct context context;
};

static int set_up(void **state)
{
    struct fixture *fixture = DS_NEW(struct fixture);
    fixture->folder = ds_strdup("/tmp/devstack-project-XXXXXX");
    if (!mkdtemp(fixture->folder))
        return -1;
    fixture->file = ds_path_join(fixture->folder, "services.yaml");
    fixture->context.arguments.values[FLAG_FILE] = fixture->file;
    fixture->context.arguments.given[FLAG_QUIET] = true;
    ds_variables_set(&fixture->context.shell, "HOME", fixture->folder);
    ds_variables_set(&fixture->context.shell, "XDG_RUNTIME_DIR", fixture->folder);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    ds_tree_remove(fixture->folder, NULL);
    ds_variables_finish(&fixture->context.shell);
    free(fixture->folder);
    free(fixture->file);
    free(fixture);
    return 0;
}

static void write_file(const struct fixture *fixture, const char *text)
{
    assert_true(ds_file_write(fixture->file, text, strlen(text), 0600, NULL));
}

static void a_file_makes_a_manifest_and_an_identity(void **state)
{
    struct fixture *fixture = *state;
    write_file(fixture, "name: shop\nservices: {api: {run: sleep 1}}\n");
    struct project project;
    assert_int_equal(project_open(&fixture->context, &project), DS_OK);
    assert_string_equal(project.file, fixture->file);
    assert_string_equal(project.manifest->name, "shop");
    assert_int_equal(strncmp(project.identity.id, "shop-", 5), 0);
    assert_string_equal(project.identity.environment, "local");
    project_finish(&project);
}

static void the_flag_wins_over_the_variable(void **state)
{
    struct fixture *fixture = *state;
    struct context *context = &fixture->context;
    assert_null(project_environment(context));
    ds_variables_set(&context->shell, "DEVSTACK_ENV", "");
    assert_null(project_environment(context));
    ds_variables_set(&context->shell, "DEVSTACK_ENV", "staging");
    assert_string_equal(project_environment(context), "staging");
    context->arguments.values[FLAG_ENVIRONMENT] = "ci";
    assert_string_equal(project_environment(context), "ci");
}

static void a_broken_file_still_names_its_stack(void **state)
{
    struct fixture *fixture = *state;
    write_file(fixture, "services: [oops\nname: 'shop' # ours\n");
    struct project project;
    assert_int_equal(project_identify(&fixture->context, &project), DS_OK);
    assert_null(project.manifest);
    assert_string_equal(project.identity.name, "shop");
    project_finish(&project);
}

static void without_a_file_there_is_no_project(void **state)
{
    struct fixture *fixture = *state;
    ds_auto_error struct ds_error err = {0};
    assert_null(project_find(&fixture->context, &err));
    assert_int_equal(err.code, DS_ERROR_INVALID);
    assert_non_null(strstr(err.message, fixture->file));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_file_makes_a_manifest_and_an_identity, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_flag_wins_over_the_variable, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_broken_file_still_names_its_stack, set_up, tear_down),
        cmocka_unit_test_setup_teardown(without_a_file_there_is_no_project, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
