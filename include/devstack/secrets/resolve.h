/*
 * Getting all secrets that a start needs, at once: environment, keyring, file; then ask or generate
 * what is missing.
 *
 * The order: DEVSTACK_SECRET_<NAME>; the keyring; unless the file says `keyring: required`, the
 * private file. What is in none of them is asked for (all together, through `ask`) or generated,
 * and saved in the keyring, or in the private file where no Secret Service answers. A keyring that
 * is locked or silent may hold the value, so then nothing is made anew: that is an error. Two
 * starts at once must not each make a secret of their own: saving is done under a lock file and
 * looks again first.
 */
#ifndef DEVSTACK_SECRETS_RESOLVE_H
#define DEVSTACK_SECRETS_RESOLVE_H

#include "devstack/secrets/store.h"

struct ds_wanted_secret {
    const char *name;
    const char *prompt;     /* text to ask with, or NULL */
    size_t generate_length; /* 0: may not be generated */
};

struct ds_resolved_secret {
    char *name;
    struct ds_secret *value;
    const char *source; /* "environment", "keyring", "file", "prompt", "generated" */
};

struct ds_resolve_options {
    const char *stack;                      /* full id */
    const struct ds_variables *environment; /* for DEVSTACK_SECRET_* */
    const char *data_folder;                /* $XDG_DATA_HOME/devstack */
    bool keyring_required;
    bool interactive; /* may ask, and may let the keyring prompt */
    /* Asks the user on the terminal with echo off. Called on the loop's thread and may block:
     * returns a new secret, NULL with `err` unset for "just Enter", NULL with `err` set when there
     * is no answer (end of file, interrupted). */
    struct ds_secret *(*ask)(void *data, const struct ds_wanted_secret *wanted,
                             struct ds_error *err);
    /* A line for the user: where something was written, which fallback is used. */
    void (*notice)(void *data, const char *line);
    void *data;
};

struct ds_secret_resolution {
    struct ds_resolved_secret *items;
    size_t count;
};
void ds_secret_resolution_finish(struct ds_secret_resolution *resolution);

/* Runs to its end before it returns (it runs its own loop inside); INT, TERM and HUP end its waits.
 * `wanted` may be empty. False with DS_ERROR_SECRET and a hint. Starts GLib's threads: for the
 * client, not the orchestrator. */
bool ds_secrets_resolve(const struct ds_wanted_secret *wanted, size_t count,
                        const struct ds_resolve_options *options,
                        struct ds_secret_resolution *ret_resolution, struct ds_error *err);

/* What preflight and doctor say of the keyring, without changing or asking anything. */
struct ds_keyring_report {
    enum ds_secret_outcome outcome; /* FOUND: usable and unlocked */
    char *message, *hint;           /* owned by the caller */
};
void ds_keyring_inspect(struct ds_keyring_report *ret_report);

#endif
