/* Looking credentials up in the order of Docker's own client: the registry's helper, the common
 * helper, the configuration file. */
#include "credentials.h"

#include <string.h>

#include "base64.h"
#include "devstack/base/secret.h"
#include "helper.h"
#include "internal.h"

#define HUB_REGISTRY "docker.io"
#define HUB_KEY      "https://index.docker.io/v1/" /* what `docker login` has always called it */
#define TOKEN_USER   "<token>"                     /* a helper's mark of an identity token */

struct credentials_lookup {
    uv_timer_t soon; /* answers that need no helper still come in the next turn of the loop */
    char *registry;
    char *key; /* the registry as the configuration calls it */
    char *program;
    char *header;
    json_t *config;
    struct helper *helper;
    struct ds_error error;
    credentials_done_fn done; /* NULL once told or cancelled */
    void *data;
};

static void free_wiped(char *text)
{
    if (text)
        ds_wipe(text, strlen(text));
    free(text);
}

static void on_closed(uv_handle_t *handle)
{
    struct credentials_lookup *lookup = handle->data;
    free(lookup->registry);
    free(lookup->key);
    free(lookup->program);
    free(lookup);
}

static void finish(struct credentials_lookup *lookup)
{
    lookup->done = NULL;
    helper_cancel(lookup->helper);
    json_decref(lookup->config);
    free_wiped(lookup->header);
    ds_error_clear(&lookup->error);
    uv_close((uv_handle_t *)&lookup->soon, on_closed);
}

static void tell(struct credentials_lookup *lookup)
{
    credentials_done_fn done = lookup->done;
    lookup->done = NULL;
    done(lookup->data, lookup->header, lookup->error.message ? &lookup->error : NULL);
    finish(lookup);
}

static void set_header(struct credentials_lookup *lookup, const char *user, const char *secret)
{
    json_t *auth =
        strcmp(user, TOKEN_USER) == 0
            ? json_pack("{s:s, s:s}", "identitytoken", secret, "serveraddress", lookup->key)
            : json_pack("{s:s, s:s, s:s}", "username", user, "password", secret, "serveraddress",
                        lookup->key);
    char *text = json_dumps(auth, JSON_COMPACT);
    json_decref(auth);
    if (!text)
        return; /* not UTF-8: no registry would take it */
    lookup->header = base64url_encode(text, strlen(text));
    free_wiped(text);
}

/* The host in "https://registry.example/v1/". */
static bool names_registry(const char *key, const char *registry)
{
    const char *scheme = strstr(key, "://");
    const char *host = scheme ? scheme + 3 : key;
    size_t length = strcspn(host, "/");
    return strlen(registry) == length && strncmp(host, registry, length) == 0;
}

static const json_t *find_entry(const json_t *map, const char *key, const char *registry)
{
    const json_t *exact = json_object_get(map, key);
    if (exact)
        return exact;
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)map, name,
                        value) if (names_registry(name, registry)) return value;
    return NULL;
}

/* {"auth": base64("user:password")}, or the two apart, or a token. */
static void use_file(struct credentials_lookup *lookup)
{
    const json_t *entry =
        find_entry(json_object_get(lookup->config, "auths"), lookup->key, lookup->registry);
    const char *token = engine_json_string(entry, "identitytoken");
    if (token[0]) {
        set_header(lookup, TOKEN_USER, token);
        return;
    }
    const char *user = engine_json_string(entry, "username");
    if (user[0]) {
        set_header(lookup, user, engine_json_string(entry, "password"));
        return;
    }
    size_t length;
    char *pair = base64_decode(engine_json_string(entry, "auth"), &length);
    char *colon = pair ? strchr(pair, ':') : NULL;
    if (colon) {
        *colon = '\0';
        set_header(lookup, pair, colon + 1);
        ds_wipe(pair, length);
    }
    free(pair);
}

static void read_helper_answer(struct credentials_lookup *lookup, const char *output)
{
    json_error_t fault;
    auto_json json_t *answer = json_loads(output, 0, &fault);
    const char *secret = engine_json_string(answer, "Secret");
    if (secret[0])
        set_header(lookup, engine_json_string(answer, "Username"), secret);
    else /* never quote the output: it may be the secret */
        ds_error_set(&lookup->error, DS_ERROR_FAILED, "%s gave no credentials for %s",
                     lookup->program, lookup->key);
}

static void on_helper_done(void *data, int exit_code, const char *output,
                           const struct ds_error *error)
{
    struct credentials_lookup *lookup = data;
    lookup->helper = NULL;
    if (error)
        ds_error_set(&lookup->error, error->code, "%s", error->message);
    else if (exit_code == 0)
        read_helper_answer(lookup, output);
    else if (strstr(output, "credentials not found"))
        use_file(lookup);
    else
        ds_error_set(&lookup->error, DS_ERROR_FAILED, "%s: %.*s", lookup->program,
                     (int)strcspn(output, "\r\n"), output);
    tell(lookup);
}

static void on_soon(uv_timer_t *timer)
{
    tell(timer->data);
}

/* The helper's name without its prefix, or NULL. */
static const char *helper_for(const json_t *config, const char *key, const char *registry)
{
    const json_t *own = find_entry(json_object_get(config, "credHelpers"), key, registry);
    const char *name = own ? json_string_value(own) : engine_json_string(config, "credsStore");
    return name && name[0] ? name : NULL;
}

/* True: a helper is running and will answer. */
static bool start(struct credentials_lookup *lookup, uv_loop_t *loop,
                  const struct ds_variables *environment)
{
    ds_auto_free char *folder = docker_config_folder(environment);
    lookup->config = docker_config_load(folder, &lookup->error);
    if (!lookup->config)
        return false;
    const char *name = helper_for(lookup->config, lookup->key, lookup->registry);
    if (!name) {
        use_file(lookup);
        return false;
    }
    lookup->program = ds_printf("docker-credential-%s", name);
    lookup->helper = helper_run(loop, lookup->program, "get", lookup->key, environment,
                                on_helper_done, lookup, &lookup->error);
    return lookup->helper != NULL;
}

struct credentials_lookup *credentials_find(uv_loop_t *loop, const struct ds_variables *environment,
                                            const char *registry, credentials_done_fn done,
                                            void *data)
{
    struct credentials_lookup *lookup = DS_NEW(struct credentials_lookup);
    lookup->registry = ds_strdup(registry);
    lookup->key = ds_strdup(strcmp(registry, HUB_REGISTRY) == 0 ? HUB_KEY : registry);
    lookup->done = done;
    lookup->data = data;
    uv_timer_init(loop, &lookup->soon);
    lookup->soon.data = lookup;
    if (!start(lookup, loop, environment))
        uv_timer_start(&lookup->soon, on_soon, 0, 0);
    return lookup;
}

void credentials_cancel(struct credentials_lookup *lookup)
{
    if (lookup && lookup->done)
        finish(lookup);
}
