/* Commands and folders: what is certain to be missing is told with its cure, and nothing else. */
#include "fixture.h"

#include <stdlib.h>
#include <string.h>

#include "devstack/base/memory.h"
#include "orchestrator/stack/preflight_checks.h"

/* The only folder on PATH holds `serve`, `npx` and `npm`. */
static int set_up(void **state)
{
    run_fixture_setup(state);
    struct run_fixture *f = *state;
    run_fixture_write(f, "bin/serve", "#!/bin/sh\n", 0755);
    run_fixture_write(f, "bin/npx", "#!/bin/sh\n", 0755);
    run_fixture_write(f, "bin/npm", "#!/bin/sh\n", 0755);
    run_fixture_write(f, "bin/data", "", 0644);
    ds_variables_setf(&f->shell, "PATH", "%s/bin", f->project);
    return 0;
}

#define WITH_COMMANDS(test) cmocka_unit_test_setup_teardown(test, set_up, run_fixture_teardown)

static void check(const struct run_fixture *f, const char *service, struct ds_problems *problems)
{
    const struct ds_preflight preflight = {
        .manifest = f->manifest, .identity = &f->identity, .shell = &f->shell};
    preflight_check_command(&preflight, run_fixture_spec(f, service), problems);
}

static void assert_good(const struct run_fixture *f, const char *service)
{
    struct ds_problems problems = {0};
    check(f, service, &problems);
    if (problems.count)
        print_error("%s: %s\n", service, problems.items[0].message);
    assert_int_equal(problems.count, 0);
    ds_problems_finish(&problems);
}

/* One problem, about `subject`; `message` and `fix` are parts of what is said, `fix` may be NULL.
 */
static void assert_missing(const struct run_fixture *f, const char *service, const char *subject,
                           const char *message, const char *fix)
{
    struct ds_problems problems = {0};
    check(f, service, &problems);
    assert_int_equal(problems.count, 1);
    assert_int_equal(problems.items[0].code, DS_ERROR_MISSING);
    assert_string_equal(problems.items[0].subject, subject);
    assert_non_null(strstr(problems.items[0].message, message));
    if (fix)
        assert_non_null(strstr(problems.items[0].fix, fix));
    else
        assert_null(problems.items[0].fix);
    ds_problems_finish(&problems);
}

static void a_program_is_looked_for_on_path(void **state)
{
    struct run_fixture *f = *state;
    run_fixture_load(f, "services:\n"
                        "  there: {run: serve --fast}\n"
                        "  list: {run: [serve, --fast]}\n"
                        "  absent: {run: prism mock}\n"
                        "  absent-list: {run: [prism, mock]}\n"
                        "  data: {run: data}\n"
                        "  once: {task: migrate}\n");
    assert_good(f, "there");
    assert_good(f, "list");
    assert_missing(f, "absent", "prism", "Not on PATH, needed by absent (services.yaml:5).",
                   "set PATH in absent's environment");
    assert_missing(f, "absent-list", "prism", "Not on PATH", "install it");
    assert_missing(f, "data", "data", "Not on PATH", "install it");
    assert_missing(f, "once", "migrate", "needed by once (services.yaml:8)", "install it");
}

static void on_the_path_of_the_service_when_it_has_one(void **state)
{
    struct run_fixture *f = *state;
    run_fixture_write(f, "tools/prism", "#!/bin/sh\n", 0755);
    ds_auto_free char *services = ds_printf("services:\n"
                                            "  own: {run: prism, environment: {PATH: %s/tools}}\n"
                                            "  lost: {run: serve, environment: {PATH: %s/tools}}\n",
                                            f->project, f->project);
    run_fixture_load(f, services);
    assert_good(f, "own");
    assert_missing(f, "lost", "serve", "Not on PATH", "lost's environment");
}

static void a_path_starts_at_the_working_folder(void **state)
{
    struct run_fixture *f = *state;
    run_fixture_write(f, "api/start", "#!/bin/sh\n", 0755);
    run_fixture_write(f, "api/text", "", 0644);
    run_fixture_load(f, "services:\n"
                        "  there: {run: ./start, working_dir: api}\n"
                        "  elsewhere: {run: ./start}\n"
                        "  text: {run: [./text], working_dir: api}\n");
    assert_good(f, "there");
    assert_missing(f, "elsewhere", "./start", "No executable file of that path", "chmod +x");
    assert_missing(f, "text", "./text", "No executable file of that path", "services.yaml:5");
}

static void what_the_shell_does_itself_or_changes_is_left_to_it(void **state)
{
    struct run_fixture *f = *state;
    run_fixture_load(f, "services:\n"
                        "  builtin: {run: 'cd api && gone'}\n"
                        "  loop: {run: 'while true; do gone; done'}\n"
                        "  variable: {run: '$$PROGRAM now'}\n"
                        "  quoted: {run: '\"gone away\" now'}\n"
                        "  group: {run: '(gone)'}\n"
                        "  list: {run: [cd, api]}\n");
    assert_good(f, "builtin");
    assert_good(f, "loop");
    assert_good(f, "variable");
    assert_good(f, "quoted");
    assert_good(f, "group");
    /* No shell, no words of a shell. */
    assert_missing(f, "list", "cd", "Not on PATH", "install it");
}

