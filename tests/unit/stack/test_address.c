/* References: an address is written for whoever reads it. */
#include "fixture.h"

#include <stdlib.h>

#include "devstack/base/memory.h"

static const char services[] = "secrets: {password: {}}\n"
                               "services:\n"
                               "  db:\n"
                               "    image: postgres:16\n"
                               "    ports: {sql: {container: 5432, host: 15432}}\n"
                               "  cache:\n"
                               "    image: redis:7\n"
                               "    environment: {DB: '${db.host}:${db.port}'}\n"
                               "  api:\n"
                               "    run: [serve]\n"
                               "    ports: {http: 18080, admin: 18081}\n"
                               "    environment:\n"
                               "      DB: ${db.host}:${db.port}\n"
                               "      ADMIN: ${api.ports.admin}\n"
                               "      HERE: ${stack.name} ${stack.environment}\n"
                               "      KEY: x${secrets.password}\n"
                               "      URL: ${api.url}\n";

/* The setting of a service, as that service reads it. NULL: it could not be expanded. */
static char *expand(struct run_fixture *f, const char *service, size_t setting, bool *ret_secret,
                    struct ds_error *err)
{
    const struct ds_service_spec *spec = run_fixture_spec(f, service);
    struct reader reader = {.context = &f->context, .reader = spec};
    char *value = NULL;
    *ret_secret = false;
    ds_template_expand(spec->environment.items[setting].value, context_resolve, &reader, &value,
                       ret_secret, err);
    return value;
}

static void assert_reads(struct run_fixture *f, const char *service, size_t setting,
                         const char *expected)
{
    bool secret;
    ds_auto_free char *value = expand(f, service, setting, &secret, NULL);
    assert_string_equal(value, expected);
    assert_false(secret);
}

static void a_process_and_a_container_read_different_addresses(void **state)
{
    struct run_fixture *f = *state;
    run_fixture_load(f, services);
    assert_reads(f, "api", 0, "127.0.0.1:15432");
    assert_reads(f, "cache", 0, "db:5432");
    f->address = "[::1]";
    assert_reads(f, "api", 0, "[::1]:15432");
}

static void named_ports_the_stack_and_urls_are_there(void **state)
{
    struct run_fixture *f = *state;
    run_fixture_load(f, services);
    assert_reads(f, "api", 1, "18081");
    assert_reads(f, "api", 2, "shop local");
    assert_reads(f, "api", 4, "http://127.0.0.1:18080");
}

static void a_secret_taints_what_it_is_part_of(void **state)
{
    struct run_fixture *f = *state;
    ds_auto_error struct ds_error err = {0};
    bool secret;
    run_fixture_load(f, services);
    assert_null(expand(f, "api", 3, &secret, &err));
    assert_int_equal(err.code, DS_ERROR_SECRET);
    run_fixture_secret(f, "password", "hunter22");
    ds_auto_free char *value = expand(f, "api", 3, &secret, NULL);
    assert_string_equal(value, "xhunter22");
    assert_true(secret);
}

static void a_container_cannot_reach_a_process(void **state)
{
    struct run_fixture *f = *state;
    ds_auto_error struct ds_error err = {0};
    struct reader reader = {.context = &f->context};
    ds_auto_text struct ds_text out = {0};
    struct ds_reference api = {
        .scope = DS_REFERENCE_SERVICE, .name = (char *)"api", .field = (char *)"host"};
    run_fixture_load(f, services);
    reader.reader = run_fixture_spec(f, "cache");
    assert_false(context_resolve(&reader, &api, &out, NULL, &err));
    assert_non_null(err.hint);
    api.name = (char *)"nobody";
    assert_false(context_resolve(&reader, &api, &out, NULL, NULL));
    assert_int_equal(out.length, 0);
}

static void people_see_no_credentials(void **state)
{
    struct run_fixture *f = *state;
    run_fixture_load(f, "secrets: {password: {}}\n"
                        "services:\n"
                        "  db:\n"
                        "    postgres: {version: 16, password: '${secrets.password}'}\n"
                        "    port: 15432\n"
                        "  far: {external: 'redis://:${secrets.password}@example.com:6379'}\n"
                        "  job: {task: [work]}\n");
    run_fixture_secret(f, "password", "hun/er22");
    ds_auto_free char *url = context_public_url(&f->context, run_fixture_spec(f, "db"));
    assert_string_equal(url, "postgres://postgres@127.0.0.1:15432/postgres");
    assert_null(context_public_url(&f->context, run_fixture_spec(f, "far")));
    assert_null(context_public_url(&f->context, run_fixture_spec(f, "job")));
    /* Whoever may know it gets it percent-encoded. */
    struct reader reader = {.context = &f->context};
    struct ds_reference whole = {
        .scope = DS_REFERENCE_SERVICE, .name = (char *)"db", .field = (char *)"url"};
    ds_auto_text struct ds_text out = {0};
    bool secret = false;
    assert_true(context_resolve(&reader, &whole, &out, &secret, NULL));
    assert_string_equal(ds_text_string(&out),
                        "postgres://postgres:hun%2Fer22@127.0.0.1:15432/postgres");
    assert_true(secret);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_RUN(a_process_and_a_container_read_different_addresses),
        WITH_RUN(named_ports_the_stack_and_urls_are_there),
        WITH_RUN(a_secret_taints_what_it_is_part_of),
        WITH_RUN(a_container_cannot_reach_a_process),
        WITH_RUN(people_see_no_credentials),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
