/*
 * The secrets room from a command line, for tests that bring their own keyring, bus and files.
 *
 *   secret-driver [OPTION…] check | lookup STACK NAME | save STACK NAME VALUE | remove STACK NAME
 *       on the keyring store; OPTION: --prompt, --timeout MS, --prompt-timeout MS, --cancel
 *   secret-driver [OPTION…] resolve STACK DATA_FOLDER NAME:GENERATE_LENGTH…
 *       OPTION: --required, --interactive (answers are lines of stdin; end of file is no answer)
 *   secret-driver inspect
 *
 * Prints `key=value` lines: outcome, value, source, notice, message, hint.
 */
#include <stdio.h>
#include <string.h>

#include "devstack/base/clock.h"
#include "devstack/base/memory.h"
#include "devstack/secrets/resolve.h"

extern char **environ;

struct settings {
    struct ds_keyring_options keyring;
    bool cancel, required, interactive;
};

static const char *const outcomes[] = {
    [DS_SECRET_FOUND] = "found",
    [DS_SECRET_ABSENT] = "absent",
    [DS_SECRET_UNAVAILABLE] = "unavailable",
    [DS_SECRET_LOCKED] = "locked",
    [DS_SECRET_TIMED_OUT] = "timed-out",
    [DS_SECRET_FAILED] = "failed",
};

static void print_error(const struct ds_error *err)
{
    if (err && err->message)
        printf("message=%s\n", err->message);
    if (err && err->hint)
        printf("hint=%s\n", err->hint);
}

static void on_done(void *data, const struct ds_secret_result *result)
{
    *(bool *)data = true;
    printf("outcome=%s\n", outcomes[result->outcome]);
    if (result->value)
        printf("value=%s\n", ds_secret_bytes(result->value));
    if (result->stored_at)
        printf("stored_at=%lld\n", (long long)result->stored_at);
    print_error(result->error);
}

static int run_store(const struct settings *settings, char **words)
{
    uv_loop_t loop;
    bool done = false;
    uv_loop_init(&loop);
    struct ds_secret_store *store = ds_secret_store_keyring(&loop, &settings->keyring);
    struct ds_secret_key key = {.stack = words[1], .name = words[1] ? words[2] : NULL};
    struct ds_secret_call *call = NULL;
    if (strcmp(words[0], "check") == 0)
        call = ds_secret_store_check(store, on_done, &done);
    else if (strcmp(words[0], "lookup") == 0)
        call = ds_secret_store_lookup(store, &key, on_done, &done);
    else if (strcmp(words[0], "remove") == 0)
        call = ds_secret_store_remove(store, &key, on_done, &done);
    else {
        ds_auto_secret struct ds_secret *value = ds_secret_create(words[3], strlen(words[3]));
        call = ds_secret_store_save(store, &key, value, on_done, &done);
    }
    if (settings->cancel)
        ds_secret_call_cancel(call);
    ds_secret_store_destroy(settings->cancel ? store : NULL);
    uv_run(&loop, UV_RUN_DEFAULT);
    ds_secret_store_destroy(settings->cancel ? NULL : store);
    printf("callback=%d\n", done);
    return uv_loop_close(&loop) == 0 && done == !settings->cancel ? 0 : 1;
}

static struct ds_secret *ask(void *data, const struct ds_wanted_secret *wanted,
                             struct ds_error *err)
{
    (void)data;
    char line[256];
    printf("asked=%s\n", wanted->name);
    fflush(stdout);
    if (!fgets(line, sizeof(line), stdin)) {
        ds_error_set(err, DS_ERROR_SECRET, "no answer for '%s'", wanted->name);
        return NULL;
    }
    size_t length = strcspn(line, "\n");
    return length ? ds_secret_create(line, length) : NULL;
}

static void notice(void *data, const char *line)
{
    (void)data;
    printf("notice=%s\n", line);
    fflush(stdout);
}

static int run_resolve(const struct settings *settings, char **words)
{
    DS_VEC(struct ds_wanted_secret) wanted = {0};
    for (char **word = words + 3; *word; word++) {
        char *colon = strchr(*word, ':');
        *colon = '\0';
        *DS_VEC_PUSH(&wanted) = (struct ds_wanted_secret){
            .name = *word, .generate_length = strtoul(colon + 1, NULL, 10)};
    }
    ds_auto_variables struct ds_variables environment = {0};
    ds_variables_import(&environment, environ);
    struct ds_resolve_options options = {
        .stack = words[1],
        .environment = &environment,
        .data_folder = words[2],
        .keyring_required = settings->required,
        .interactive = settings->interactive,
        .ask = ask,
        .notice = notice,
    };
    struct ds_secret_resolution resolution = {0};
    ds_auto_error struct ds_error err = {0};
    bool good = ds_secrets_resolve(wanted.items, wanted.count, &options, &resolution, &err);
    for (size_t i = 0; i < resolution.count; i++)
        printf("%s=%s\n%s.source=%s\n", resolution.items[i].name,
               ds_secret_bytes(resolution.items[i].value), resolution.items[i].name,
               resolution.items[i].source);
    ds_secret_resolution_finish(&resolution);
    print_error(&err);
    free(wanted.items);
    return good ? 0 : (int)err.code;
}

static int run_inspect(void)
{
    struct ds_keyring_report report;
    ds_keyring_inspect(&report);
    printf("outcome=%s\nmessage=%s\nhint=%s\n", outcomes[report.outcome], report.message,
           report.hint ? report.hint : "");
    free(report.message);
    free(report.hint);
    return 0;
}

int main(int argc, char **argv)
{
    struct settings settings = {0};
    char **word = argv + 1;
    for (; *word && ds_string_starts(*word, "--"); word++) {
        if (strcmp(*word, "--prompt") == 0)
            settings.keyring.may_prompt = true;
        else if (strcmp(*word, "--timeout") == 0)
            settings.keyring.timeout = strtoull(*++word, NULL, 10) * DS_NS_PER_MS;
        else if (strcmp(*word, "--prompt-timeout") == 0)
            settings.keyring.prompt_timeout = strtoull(*++word, NULL, 10) * DS_NS_PER_MS;
        else if (strcmp(*word, "--cancel") == 0)
            settings.cancel = true;
        else if (strcmp(*word, "--required") == 0)
            settings.required = true;
        else if (strcmp(*word, "--interactive") == 0)
            settings.interactive = true;
    }
    if (argc < 2 || !*word)
        return 2;
    if (strcmp(*word, "resolve") == 0)
        return run_resolve(&settings, word);
    if (strcmp(*word, "inspect") == 0)
        return run_inspect();
    return run_store(&settings, word);
}
