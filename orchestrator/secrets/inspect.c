/* What doctor and preflight say of the keyring: one check that shows no dialog. */
#include "devstack/secrets/resolve.h"
#include "turn.h"

#include "devstack/base/memory.h"

void ds_keyring_inspect(struct ds_keyring_report *ret_report)
{
    struct secret_turn turn;
    secret_turn_init(&turn);
    struct ds_secret_store *keyring =
        ds_secret_store_keyring(&turn.loop, &(struct ds_keyring_options){0});
    auto_reply struct secret_reply reply = {0};
    struct ds_secret_call *call = ds_secret_store_check(keyring, secret_reply_take, &reply);
    secret_turn_await(&turn, call, &reply);
    ds_secret_store_destroy(keyring);
    secret_turn_finish(&turn);
    *ret_report = (struct ds_keyring_report){
        .outcome = reply.outcome,
        .message = ds_strdup(reply.error.message ? reply.error.message
                                                 : "the keyring answers and is unlocked"),
        .hint = ds_strdup(reply.error.hint),
    };
}
