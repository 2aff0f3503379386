/*
 * Where secrets are kept: one vtable over the Secret Service, a private file, the environment, and
 * memory.
 *
 * All calls are asynchronous on the loop: libsecret's work runs on libuv's thread pool in steps
 * with a deadline, so a keyring or a bus that never answers costs its time limit and no more. A
 * callback fires once, never from inside the call; after ds_secret_call_cancel() it does not fire.
 */
#ifndef DEVSTACK_SECRETS_STORE_H
#define DEVSTACK_SECRETS_STORE_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "devstack/base/error.h"
#include "devstack/base/secret.h"
#include "devstack/base/text.h"

enum ds_secret_outcome {
    DS_SECRET_FOUND,
    DS_SECRET_ABSENT,      /* the store works and has no such entry */
    DS_SECRET_UNAVAILABLE, /* no store of this kind here (no D-Bus, no service) */
    DS_SECRET_LOCKED,      /* it is locked and was not unlocked (dismissed, or may not prompt) */
    DS_SECRET_TIMED_OUT,   /* it never answered */
    DS_SECRET_FAILED,      /* anything else; the error says what */
};

/* Which secret: the full stack id (shop-7f3a) and the secret's name. */
struct ds_secret_key {
    const char *stack;
    const char *name;
};

struct ds_secret_store;
struct ds_secret_call;

struct ds_secret_result {
    enum ds_secret_outcome outcome;
    struct ds_secret *value;      /* FOUND: borrowed for the callback, ds_secret_ref() keeps it */
    int64_t stored_at;            /* wall clock ns, 0 unknown: for rotate_after */
    const struct ds_error *error; /* with a hint, unless FOUND or ABSENT */
};
typedef void (*ds_secret_done_fn)(void *data, const struct ds_secret_result *result);

const char *ds_secret_store_name(
    const struct ds_secret_store *store); /* "keyring", "file", "environment", "memory" */
/* Is it usable? FOUND means yes (a locked one answers LOCKED unless it may prompt). */
struct ds_secret_call *ds_secret_store_check(struct ds_secret_store *store, ds_secret_done_fn done,
                                             void *data);
struct ds_secret_call *ds_secret_store_lookup(struct ds_secret_store *store,
                                              const struct ds_secret_key *key,
                                              ds_secret_done_fn done, void *data);
/* FOUND when it is stored; `value` is referenced for as long as needed. */
struct ds_secret_call *ds_secret_store_save(struct ds_secret_store *store,
                                            const struct ds_secret_key *key,
                                            struct ds_secret *value, ds_secret_done_fn done,
                                            void *data);
/* FOUND when one was removed, ABSENT when there was none. */
struct ds_secret_call *ds_secret_store_remove(struct ds_secret_store *store,
                                              const struct ds_secret_key *key,
                                              ds_secret_done_fn done, void *data);
void ds_secret_call_cancel(struct ds_secret_call *call);
void ds_secret_store_destroy(struct ds_secret_store *store); /* cancels what is under way */

struct ds_keyring_options {
    uint64_t timeout;        /* ns for one call when no prompt is shown; 0: 3 s */
    uint64_t prompt_timeout; /* ns while a prompt is shown to the user; 0: 60 s */
    bool may_prompt;         /* may the service show its unlock dialog? */
};
/* The Secret Service through libsecret. Attributes service=devstack, username=<stack>/<name>. */
struct ds_secret_store *ds_secret_store_keyring(uv_loop_t *loop,
                                                const struct ds_keyring_options *options);
/* Private 0600 files in `folder` (made 0700): <folder>/secrets/<stack>/<name>. Refuses files that
 * others can read. */
struct ds_secret_store *ds_secret_store_file(uv_loop_t *loop, const char *folder);
/* DEVSTACK_SECRET_<NAME> (upper case, '-' as '_') of the variables given, copied. Cannot save. */
struct ds_secret_store *ds_secret_store_environment(uv_loop_t *loop,
                                                    const struct ds_variables *environment);
struct ds_secret_store *ds_secret_store_memory(uv_loop_t *loop);

/* "DEVSTACK_SECRET_DB_PASSWORD" for "db_password"; the caller frees. */
char *ds_secret_variable_name(const char *name);

#endif
