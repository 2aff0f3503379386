/* Health of servers that speak as Redis does, or do not. */
#include "fixture.h"

static struct subject *start_redis(void **state, const char *name, const char *answer)
{
    struct subject *subject = bench_add(*state, name);
    subject->spec.health.kind = DS_HEALTH_REDIS;
    subject_command(subject, "answer", subject_port(subject), answer, NULL);
    return subject;
}

static void redis_is_asked_for_a_pong(void **state)
{
    struct subject *open = start_redis(state, "open", "+PONG|");
    struct subject *locked = start_redis(state, "locked", "+OK|+PONG|");
    struct subject *refused = start_redis(state, "refused", "-WRONGPASS no|-NOAUTH no|");
    struct subject *other = start_redis(state, "other", "SSH-2.0-OpenSSH|");
    locked->password = ds_secret_create("sesame", 6);
    refused->password = ds_secret_create("sesame", 6);
    for (size_t i = 0; i < open->bench->count; i++)
        ds_service_start(subject_service(&open->bench->subjects[i]));
    assert_true(reaches(open, DS_STATE_HEALTHY));
    assert_true(reaches(locked, DS_STATE_HEALTHY));
    assert_true(reaches_text(refused, "WRONGPASS no"));
    assert_true(reaches_text(other, "an answer that is not Redis'"));
    assert_false(has_seen(refused, DS_STATE_HEALTHY) || has_seen(other, DS_STATE_HEALTHY));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(redis_is_asked_for_a_pong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
