/*
 * Which value a secret has, when to ask, and what a keyring in trouble means.
 *
 * - The variable DEVSTACK_SECRET_<NAME> beats everything, and then the keyring is not even asked.
 * - A keyring that answers is believed: what it has counts, before a private file.
 * - No keyring at all: the private file, with a notice when one is written. But a secret that once
 *   was in the keyring (a mark beside the files says so) is not made anew just because this login
 *   has no keyring: a new password would not open the old data volume. That is an error.
 * - A keyring that is locked, silent or broken may hold the value, so nothing is asked or
 *   generated either. What is in the private file and was never in the keyring is certain, and is
 *   used, with a notice. Everything else is an error that says how to unlock it.
 * - `keyring: required` forbids the file; a value that stands there from before is moved.
 * - A keyring that answered "absent" and then fails to save holds no older value: the file is safe.
 */
#include "resolver.h"

#include <stdlib.h>
#include <string.h>

#include "folder.h"

#include "devstack/base/memory.h"

#define ATTEMPTS 3

void ds_secret_resolution_finish(struct ds_secret_resolution *resolution)
{
    for (size_t i = 0; i < resolution->count; i++) {
        free(resolution->items[i].name);
        ds_secret_unref(resolution->items[i].value);
    }
    free(resolution->items);
    *resolution = (struct ds_secret_resolution){0};
}

void resolver_notice(const struct resolver *resolver, const char *format, ...)
{
    if (!resolver->options->notice)
        return;
    va_list args;
    va_start(args, format);
    ds_auto_free char *line = ds_vprintf(format, args);
    va_end(args);
    resolver->options->notice(resolver->options->data, line);
}

bool resolver_blame_keyring(const struct resolver *resolver, const char *name, const char *what,
                            struct ds_error *err)
{
    const struct ds_error *why = &resolver->keyring_error;
    ds_auto_free char *variable = ds_secret_variable_name(name);
    ds_error_set(err, DS_ERROR_SECRET, "secret '%s': %s: %s", name, what, why->message);
    return ds_error_hint(err, "%s; or set %s", why->hint, variable);
}

static enum ds_secret_outcome look_up(struct resolver *resolver, struct ds_secret_store *store,
                                      const char *name, struct secret_reply *reply)
{
    struct ds_secret_key key = {.stack = resolver->options->stack, .name = name};
    secret_reply_finish(reply);
    secret_turn_await(&resolver->turn,
                      ds_secret_store_lookup(store, &key, secret_reply_take, reply), reply);
    return reply->outcome;
}

static bool take_reply(struct ds_resolved_secret *item, const char *name, const char *source,
                       struct secret_reply *reply)
{
    *item = (struct ds_resolved_secret){
        .name = ds_strdup(name), .value = ds_steal(reply->value), .source = source};
    return true;
}

/* Asks the keyring, with its dialog when it is locked and somebody is there. */
static enum ds_secret_outcome ask_keyring(struct resolver *resolver, const char *name,
                                          struct secret_reply *reply)
{
    const struct ds_resolve_options *options = resolver->options;
    if (resolver->keyring_outcome != DS_SECRET_FOUND)
        return resolver->keyring_outcome;
    enum ds_secret_outcome outcome = look_up(resolver, resolver->keyring, name, reply);
    if (outcome == DS_SECRET_LOCKED && options->interactive) {
        resolver_notice(resolver, "The keyring is locked: answer its dialog to unlock it");
        outcome = look_up(resolver, resolver->prompting, name, reply);
    }
    switch (outcome) {
    case DS_SECRET_FOUND:
        if (!secret_mark_exists(options->data_folder, options->stack, name))
            secret_mark_write(options->data_folder, options->stack, name);
        break;
    case DS_SECRET_ABSENT:
        break;
    case DS_SECRET_UNAVAILABLE:
    case DS_SECRET_LOCKED:
    case DS_SECRET_TIMED_OUT:
    case DS_SECRET_FAILED:
        resolver->keyring_outcome = outcome;
        ds_error_move(&resolver->keyring_error, &reply->error);
        break;
    }
    return outcome;
}