static void assignments_before_the_command_are_skipped(void **state)
{
    struct run_fixture *f = *state;
    run_fixture_load(f, "services:\n"
                        "  there: {run: 'A=1 B=2 serve'}\n"
                        "  absent: {run: 'A=1 B=2 gone C=3'}\n"
                        "  unsure: {run: 'A=\"1 2\" gone'}\n"
                        "  elsewhere: {run: 'PATH=/elsewhere gone'}\n"
                        "  list: {run: ['A=1', serve]}\n");
    assert_good(f, "there");
    assert_missing(f, "absent", "gone", "Not on PATH", "install it");
    assert_good(f, "unsure");
    assert_good(f, "elsewhere");
    assert_missing(f, "list", "A=1", "Not on PATH", "install it");
}

static void npx_needs_the_tool_in_this_folder_or_above(void **state)
{
    struct run_fixture *f = *state;
    run_fixture_write(f, "node_modules/.bin/vite", "#!/bin/sh\n", 0755);
    run_fixture_write(f, "mock/node_modules/.bin/prism", "#!/bin/sh\n", 0755);
    run_fixture_write(f, "mock/package-lock.json", "{}", 0644);
    run_fixture_load(f, "services:\n"
                        "  here: {run: npx prism mock, working_dir: mock}\n"
                        "  above: {run: [npx, vite], working_dir: mock}\n"
                        "  locked: {run: npx gone, working_dir: mock}\n"
                        "  unlocked: {run: npx prism}\n"
                        "  fetched: {run: npx --yes gone}\n"
                        "  version: {run: npx gone@1}\n"
                        "  scoped: {run: npx @a/gone}\n");
    assert_good(f, "here");
    assert_good(f, "above");
    assert_missing(f, "locked", "gone", "needed by locked's `npx gone`", "npm ci   (in mock)");
    assert_missing(f, "unlocked", "prism", "node_modules/.bin", "npm install   (in .)");
    assert_good(f, "fetched");
    assert_good(f, "version");
    assert_good(f, "scoped");
}

static void npm_needs_a_package_and_what_it_depends_on(void **state)
{
    struct run_fixture *f = *state;
    run_fixture_write(f, "new/package.json", "{\"devDependencies\": {\"a\": \"1\"}}", 0644);
    run_fixture_write(f, "full/package.json", "{\"dependencies\": {\"a\": \"1\"}}", 0644);
    run_fixture_write(f, "full/node_modules/a/package.json", "{}", 0644);
    run_fixture_write(f, "alone/package.json", "{\"scripts\": {}}", 0644);
    run_fixture_load(f, "services:\n"
                        "  none: {run: npm run dev}\n"
                        "  new: {run: npm run dev, working_dir: new}\n"
                        "  full: {run: npm run dev, working_dir: full}\n"
                        "  alone: {run: npm run dev, working_dir: alone}\n");
    assert_missing(f, "none", "package.json", "needed by none's npm command", NULL);
    assert_missing(f, "new", "npm packages", "No node_modules in new", "npm install   (in new)");
    assert_good(f, "full");
    assert_good(f, "alone");
}

static void a_working_folder_has_to_be_there(void **state)
{
    struct run_fixture *f = *state;
    struct ds_problems problems = {0};
    run_fixture_write(f, "api/file", "", 0644);
    run_fixture_load(f, "services:\n"
                        "  there: {run: serve, working_dir: api}\n"
                        "  gone: {run: serve, working_dir: nowhere}\n"
                        "  file: {run: serve, working_dir: api/file}\n");
    const struct ds_preflight preflight = {.manifest = f->manifest, .shell = &f->shell};
    preflight_check_folders(&preflight, run_fixture_spec(f, "there"), &problems);
    assert_int_equal(problems.count, 0);
    preflight_check_folders(&preflight, run_fixture_spec(f, "gone"), &problems);
    preflight_check_folders(&preflight, run_fixture_spec(f, "file"), &problems);
    assert_int_equal(problems.count, 2);
    assert_int_equal(problems.items[0].code, DS_ERROR_MISSING);
    assert_string_equal(problems.items[0].subject, "nowhere");
    assert_non_null(strstr(problems.items[0].message, "of gone is not there (services.yaml:4)"));
    assert_true(ds_string_starts(problems.items[0].fix, "mkdir -p "));
    assert_string_equal(problems.items[1].subject, "file");
    ds_problems_finish(&problems);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_COMMANDS(a_program_is_looked_for_on_path),
        WITH_COMMANDS(on_the_path_of_the_service_when_it_has_one),
        WITH_COMMANDS(a_path_starts_at_the_working_folder),
        WITH_COMMANDS(what_the_shell_does_itself_or_changes_is_left_to_it),
        WITH_COMMANDS(assignments_before_the_command_are_skipped),
        WITH_COMMANDS(npx_needs_the_tool_in_this_folder_or_above),
        WITH_COMMANDS(npm_needs_a_package_and_what_it_depends_on),
        WITH_COMMANDS(a_working_folder_has_to_be_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
