/* References and what they stand for: an address is written for whoever reads it. */
#include <stdlib.h>
#include <string.h>

#include "context.h"
#include "devstack/base/file.h"
#include "devstack/base/memory.h"

static struct ds_secret *find_secret(const struct context *context, const char *name)
{
    for (size_t i = 0; i < context->request->secret_count; i++)
        if (strcmp(context->request->secrets[i].name, name) == 0)
            return context->request->secrets[i].value;
    return NULL;
}

static bool is_container(const struct ds_service_spec *spec)
{
    return spec && spec->kind == DS_KIND_CONTAINER;
}

static const struct ds_port *find_port(const struct ds_service_spec *spec, const char *name)
{
    for (size_t i = 0; i < spec->port_count; i++)
        if (!name || strcmp(spec->ports[i].name, name) == 0)
            return &spec->ports[i];
    return NULL;
}

/* Host and port of `target` as `reader` has to write them. False: out of its reach. */
static bool locate(const struct reader *reader, const struct ds_service_spec *target,
                   const char *port_name, char **ret_host, uint16_t *ret_port, struct ds_error *err)
{
    const struct context *context = reader->context;
    const struct ds_port *port = find_port(target, port_name);
    if (!port)
        return ds_error_set(err, DS_ERROR_INVALID, "%s has no port%s%s", target->name,
                            port_name ? " named " : "", port_name ? port_name : "");
    if (is_container(reader->reader) && reader->reader != target) {
        if (!is_container(target)) {
            ds_error_set(err, DS_ERROR_INVALID,
                         "the container %s cannot reach %s, a process that listens on 127.0.0.1",
                         reader->reader->name, target->name);
            return ds_error_hint(err, "run %s as a process, or %s as a container",
                                 reader->reader->name, target->name);
        }
        *ret_host = ds_strdup(target->name);
        *ret_port = port->container;
        return true;
    }
    *ret_host = ds_strdup(context->address(context->data, target->name));
    *ret_port = ports_find(context->ports, target->name, port->name);
    return true;
}

static bool expand_part(const struct ds_template *template, const struct reader *reader,
                        char **ret_value, bool *ret_secret, struct ds_error *err)
{
    bool secret = false;
    *ret_value = NULL;
    if (template &&
        !ds_template_expand(template, context_resolve, (void *)reader, ret_value, &secret, err))
        return false;
    /* What is made of several parts is secret as soon as one of them is. */
    *ret_secret = *ret_secret || secret;
    return true;
}

static void free_wiped(char *value)
{
    if (value)
        ds_wipe(value, strlen(value));
    free(value);
}

/* Every part is percent-encoded: RFC 3986, 3.2.1 for user information. */
static bool append_credentials(const struct reader *reader, const struct ds_service_spec *target,
                               struct ds_text *out, bool *ret_secret, struct ds_error *err)
{
    char *user = NULL, *password = NULL;
    bool good = expand_part(target->user_name, reader, &user, ret_secret, err) &&
                expand_part(target->password, reader, &password, ret_secret, err);
    if (good && (user || password)) {
        char *user_part = ds_percent_encode(user ? user : "");
        char *password_part = ds_percent_encode(password ? password : "");
        ds_text_appendf(out, "%s%s%s@", user_part, password ? ":" : "", password_part);
        free_wiped(user_part);
        free_wiped(password_part);
    }
    free_wiped(user);
    free_wiped(password);
    return good;
}

enum credentials { WITH_CREDENTIALS, WITH_USER_NAME };

static bool append_url(const struct reader *reader, const struct ds_service_spec *target,
                       enum credentials credentials, struct ds_text *out, bool *ret_secret,
                       struct ds_error *err)
{
    if (target->external) {
        char *url = NULL;
        bool good = expand_part(target->external, reader, &url, ret_secret, err);
        if (good)
            ds_text_append(out, url);
        free_wiped(url);
        return good;
    }
    ds_auto_free char *host = NULL;
    ds_auto_free char *database = NULL;
    uint16_t port = 0;
    if (!locate(reader, target, NULL, &host, &port, err))
        return false;
    ds_text_appendf(out, "%s://", target->url_scheme ? target->url_scheme : "http");
    if (credentials == WITH_CREDENTIALS) {
        if (!append_credentials(reader, target, out, ret_secret, err))
            return false;
    } else if (target->user_name && ds_template_literal(target->user_name)) {
        ds_auto_free char *user = ds_percent_encode(ds_template_literal(target->user_name));
        ds_text_appendf(out, "%s@", user);
    }
    ds_text_appendf(out, "%s:%u", host, port);
    if (!expand_part(target->database, reader, &database, ret_secret, err))
        return false;
    if (database) {
        ds_auto_free char *encoded = ds_percent_encode(database);
        ds_text_appendf(out, "/%s", encoded);
    }
    return true;
}

