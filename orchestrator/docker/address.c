/*
 * Where the engine listens, found in the order of Docker's own client: DOCKER_HOST, DOCKER_CONTEXT,
 * the configuration's current context, the default socket. Source: docs.docker.com/reference/cli/
 * docker/#environment-variables and docs.docker.com/engine/manage-resources/contexts/.
 */
#include "internal.h"

#include <dirent.h>
#include <string.h>

#include "devstack/base/file.h"

#define DEFAULT_SOCKET "unix:///var/run/docker.sock"
#define META_LIMIT     (1024 * (size_t)1024)

void engine_address_finish(struct engine_address *address)
{
    free(address->text);
    free(address->unix_socket);
    free(address->base_url);
    free(address->ca_file);
    free(address->certificate_file);
    free(address->key_file);
    *address = (struct engine_address){0};
}

static const char *setting(const struct ds_variables *environment, const char *name)
{
    const char *value = ds_variables_get(environment, name);
    return value && value[0] ? value : NULL;
}

static char *file_in(const char *folder, const char *name)
{
    char *path = ds_path_join(folder, name);
    if (ds_file_exists(path))
        return path;
    free(path);
    return NULL;
}

static void use_certificates(struct engine_address *address, const char *folder)
{
    address->ca_file = file_in(folder, "ca.pem");
    address->certificate_file = file_in(folder, "cert.pem");
    address->key_file = file_in(folder, "key.pem");
}

/* host[:port] after the scheme; a path is refused, since no engine has one. */
static bool parse_network_host(const char *text, const char *rest, struct engine_address *address,
                               struct ds_error *err)
{
    size_t length = strcspn(rest, "/");
    if (length == 0 || (rest[length] && rest[length + 1]))
        return ds_error_set(err, DS_ERROR_MISSING, "Docker's host %s is not scheme://host:port",
                            text);
    ds_auto_free char *host = ds_strndup(rest, length);
    const char *bracket = strrchr(host, ']');
    bool has_port = strchr(bracket ? bracket : host, ':') != NULL;
    const char *default_port = address->tls ? ":2376" : ":2375";
    address->base_url =
        ds_printf("%s://%s%s", address->tls ? "https" : "http", host, has_port ? "" : default_port);
    return true;
}

static bool parse_host(const char *text, struct engine_address *address, struct ds_error *err)
{
    address->text = ds_strdup(text);
    if (ds_string_starts(text, "unix://")) {
        const char *path = text + strlen("unix://");
        if (path[0] != '/')
            return ds_error_set(err, DS_ERROR_MISSING, "Docker's host %s has no absolute path",
                                text);
        address->unix_socket = ds_strdup(path);
        address->base_url = ds_strdup("http://engine");
        address->tls = false;
        return true;
    }
    if (ds_string_starts(text, "tcp://"))
        return parse_network_host(text, text + strlen("tcp://"), address, err);
    if (ds_string_starts(text, "https://")) {
        address->tls = true;
        return parse_network_host(text, text + strlen("https://"), address, err);
    }
    if (ds_string_starts(text, "http://"))
        return parse_network_host(text, text + strlen("http://"), address, err);
    if (ds_string_starts(text, "ssh://")) {
        ds_error_set(err, DS_ERROR_MISSING, "Docker's host %s: ssh is not supported", text);
        return ds_error_hint(err,
                             "ssh -nNT -L /tmp/docker.sock:/var/run/docker.sock %s, then set "
                             "DOCKER_HOST=unix:///tmp/docker.sock",
                             text + strlen("ssh://"));
    }
    ds_error_set(err, DS_ERROR_MISSING, "Docker's host %s: unknown scheme", text);
    return ds_error_hint(err, "use unix:///path or tcp://host:port");
}

/* {"Name": …, "Endpoints": {"docker": {"Host": …, "SkipTLSVerify": …}}} */
static json_t *load_meta(const char *folder, const char *entry)
{
    ds_auto_free char *path = ds_printf("%s/%s/meta.json", folder, entry);
    ds_auto_free char *text = NULL;
    size_t length;
    if (!ds_file_exists(path) || !ds_file_read(path, META_LIMIT, &text, &length, NULL))
        return NULL;
    return json_loadb(text, length, 0, NULL);
}

static bool use_context(const char *config, const char *entry, const json_t *meta,
                        struct engine_address *address, struct ds_error *err)
{
    const json_t *docker = json_object_get(json_object_get(meta, "Endpoints"), "docker");
    ds_auto_free char *tls_folder = ds_printf("%s/contexts/tls/%s/docker", config, entry);
    address->insecure = json_is_true(json_object_get(docker, "SkipTLSVerify"));
    address->tls = ds_folder_exists(tls_folder) || address->insecure;
    use_certificates(address, tls_folder);
    return parse_host(engine_json_string(docker, "Host"), address, err);
}

/* Folders are named by a hash of the context's name; looking into each says the same. */
static bool find_context(const char *config, const char *name, struct engine_address *address,
                         struct ds_error *err)
{
    ds_auto_free char *folder = ds_path_join(config, "contexts/meta");
    DIR *directory = opendir(folder);
    struct dirent *entry;
    while (directory && (entry = readdir(directory))) {
        auto_json json_t *meta = entry->d_name[0] == '.' ? NULL : load_meta(folder, entry->d_name);
        if (!meta || strcmp(engine_json_string(meta, "Name"), name) != 0)
            continue;
        bool used = use_context(config, entry->d_name, meta, address, err);
        closedir(directory);
        return used;
    }
    if (directory)
        closedir(directory);
    ds_error_set(err, DS_ERROR_MISSING, "The Docker context '%s' does not exist", name);
    return ds_error_hint(err, "docker context ls, then docker context use NAME");
}

static bool use_host_variable(const struct ds_variables *environment, const char *host,
                              const char *config, struct engine_address *address,
                              struct ds_error *err)
{
    bool verify = setting(environment, "DOCKER_TLS_VERIFY") != NULL;
    address->tls = verify || setting(environment, "DOCKER_TLS");
    address->insecure = address->tls && !verify;
    const char *certificates = setting(environment, "DOCKER_CERT_PATH");
    if (address->tls)
        use_certificates(address, certificates ? certificates : config);
    return parse_host(host, address, err);
}

static bool find(const struct ds_variables *environment, struct engine_address *address,
                 struct ds_error *err)
{
    ds_auto_free char *config = docker_config_folder(environment);
    const char *host = setting(environment, "DOCKER_HOST");
    if (host)
        return use_host_variable(environment, host, config, address, err);
    auto_json json_t *settings = docker_config_load(config, err);
    if (!settings)
        return false;
    const char *context = setting(environment, "DOCKER_CONTEXT");
    if (!context)
        context = engine_json_string(settings, "currentContext");
    if (!context[0] || strcmp(context, "default") == 0)
        return use_host_variable(environment, DEFAULT_SOCKET, config, address, err);
    return find_context(config, context, address, err);
}

bool engine_address_find(const struct ds_variables *environment, struct engine_address *ret,
                         struct ds_error *err)
{
    struct engine_address address = {0};
    if (!find(environment, &address, err)) {
        engine_address_finish(&address);
        return false;
    }
    *ret = address;
    return true;
}