/* The file's part of the search, once the keyring has given no value. */
static bool find_in_file(struct resolver *resolver, const char *name,
                         enum ds_secret_outcome keyring, struct ds_resolved_secret *ret_item,
                         struct ds_error *err)
{
    const struct ds_resolve_options *options = resolver->options;
    bool was_in_keyring = secret_mark_exists(options->data_folder, options->stack, name);
    bool answered = keyring == DS_SECRET_ABSENT;
    if (!answered && was_in_keyring) {
        resolver_blame_keyring(resolver, name, "its value is in the keyring", err);
        if (keyring != DS_SECRET_UNAVAILABLE)
            return false;
        ds_auto_free char *variable = ds_secret_variable_name(name);
        return ds_error_hint(err,
                             "start devstack where the keyring answers (the desktop session), or "
                             "set %s",
                             variable);
    }
    if (!answered && options->keyring_required)
        return resolver_blame_keyring(resolver, name, "keyring: required", err);
    auto_reply struct secret_reply reply = {0};
    enum ds_secret_outcome outcome = look_up(resolver, resolver->file, name, &reply);
    if (outcome == DS_SECRET_FOUND) {
        if (!answered && keyring != DS_SECRET_UNAVAILABLE)
            resolver_notice(resolver, "%s comes from the private file: %s", name,
                            resolver->keyring_error.message);
        return take_reply(ret_item, name, "file", &reply);
    }
    if (outcome != DS_SECRET_ABSENT) {
        ds_error_move(err, &reply.error);
        return ds_error_prefix(err, "secret '%s'", name);
    }
    if (!answered && keyring != DS_SECRET_UNAVAILABLE)
        return resolver_blame_keyring(resolver, name, "cannot be read", err);
    return true;
}

bool resolver_find(struct resolver *resolver, const char *name, struct ds_resolved_secret *ret_item,
                   struct ds_error *err)
{
    auto_reply struct secret_reply reply = {0};
    if (look_up(resolver, resolver->environment, name, &reply) == DS_SECRET_FOUND)
        return take_reply(ret_item, name, "environment", &reply);
    enum ds_secret_outcome keyring = DS_SECRET_FAILED;
    if (!resolver->turn.interrupted) {
        keyring = ask_keyring(resolver, name, &reply);
        if (keyring == DS_SECRET_FOUND)
            return take_reply(ret_item, name, "keyring", &reply);
    }
    if (resolver->turn.interrupted) {
        ds_error_set(err, DS_ERROR_SECRET, "interrupted");
        return ds_error_hint(err, "start it again");
    }
    return find_in_file(resolver, name, keyring, ret_item, err);
}

/* Asks until there is a value; Enter alone generates one where that is allowed. */
static bool ask(const struct resolver *resolver, const struct ds_wanted_secret *wanted,
                struct ds_resolved_secret *item, struct ds_error *err)
{
    const struct ds_resolve_options *options = resolver->options;
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
        ds_auto_error struct ds_error inner = {0};
        struct ds_secret *value = options->ask(options->data, wanted, &inner);
        if (!value && inner.message)
            return ds_error_move(err, &inner);
        if (value && ds_secret_length(value) > 0) {
            item->value = value;
            item->source = "prompt";
            return true;
        }
        ds_secret_unref(value);
        if (wanted->generate_length > 0) {
            item->value = ds_secret_generate(wanted->generate_length);
            item->source = "generated";
            return true;
        }
    }
    ds_auto_free char *variable = ds_secret_variable_name(wanted->name);
    ds_error_set(err, DS_ERROR_SECRET, "secret '%s' was not given", wanted->name);
    return ds_error_hint(err, "type it when asked, or set %s", variable);
}

