/*
 * Keeping a new secret: one start at a time per stack, the keyring first.
 *
 * Two starts at once may both have asked or generated. Whoever gets the lock first keeps its
 * value; the other looks again under the lock and takes that value.
 */
#include <stdlib.h>
#include <string.h>

#include "folder.h"
#include "resolver.h"

#include "devstack/base/clock.h"
#include "devstack/base/memory.h"

#define LOCK_LIMIT    (180 * DS_NS_PER_S) /* a holder may stand before the keyring's dialog */
#define LOCK_PAUSE_MS 20

static bool take_lock(struct resolver *resolver, struct ds_error *err)
{
    const struct ds_resolve_options *options = resolver->options;
    uint64_t until = ds_clock_monotonic(ds_clock_system()) + LOCK_LIMIT;
    while (resolver->lock < 0) {
        int fd = secret_folder_try_lock(options->data_folder, options->stack, err);
        if (fd == -1)
            return false;
        resolver->lock = fd < 0 ? -1 : fd;
        if (fd >= 0)
            break;
        if (!secret_turn_pause(&resolver->turn, LOCK_PAUSE_MS)) {
            ds_error_set(err, DS_ERROR_SECRET, "interrupted");
            return ds_error_hint(err, "start it again");
        }
        if (ds_clock_monotonic(ds_clock_system()) > until) {
            ds_error_set(err, DS_ERROR_SECRET, "another start of %s is still saving its secrets",
                         options->stack);
            return ds_error_hint(err, "answer or end that start, then try again");
        }
    }
    return true;
}

void resolver_unlock(struct resolver *resolver)
{
    if (resolver->lock >= 0)
        secret_folder_unlock(resolver->options->data_folder, resolver->options->stack,
                             resolver->lock);
    resolver->lock = -1;
}

static bool save_in_keyring(struct resolver *resolver, const struct ds_resolved_secret *item)
{
    const struct ds_resolve_options *options = resolver->options;
    struct ds_secret_key key = {.stack = options->stack, .name = item->name};
    auto_reply struct secret_reply reply = {0};
    secret_turn_await(
        &resolver->turn,
        ds_secret_store_save(options->interactive ? resolver->prompting : resolver->keyring, &key,
                             item->value, secret_reply_take, &reply),
        &reply);
    if (reply.outcome == DS_SECRET_FOUND) {
        secret_mark_write(options->data_folder, options->stack, item->name);
        return true;
    }
    resolver->keyring_outcome = reply.outcome;
    return ds_error_move(&resolver->keyring_error, &reply.error);
}

static bool save_in_file(struct resolver *resolver, const struct ds_resolved_secret *item,
                         struct ds_error *err)
{
    const struct ds_resolve_options *options = resolver->options;
    struct ds_secret_key key = {.stack = options->stack, .name = item->name};
    auto_reply struct secret_reply reply = {0};
    secret_turn_await(
        &resolver->turn,
        ds_secret_store_save(resolver->file, &key, item->value, secret_reply_take, &reply), &reply);
    if (reply.outcome != DS_SECRET_FOUND)
        return ds_error_move(err, &reply.error);
    ds_auto_free char *path = secret_file_path(options->data_folder, options->stack, item->name);
    resolver_notice(
        resolver, "%s was %swritten to %s (0600), because %s; `devstack doctor` %s", item->name,
        strcmp(item->source, "generated") == 0 ? "generated and " : "", path,
        resolver->keyring_outcome == DS_SECRET_UNAVAILABLE ? "no keyring answers"
                                                           : resolver->keyring_error.message,
        resolver->keyring_outcome == DS_SECRET_UNAVAILABLE ? "tells how to get one" : "tells more");
    return true;
}

static bool replace(struct resolver *resolver, struct ds_resolved_secret *item,
                    struct ds_resolved_secret *kept)
{
    /* Silent for a generated value, which nobody has seen. */
    if (strcmp(item->source, "prompt") == 0)
        resolver_notice(resolver,
                        "%s was set by another start meanwhile; that value is used, not yours",
                        item->name);
    ds_secret_unref(item->value);
    free(item->name);
    *item = *kept;
    return true;
}

bool resolver_keep(struct resolver *resolver, struct ds_resolved_secret *item, struct ds_error *err)
{
    struct ds_resolved_secret kept = {0};
    if (!take_lock(resolver, err) || !resolver_find(resolver, item->name, &kept, err))
        return false;
    if (kept.value)
        return replace(resolver, item, &kept);
    if (resolver->keyring_outcome == DS_SECRET_FOUND && save_in_keyring(resolver, item)) {
        resolver_notice(resolver, "%s %s kept in the keyring", item->name,
                        strcmp(item->source, "generated") == 0 ? "was generated and is" : "is");
        return true;
    }
    if (resolver->turn.interrupted)
        return ds_error_move(err, &resolver->keyring_error);
    if (resolver->options->keyring_required)
        return resolver_blame_keyring(resolver, item->name, "cannot keep it in the keyring", err);
    return save_in_file(resolver, item, err);
}

bool resolver_move_to_keyring(struct resolver *resolver, struct ds_resolved_secret *item,
                              struct ds_error *err)
{
    const struct ds_resolve_options *options = resolver->options;
    if (!take_lock(resolver, err))
        return false;
    if (!save_in_keyring(resolver, item))
        return resolver_blame_keyring(resolver, item->name, "cannot move it to the keyring", err);
    struct ds_secret_key key = {.stack = options->stack, .name = item->name};
    auto_reply struct secret_reply reply = {0};
    secret_turn_await(&resolver->turn,
                      ds_secret_store_remove(resolver->file, &key, secret_reply_take, &reply),
                      &reply);
    if (reply.outcome != DS_SECRET_FOUND && reply.outcome != DS_SECRET_ABSENT)
        return ds_error_move(err, &reply.error);
    ds_auto_free char *path = secret_file_path(options->data_folder, options->stack, item->name);
    resolver_notice(resolver, "%s was moved from %s to the keyring (keyring: required)", item->name,
                    path);
    item->source = "keyring";
    return true;
}