char *context_public_url(const struct context *context, const struct ds_service_spec *spec)
{
    struct reader people = {.context = context};
    struct ds_text url = {0};
    bool secret = false;
    if (spec->port_count == 0 && !spec->external)
        return NULL;
    if (!append_url(&people, spec, WITH_USER_NAME, &url, &secret, NULL) || secret) {
        if (url.data)
            ds_wipe(url.data, url.length);
        ds_text_finish(&url);
        return NULL;
    }
    return ds_text_take(&url);
}

static bool resolve_credential(const struct ds_template *template, const struct reader *reader,
                               const struct ds_reference *reference, struct ds_text *out,
                               bool *ret_secret, struct ds_error *err)
{
    char *value = NULL;
    if (!template)
        return ds_error_set(err, DS_ERROR_INVALID, "%s has no %s", reference->name,
                            reference->field);
    bool good = expand_part(template, reader, &value, ret_secret, err);
    if (good)
        ds_text_append(out, value);
    free_wiped(value);
    return good;
}

static bool resolve_service(const struct reader *reader, const struct ds_reference *reference,
                            struct ds_text *out, bool *ret_secret, struct ds_error *err)
{
    const struct ds_service_spec *target =
        ds_manifest_service(reader->context->manifest, reference->name);
    const char *field = reference->field ? reference->field : "";
    if (!target)
        return ds_error_set(err, DS_ERROR_INVALID, "there is no service %s", reference->name);
    if (strcmp(field, "url") == 0)
        return append_url(reader, target, WITH_CREDENTIALS, out, ret_secret, err);
    if (strcmp(field, "user") == 0)
        return resolve_credential(target->user_name, reader, reference, out, ret_secret, err);
    if (strcmp(field, "database") == 0)
        return resolve_credential(target->database, reader, reference, out, ret_secret, err);
    if (strcmp(field, "password") == 0) {
        *ret_secret = true;
        return resolve_credential(target->password, reader, reference, out, ret_secret, err);
    }
    ds_auto_free char *host = NULL;
    uint16_t port = 0;
    if (!locate(reader, target, strcmp(field, "ports") == 0 ? reference->item : NULL, &host, &port,
                err))
        return false;
    if (strcmp(field, "host") == 0)
        ds_text_append(out, host);
    else
        ds_text_appendf(out, "%u", port);
    return true;
}

static bool resolve_config(const struct context *context, const struct ds_reference *reference,
                           struct ds_text *out, struct ds_error *err)
{
    for (size_t i = 0; i < context->manifest->config_count; i++) {
        const struct ds_config_spec *config = &context->manifest->configs[i];
        if (strcmp(config->name, reference->name) == 0) {
            ds_auto_free char *path = configs_path(context->identity, config);
            ds_text_append(out, path);
            return true;
        }
    }
    return ds_error_set(err, DS_ERROR_INVALID, "there is no config %s", reference->name);
}

static bool resolve_stack(const struct context *context, const struct ds_reference *reference,
                          struct ds_text *out, struct ds_error *err)
{
    const struct ds_identity *identity = context->identity;
    const struct {
        const char *field, *value;
    } fields[] = {
        {"environment", identity->environment},
        {"folder", identity->folder},
        {"id", identity->id},
        {"name", identity->name},
        {"runtime_dir", identity->runtime_folder},
    };
    const char *wanted = reference->field ? reference->field : reference->name;
    for (size_t i = 0; i < DS_COUNT(fields); i++) {
        if (strcmp(fields[i].field, wanted) == 0) {
            ds_text_append(out, fields[i].value);
            return true;
        }
    }
    return ds_error_set(err, DS_ERROR_INVALID, "the stack has no '%s'", wanted);
}

bool context_resolve(void *data, const struct ds_reference *reference, struct ds_text *out,
                     bool *ret_secret, struct ds_error *err)
{
    const struct reader *reader = data;
    bool unused = false;
    if (!ret_secret)
        ret_secret = &unused;
    switch (reference->scope) {
    case DS_REFERENCE_SERVICE:
        return resolve_service(reader, reference, out, ret_secret, err);
    case DS_REFERENCE_SECRET: {
        struct ds_secret *secret = find_secret(reader->context, reference->name);
        if (!secret)
            return ds_error_set(err, DS_ERROR_SECRET, "the secret %s has no value",
                                reference->name);
        *ret_secret = true;
        ds_text_append(out, ds_secret_bytes(secret));
        return true;
    }
    case DS_REFERENCE_CONFIG:
        return resolve_config(reader->context, reference, out, err);
    case DS_REFERENCE_STACK:
        return resolve_stack(reader->context, reference, out, err);
    }
    return false;
}
