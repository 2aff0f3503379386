/* Secrets that a start needs: only what something that is started reads. */
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
#include "devstack/manifest/manifest.h"

static const char text[] =
    "name: t\n"
    "secrets: {plain: {}, login: {}, header: {}, file: {}, remote: {},\n"
    "          rendered: {}, nobody: {}}\n"
    "configs: {first: {template: first}, second: {template: second}}\n"
    "services:\n"
    "  db: {postgres: {password: '${secrets.login}'}, port: 5432}\n"
    "  reads: {run: x, environment: {A: '${secrets.plain}'}}\n"
    "  calls: {run: x, environment: {A: '${db.url}'}}\n"
    "  near: {run: x, environment: {A: '${db.port}'}}\n"
    "  probed:\n"
    "    run: x\n"
    "    port: 8000\n"
    "    healthcheck: {http: {path: /, headers: {K: '${secrets.header}'}}}\n"
    "  boxed: {image: x, secrets: [file]}\n"
    "  far: {external: 'https://h/?k=${secrets.remote}'}\n"
    "  proxy: {run: 'x ${configs.first}'}\n"
    "  off: {run: x, disabled: true, environment: {A: '${secrets.nobody}'}}\n";

/* Names of the secrets that a start of `service` (NULL: of all) needs, in the file's order. */
static char *needed_by(const char *service)
{
    char folder[] = "/tmp/needed-XXXXXX";
    assert_non_null(mkdtemp(folder));
    ds_auto_free char *first = ds_path_join(folder, "first");
    ds_auto_free char *second = ds_path_join(folder, "second");
    /* Each names the other: the walk has to end. */
    const char first_text[] = "include ${configs.second};";
    const char second_text[] = "key ${secrets.rendered}; # see ${configs.first}";
    assert_true(ds_file_write(first, first_text, strlen(first_text), 0600, NULL));
    assert_true(ds_file_write(second, second_text, strlen(second_text), 0600, NULL));
    struct ds_faults faults = {0};
    const struct ds_manifest_options options = {0};
    struct ds_manifest *manifest =
        ds_manifest_parse("services.yaml", folder, text, strlen(text), &options, &faults);
    for (size_t i = 0; i < faults.count; i++) {
        ds_auto_free char *line = ds_fault_format(&faults.items[i]);
        print_error("%s\n", line);
    }
    assert_non_null(manifest);
    ds_faults_finish(&faults);
    ds_auto_free bool *wanted = ds_alloc(manifest->service_count * sizeof(bool));
    ds_auto_free bool *needed = ds_alloc(manifest->secret_count * sizeof(bool));
    memset(needed, true, manifest->secret_count * sizeof(bool));
    for (size_t i = 0; service && i < manifest->service_count; i++)
        wanted[i] = strcmp(manifest->services[i].name, service) == 0;
    ds_manifest_needed_secrets(manifest, service ? wanted : NULL, needed);
    struct ds_text out = {0};
    for (size_t i = 0; i < manifest->secret_count; i++)
        if (needed[i])
            ds_text_appendf(&out, "%s ", manifest->secrets[i].name);
    ds_manifest_free(manifest);
    unlink(first);
    unlink(second);
    rmdir(folder);
    return ds_text_take(&out);
}

static void expect(const char *service, const char *names)
{
    ds_auto_free char *found = needed_by(service);
    assert_string_equal(found, names);
}

static void finds_what_a_service_reads_itself(void **state)
{
    (void)state;
    expect("reads", "plain ");
    expect("db", "login ");
    expect("probed", "header ");
    expect("boxed", "file ");
    expect("far", "remote ");
}

static void follows_addresses(void **state)
{
    (void)state;
    expect("calls", "login ");
    expect("near", "");
}

static void follows_configs_round_a_circle(void **state)
{
    (void)state;
    expect("proxy", "rendered ");
}

static void a_disabled_service_needs_none(void **state)
{
    (void)state;
    expect("off", "");
    expect(NULL, "plain login header file remote rendered ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_what_a_service_reads_itself),
        cmocka_unit_test(follows_addresses),
        cmocka_unit_test(follows_configs_round_a_circle),
        cmocka_unit_test(a_disabled_service_needs_none),
    };
    return cmocka_run_group_tests_name("manifest/needed", tests, NULL, NULL);
}
