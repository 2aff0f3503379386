/* Base 64, with the vectors of RFC 4648. */
#include "tests/support/cmocka_headers.h"

#include <stdlib.h>
#include <string.h>

#include "orchestrator/docker/base64.h"
#include "devstack/base/memory.h"

static const struct {
    const char *plain, *encoded;
} vectors[] = {
    {"", ""},
    {"f", "Zg=="},
    {"fo", "Zm8="},
    {"foo", "Zm9v"},
    {"foob", "Zm9vYg=="},
    {"fooba", "Zm9vYmE="},
    {"foobar", "Zm9vYmFy"},
};

static void knows_the_vectors(void **state)
{
    (void)state;
    for (size_t i = 0; i < DS_COUNT(vectors); i++) {
        ds_auto_free char *encoded = base64url_encode(vectors[i].plain, strlen(vectors[i].plain));
        assert_string_equal(encoded, vectors[i].encoded);
        size_t length;
        ds_auto_free char *plain = base64_decode(vectors[i].encoded, &length);
        assert_non_null(plain);
        assert_int_equal(length, strlen(vectors[i].plain));
        assert_string_equal(plain, vectors[i].plain);
    }
}

static void uses_the_alphabets_that_docker_uses(void **state)
{
    (void)state;
    ds_auto_free char *encoded = base64url_encode("\xfb\xff\xfe", 3);
    assert_string_equal(encoded, "-__-");
    size_t length;
    ds_auto_free char *plain = base64_decode("+//+", &length);
    assert_memory_equal(plain, "\xfb\xff\xfe", 3);
    assert_null(base64_decode("-__-", &length));
    assert_null(base64_decode("a b", &length));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_the_vectors),
        cmocka_unit_test(uses_the_alphabets_that_docker_uses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
