/* Services, secrets and configs: the named things of the file. */
#include "read_fixture.h"

static void a_service_is_one_thing(void **state)
{
    (void)state;
    expect_told(FILE_OF("port: 80"), "needs one of run, task, image, postgres, external");
    expect_told(FILE_OF("run: x, image: y"), "is one thing: either 'run' or 'image'");
}

static void keys_belong_to_kinds(void **state)
{
    (void)state;
    expect_told(FILE_OF("task: x, restart: always"), "'restart' does not belong to a task");
    expect_told(FILE_OF("external: 'http://x', port: 80"),
                "does not belong to an external service");
    expect_told(FILE_OF("run: x, volumes: ['a:/a']"), "does not belong to a process (run:)");
}

static void names_have_a_shape(void **state)
{
    (void)state;
    expect_told("name: t\nservices: {Api: {run: x}}\n", "a service's name is made of lower case");
    expect_told("name: t\nservices: {secrets: {run: x}}\n", "a service cannot be called 'secrets'");
    expect_told("name: t\nsecrets: {a-b: {}}\nservices: {a: {run: x}}\n", "a secret's name");
    expect_told("name: ''\nservices: {a: {run: x}}\n", "the stack's name is made of");
    expect_told("name: t\nservices: {}\n", "expected a mapping of names to services");
}

static void an_address_has_a_scheme(void **state)
{
    (void)state;
    static const struct {
        const char *text, *scheme;
    } cases[] = {{FILE_OF("run: x, port: 5432"), "http"},
                 {FILE_OF("image: x, port: 6379"), "redis"},
                 {FILE_OF("image: x, port: '80:443'"), "https"},
                 {FILE_OF("external: 'amqp://x'"), "amqp"}};
    for (size_t i = 0; i < DS_COUNT(cases); i++) {
        struct ds_manifest *manifest = read_right(cases[i].text);
        assert_string_equal(service(manifest, "a")->url_scheme, cases[i].scheme);
        ds_manifest_free(manifest);
    }
    expect_told(FILE_OF("external: 'x.example'"), "'external' is a URL like https://api.example");
}

static void secrets_say_how_they_are_made(void **state)
{
    (void)state;
    struct ds_manifest *manifest =
        read_right("name: t\nsecrets: {a: , b: {prompt: P, generate: {length: 24}, "
                   "rotate_after: 2h}}\nservices: {s: {run: x}}\n");
    assert_int_equal(manifest->secret_count, 2);
    assert_int_equal(manifest->secrets[0].generate_length, 0);
    assert_int_equal(manifest->secrets[1].generate_length, 24);
    assert_string_equal(manifest->secrets[1].prompt, "P");
    assert_int_equal(manifest->secrets[1].rotate_after, 7200 * DS_NS_PER_S);
    ds_manifest_free(manifest);
    expect_told("name: t\nsecrets: {a: {generate: {length: 7}}}\nservices: {s: {run: x}}\n",
                "a number from 8 to 256");
}

static void backoff_grows(void **state)
{
    (void)state;
    expect_told(FILE_OF("run: x, backoff: {initial: 2s, max: 1s}"),
                "backoff.initial is longer than backoff.max");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_service_is_one_thing),
        cmocka_unit_test(keys_belong_to_kinds),
        cmocka_unit_test(names_have_a_shape),
        cmocka_unit_test(an_address_has_a_scheme),
        cmocka_unit_test(secrets_say_how_they_are_made),
        cmocka_unit_test(backoff_grows),
    };
    return cmocka_run_group_tests_name("manifest/service", tests, NULL, NULL);
}
