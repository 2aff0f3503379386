/* Configs: rendered into the run-time folder, readable only as far as what is in them allows. */
#include "fixture.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "devstack/base/file.h"
#include "devstack/base/memory.h"

static void are_rendered_with_the_modes_they_need(void **state)
{
    struct run_fixture *f = *state;
    run_fixture_write(f, "proxy.conf.in", "to ${api.url}; $keep ${this}\n", 0644);
    run_fixture_write(f, "key.conf", "key ${secrets.key}\n", 0644);
    run_fixture_load(f, "secrets: {key: {}}\n"
                        "configs: {proxy: {template: proxy.conf.in}, key: {template: key.conf}}\n"
                        "services: {api: {run: [serve], port: 18080}}\n");
    run_fixture_secret(f, "key", "hunter22");
    assert_true(configs_render(&f->context, NULL));
    static const struct {
        const char *name, *text;
        mode_t mode;
    } rows[] = {
        {"proxy.conf", "to http://127.0.0.1:18080; $keep ${this}\n", 0644},
        {"key.conf", "key hunter22\n", 0600},
    };
    assert_int_equal(f->manifest->config_count, DS_COUNT(rows));
    for (size_t i = 0; i < DS_COUNT(rows); i++) {
        ds_auto_free char *path = configs_path(&f->identity, &f->manifest->configs[i]);
        ds_auto_free char *text = NULL;
        struct stat status;
        assert_string_equal(ds_path_name(path), rows[i].name);
        assert_true(ds_file_read(path, 1000, &text, NULL, NULL));
        assert_string_equal(text, rows[i].text);
        assert_int_equal(stat(path, &status), 0);
        assert_int_equal(status.st_mode & 0777, rows[i].mode);
    }
}

static void one_whose_secret_was_not_given_is_left_out(void **state)
{
    struct run_fixture *f = *state;
    run_fixture_write(f, "key.conf", "key ${secrets.key}\n", 0644);
    run_fixture_load(f, "secrets: {key: {}}\nconfigs: {key: {template: key.conf}}\n"
                        "services: {api: {run: [serve]}}\n");
    assert_true(configs_render(&f->context, NULL));
    ds_auto_free char *path = configs_path(&f->identity, &f->manifest->configs[0]);
    assert_false(ds_file_exists(path));
}

static void one_that_cannot_be_written_is_an_error(void **state)
{
    struct run_fixture *f = *state;
    ds_auto_error struct ds_error err = {0};
    run_fixture_write(f, "plain.conf", "plain\n", 0644);
    run_fixture_load(f, "configs: {plain: {template: plain.conf}}\n"
                        "services: {api: {run: [serve]}}\n");
    ds_auto_free char *in_the_way = ds_path_join(f->identity.runtime_folder, "configs");
    assert_true(ds_folder_make(f->identity.runtime_folder, 0700, NULL));
    assert_true(ds_file_write(in_the_way, "", 0, 0600, NULL));
    assert_false(configs_render(&f->context, &err));
    assert_non_null(strstr(err.message, in_the_way));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_RUN(are_rendered_with_the_modes_they_need),
        WITH_RUN(one_whose_secret_was_not_given_is_left_out),
        WITH_RUN(one_that_cannot_be_written_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
