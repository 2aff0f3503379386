/* An environment laid over the file. */
#include "read_fixture.h"

static const char file[] =
    "name: t\n"
    "services:\n"
    "  api: {run: serve, port: 80, environment: [A=1, B=2], healthcheck: {http: /, retries: 7}}\n"
    "  db: {run: db, watch: src}\n"
    "environments:\n"
    "  local: {purpose: here}\n"
    "  test:\n"
    "    purpose: there\n"
    "    url: https://t.example\n"
    "    protected: true\n"
    "    environment: {SIX: nine, SEVEN: seven}\n"
    "    services:\n"
    "      api: {environment: {B: '${SIX}', C: '${SEVEN}'}, healthcheck: {tcp: 80}}\n"
    "      db: {external: 'http://db.example'}\n"
    "      more: {run: more}\n";

static void local_is_the_file_as_it_stands(void **state)
{
    (void)state;
    struct ds_manifest *manifest = read_in(NULL, file);
    assert_string_equal(manifest->environment, "local");
    assert_string_equal(manifest->environment_purpose, "here");
    assert_false(manifest->is_protected);
    assert_int_equal(service(manifest, "api")->health.kind, DS_HEALTH_HTTP);
    assert_null(ds_manifest_service(manifest, "more"));
    ds_manifest_free(manifest);
}

static void merges_key_by_key(void **state)
{
    (void)state;
    struct ds_manifest *manifest = read_in("test", file);
    const struct ds_service_spec *api = service(manifest, "api");
    assert_true(manifest->is_protected);
    assert_string_equal(manifest->environment_url, "https://t.example");
    assert_int_equal(api->environment.count, 3);
    assert_source(api->environment.items[0].value, "1");
    /* The shell has SIX, so the environment's own does not count. */
    assert_source(api->environment.items[1].value, "6");
    assert_source(api->environment.items[2].value, "seven");
    ds_manifest_free(manifest);
}

static void a_check_of_another_kind_takes_the_place_of_the_old_one(void **state)
{
    (void)state;
    struct ds_manifest *manifest = read_in("test", file);
    const struct ds_health *health = &service(manifest, "api")->health;
    assert_int_equal(health->kind, DS_HEALTH_TCP);
    assert_int_equal(health->retries, 7);
    ds_manifest_free(manifest);
}

static void another_kind_drops_what_does_not_belong_to_it(void **state)
{
    (void)state;
    struct ds_manifest *manifest = read_in("test", file);
    const struct ds_service_spec *db = service(manifest, "db");
    assert_int_equal(db->kind, DS_KIND_EXTERNAL);
    assert_int_equal(db->watch.paths.count, 0);
    assert_int_equal(db->command.count, 0);
    assert_int_equal(service(manifest, "more")->kind, DS_KIND_PROCESS);
    ds_manifest_free(manifest);
}

static void what_an_environment_says_is_checked_when_it_is_not_chosen(void **state)
{
    (void)state;
    expect_told("name: t\nservices: {api: {run: x}}\n"
                "environments: {test: {services: {api: {prot: 80}}}}\n",
                "unknown key 'prot' in service 'api' of environment 'test'");
    expect_told("name: t\nservices: {api: {run: x}}\n"
                "environments: {test: {services: {apo: {disabled: true}}}}\n",
                "did you mean 'api'?");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(local_is_the_file_as_it_stands),
        cmocka_unit_test(merges_key_by_key),
        cmocka_unit_test(a_check_of_another_kind_takes_the_place_of_the_old_one),
        cmocka_unit_test(another_kind_drops_what_does_not_belong_to_it),
        cmocka_unit_test(what_an_environment_says_is_checked_when_it_is_not_chosen),
    };
    return cmocka_run_group_tests_name("manifest/overlay", tests, NULL, NULL);
}
