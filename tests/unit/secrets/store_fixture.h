/* One call at a time on a store, waited for; on top of the loop fixture. */
#ifndef TESTS_UNIT_SECRETS_STORE_FIXTURE_H
#define TESTS_UNIT_SECRETS_STORE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "devstack/base/memory.h"
#include "devstack/secrets/store.h"
#include "tests/support/loop_fixture.h"

struct outcome {
    bool done;
    int times;
    enum ds_secret_outcome outcome;
    struct ds_secret *value;
    int64_t stored_at;
    char *message, *hint;
};

static inline void outcome_take(void *data, const struct ds_secret_result *result)
{
    struct outcome *outcome = data;
    outcome->done = true;
    outcome->times++;
    outcome->outcome = result->outcome;
    outcome->stored_at = result->stored_at;
    outcome->value = result->value ? ds_secret_ref(result->value) : NULL;
    outcome->message = ds_strdup(result->error ? result->error->message : NULL);
    outcome->hint = ds_strdup(result->error ? result->error->hint : NULL);
}

static inline void outcome_finish(struct outcome *outcome)
{
    ds_secret_unref(outcome->value);
    free(outcome->message);
    free(outcome->hint);
    *outcome = (struct outcome){0};
}
#define auto_outcome __attribute__((cleanup(outcome_finish)))

static const struct ds_secret_key key = {.stack = "shop-7f3a", .name = "db_password"};

static inline enum ds_secret_outcome look_up(struct loop_fixture *fixture,
                                             struct ds_secret_store *store,
                                             const struct ds_secret_key *which, struct outcome *ret)
{
    ds_secret_store_lookup(store, which, outcome_take, ret);
    assert_false(ret->done);
    assert_true(loop_run_until(fixture, &ret->done));
    return ret->outcome;
}

static inline enum ds_secret_outcome save(struct loop_fixture *fixture,
                                          struct ds_secret_store *store,
                                          const struct ds_secret_key *which, const char *value,
                                          struct outcome *ret)
{
    struct ds_secret *secret = ds_secret_create(value, strlen(value));
    ds_secret_store_save(store, which, secret, outcome_take, ret);
    ds_secret_unref(secret);
    assert_true(loop_run_until(fixture, &ret->done));
    return ret->outcome;
}

static inline enum ds_secret_outcome take_away(struct loop_fixture *fixture,
                                               struct ds_secret_store *store,
                                               const struct ds_secret_key *which,
                                               struct outcome *ret)
{
    ds_secret_store_remove(store, which, outcome_take, ret);
    assert_true(loop_run_until(fixture, &ret->done));
    return ret->outcome;
}

#endif