/* Nobody can be asked: names everything that cannot be generated, at once. */
static bool check_generable(const struct ds_wanted_secret *wanted, size_t count,
                            const struct ds_secret_resolution *found, struct ds_error *err)
{
    ds_auto_strings struct ds_strings names = {0}, variables = {0};
    for (size_t i = 0; i < count; i++) {
        if (found->items[i].value || wanted[i].generate_length > 0)
            continue;
        ds_strings_addf(&names, "'%s'", wanted[i].name);
        ds_strings_take(&variables, ds_secret_variable_name(wanted[i].name));
    }
    if (names.count == 0)
        return true;
    ds_auto_free char *list = ds_strings_join(&names, ", ");
    ds_auto_free char *settings = ds_strings_join(&variables, " and ");
    ds_error_set(err, DS_ERROR_SECRET, "secret%s %s %s missing and there is no terminal to ask on",
                 names.count > 1 ? "s" : "", list, names.count > 1 ? "are" : "is");
    return ds_error_hint(err, "set %s, or run `devstack up` in a terminal once", settings);
}

static bool obtain_missing(struct resolver *resolver, const struct ds_wanted_secret *wanted,
                           size_t count, struct ds_secret_resolution *found, struct ds_error *err)
{
    bool interactive = resolver->options->interactive && resolver->options->ask;
    if (!interactive && !check_generable(wanted, count, found, err))
        return false;
    DS_VEC(struct ds_resolved_secret *) fresh = {0};
    bool good = true;
    for (size_t i = 0; good && i < count; i++) {
        struct ds_resolved_secret *item = &found->items[i];
        if (item->value)
            continue;
        item->name = ds_strdup(wanted[i].name);
        if (interactive) {
            good = ask(resolver, &wanted[i], item, err);
        } else {
            item->value = ds_secret_generate(wanted[i].generate_length);
            item->source = "generated";
        }
        *DS_VEC_PUSH(&fresh) = item;
    }
    for (size_t i = 0; good && i < fresh.count; i++)
        good = resolver_keep(resolver, fresh.items[i], err);
    free(fresh.items);
    return good;
}

static bool resolve_all(struct resolver *resolver, const struct ds_wanted_secret *wanted,
                        size_t count, struct ds_secret_resolution *found, struct ds_error *err)
{
    for (size_t i = 0; i < count; i++) {
        struct ds_resolved_secret *item = &found->items[i];
        if (!resolver_find(resolver, wanted[i].name, item, err))
            return false;
        bool misplaced =
            resolver->options->keyring_required && item->value && strcmp(item->source, "file") == 0;
        if (misplaced && !resolver_move_to_keyring(resolver, item, err))
            return false;
    }
    return obtain_missing(resolver, wanted, count, found, err);
}

bool ds_secrets_resolve(const struct ds_wanted_secret *wanted, size_t count,
                        const struct ds_resolve_options *options,
                        struct ds_secret_resolution *ret_resolution, struct ds_error *err)
{
    struct ds_secret_resolution found = {0};
    if (count == 0) {
        *ret_resolution = found;
        return true;
    }
    for (size_t i = 0; i < count; i++) {
        if (!secret_name_check(wanted[i].name, err))
            return false;
    }
    struct resolver resolver = {.options = options, .lock = -1, .keyring_outcome = DS_SECRET_FOUND};
    secret_turn_init(&resolver.turn);
    uv_loop_t *loop = &resolver.turn.loop;
    struct ds_keyring_options quiet = {0}, prompting = {.may_prompt = true};
    resolver.environment = ds_secret_store_environment(loop, options->environment);
    resolver.file = ds_secret_store_file(loop, options->data_folder);
    resolver.keyring = ds_secret_store_keyring(loop, &quiet);
    resolver.prompting = ds_secret_store_keyring(loop, &prompting);
    found.items = ds_alloc(count * sizeof(*found.items));
    found.count = count;

    bool good = resolve_all(&resolver, wanted, count, &found, err);

    resolver_unlock(&resolver);
    ds_secret_store_destroy(resolver.prompting);
    ds_secret_store_destroy(resolver.keyring);
    ds_secret_store_destroy(resolver.file);
    ds_secret_store_destroy(resolver.environment);
    secret_turn_finish(&resolver.turn);
    ds_error_clear(&resolver.keyring_error);
    if (good)
        *ret_resolution = found;
    else
        ds_secret_resolution_finish(&found);
    return good;
}
