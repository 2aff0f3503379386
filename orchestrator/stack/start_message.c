/* The start request and its reply: length-prefixed JSON on the socket pair between client and
 * orchestrator. */
#include "devstack/stack/start.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "devstack/base/memory.h"

enum { LARGEST_MESSAGE = 4 * 1024 * 1024 };

static bool send_all(int fd, const char *data, size_t length)
{
    while (length > 0) {
        ssize_t sent = send(fd, data, length, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0)
            return false;
        data += sent;
        length -= (size_t)sent;
    }
    return true;
}

static bool receive_all(int fd, char *data, size_t length)
{
    while (length > 0) {
        ssize_t got = recv(fd, data, length, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        data += got;
        length -= (size_t)got;
    }
    return true;
}

static bool send_json(int fd, json_t *document, struct ds_error *err)
{
    char *text = json_dumps(document, JSON_COMPACT);
    json_decref(document);
    if (!text)
        return ds_error_set(err, DS_ERROR_FAILED, "a name or path is not valid UTF-8");
    size_t length = strlen(text);
    unsigned char head[4] = {(unsigned char)(length >> 24), (unsigned char)(length >> 16),
                             (unsigned char)(length >> 8), (unsigned char)length};
    bool good = send_all(fd, (char *)head, sizeof(head)) && send_all(fd, text, length);
    ds_wipe(text, length);
    free(text);
    if (!good)
        return ds_error_set_errno(err, DS_ERROR_FAILED, errno, "the other side is gone");
    return true;
}

static json_t *receive_json(int fd, struct ds_error *err)
{
    unsigned char head[4];
    if (!receive_all(fd, (char *)head, sizeof(head))) {
        ds_error_set(err, DS_ERROR_FAILED, "the other side closed without a word");
        return NULL;
    }
    size_t length = (size_t)head[0] << 24 | (size_t)head[1] << 16 | (size_t)head[2] << 8 | head[3];
    if (length > LARGEST_MESSAGE) {
        ds_error_set(err, DS_ERROR_FAILED, "a message of %zu bytes is too long", length);
        return NULL;
    }
    ds_auto_free char *text = ds_alloc(length + 1);
    json_t *document = NULL;
    json_error_t error;
    if (receive_all(fd, text, length))
        document = json_loadb(text, length, JSON_REJECT_DUPLICATES, &error);
    ds_wipe(text, length);
    if (!json_is_object(document)) {
        json_decref(document);
        ds_error_set(err, DS_ERROR_FAILED, "the message is no JSON object");
        return NULL;
    }
    return document;
}

/* A secret may hold any byte: it travels as hexadecimal. */
static json_t *encode_secret(const struct ds_secret *secret)
{
    static const char digits[] = "0123456789abcdef";
    size_t length = ds_secret_length(secret);
    const unsigned char *bytes = (const unsigned char *)ds_secret_bytes(secret);
    ds_auto_free char *text = ds_alloc(2 * length + 1);
    for (size_t i = 0; i < length; i++) {
        text[2 * i] = digits[bytes[i] >> 4];
        text[2 * i + 1] = digits[bytes[i] & 15];
    }
    json_t *value = json_string(text);
    ds_wipe(text, 2 * length);
    return value;
}

static int digit_value(char digit)
{
    return digit >= 'a' ? digit - 'a' + 10 : digit - '0';
}

static struct ds_secret *decode_secret(const char *text)
{
    if (!text)
        return NULL;
    size_t length = strlen(text) / 2;
    ds_auto_free char *bytes = ds_alloc(length);
    for (size_t i = 0; i < length; i++)
        bytes[i] = (char)(digit_value(text[2 * i]) << 4 | digit_value(text[2 * i + 1]));
    struct ds_secret *secret = ds_secret_create(bytes, length);
    ds_wipe(bytes, length);
    return secret;
}

static void set_optional(json_t *object, const char *key, const char *text)
{
    if (text)
        json_object_set_new(object, key, json_string(text));
}

bool ds_start_request_send(int fd, const struct ds_start_request *request, struct ds_error *err)
{
    json_t *document = json_object();
    set_optional(document, "file", request->file);
    set_optional(document, "environment", request->environment);
    set_optional(document, "instance", request->instance);
    json_t *services = json_array();
    for (size_t i = 0; i < request->services.count; i++)
        json_array_append_new(services, json_string(request->services.items[i]));
    json_object_set_new(document, "services", services);
    json_object_set_new(document, "foreground", json_boolean(request->foreground));
    json_object_set_new(document, "auto_ports", json_boolean(request->auto_ports));
    json_object_set_new(document, "no_dependencies", json_boolean(request->no_dependencies));
    json_object_set_new(document, "requested_at", json_integer((json_int_t)request->requested_at));
    json_t *secrets = json_object();
    for (size_t i = 0; i < request->secret_count; i++)
        json_object_set_new(secrets, request->secrets[i].name,
                            encode_secret(request->secrets[i].value));
    json_object_set_new(document, "secrets", secrets);
    return send_json(fd, document, err);
}

static char *get_text(const json_t *object, const char *key)
{
    return ds_strdup(json_string_value(json_object_get(object, key)));
}

bool ds_start_request_receive(int fd, struct ds_start_request *ret_request, struct ds_error *err)
{
    json_t *document = receive_json(fd, err);
    if (!document)
        return false;
    struct ds_start_request request = {
        .file = get_text(document, "file"),
        .environment = get_text(document, "environment"),
        .instance = get_text(document, "instance"),
        .foreground = json_is_true(json_object_get(document, "foreground")),
        .auto_ports = json_is_true(json_object_get(document, "auto_ports")),
        .no_dependencies = json_is_true(json_object_get(document, "no_dependencies")),
        .requested_at = (uint64_t)json_integer_value(json_object_get(document, "requested_at")),
    };
    size_t index;
    json_t *item;
    json_array_foreach(json_object_get(document, "services"), index, item)
        ds_strings_add(&request.services, json_string_value(item));
    json_t *secrets = json_object_get(document, "secrets");
    request.secrets = ds_realloc_array(NULL, json_object_size(secrets), sizeof(*request.secrets));
    const char *name;
    json_object_foreach(secrets, name, item) request.secrets[request.secret_count++] =
        (struct ds_start_secret){.name = ds_strdup(name),
                                 .value = decode_secret(json_string_value(item))};
    json_decref(document);
    if (!request.file) {
        ds_start_request_finish(&request);
        return ds_error_set(err, DS_ERROR_FAILED, "the start request names no file");
    }
    *ret_request = request;
    return true;
}

void ds_start_request_finish(struct ds_start_request *request)
{
    free(request->file);
    free(request->environment);
    free(request->instance);
    ds_strings_finish(&request->services);
    for (size_t i = 0; i < request->secret_count; i++) {
        free(request->secrets[i].name);
        ds_secret_unref(request->secrets[i].value);
    }
    free(request->secrets);
    *request = (struct ds_start_request){0};
}

bool ds_start_reply_send(int fd, const struct ds_start_reply *reply, struct ds_error *err)
{
    json_t *document = json_object();
    json_object_set_new(document, "accepted", json_boolean(reply->accepted));
    set_optional(document, "socket", reply->socket);
    json_object_set_new(document, "code", json_integer(reply->error.code));
    set_optional(document, "message", reply->error.message);
    set_optional(document, "hint", reply->error.hint);
    return send_json(fd, document, err);
}

bool ds_start_reply_receive(int fd, struct ds_start_reply *ret_reply, struct ds_error *err)
{
    json_t *document = receive_json(fd, err);
    if (!document)
        return false;
    *ret_reply = (struct ds_start_reply){
        .accepted = json_is_true(json_object_get(document, "accepted")),
        .socket = get_text(document, "socket"),
        .error = {.code = (enum ds_error_code)json_integer_value(json_object_get(document, "code")),
                  .message = get_text(document, "message"),
                  .hint = get_text(document, "hint")},
    };
    json_decref(document);
    return true;
}

void ds_start_reply_finish(struct ds_start_reply *reply)
{
    free(reply->socket);
    ds_error_clear(&reply->error);
    *reply = (struct ds_start_reply){0};
}
