/*
 * Between resolve.c (what is wanted, asked, generated) and save.c (what is kept, under the lock).
 */
#ifndef SECRETS_RESOLVER_H
#define SECRETS_RESOLVER_H

#include "devstack/secrets/resolve.h"
#include "turn.h"

struct resolver {
    const struct ds_resolve_options *options;
    struct secret_turn turn;
    struct ds_secret_store *environment, *file;
    struct ds_secret_store *keyring;   /* never shows a dialog */
    struct ds_secret_store *prompting; /* may, when the start is interactive */
    /* FOUND while it works; else the first fault, which stands for the rest of the start. */
    enum ds_secret_outcome keyring_outcome;
    struct ds_error keyring_error;
    int lock; /* -1: not held */
};

/* Finds the value where secrets are kept. True with `ret_item->value` NULL when it is certain that
 * there is none. */
bool resolver_find(struct resolver *resolver, const char *name, struct ds_resolved_secret *ret_item,
                   struct ds_error *err);

/* Keeps a value that was asked for or generated (item->source says which), unless another start has
 * kept one meanwhile: then `item` becomes that one. Takes the lock when it is not held. */
bool resolver_keep(struct resolver *resolver, struct ds_resolved_secret *item,
                   struct ds_error *err);
/* Brings a value that stands in the private file into the keyring, when only that is allowed. */
bool resolver_move_to_keyring(struct resolver *resolver, struct ds_resolved_secret *item,
                              struct ds_error *err);
void resolver_unlock(struct resolver *resolver);

void resolver_notice(const struct resolver *resolver, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* "<what>: <why the keyring does not work>", with the keyring's hint and the variable's name. */
bool resolver_blame_keyring(const struct resolver *resolver, const char *name, const char *what,
                            struct ds_error *err);

#endif
