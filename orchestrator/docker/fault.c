/*
 * From an answer to an error: what went wrong between us and the engine, or what the engine says
 * is wrong, with the command that most likely mends it.
 */
#include "internal.h"

#include <string.h>

static bool fault_of_transport(const struct ds_engine *engine, const struct ds_http_answer *answer,
                               struct ds_error *err)
{
    const char *address = engine->address.text;
    bool local = engine->address.unix_socket != NULL;
    switch (answer->outcome) {
    case DS_HTTP_FORBIDDEN:
        ds_error_set(err, DS_ERROR_MISSING,
                     "Cannot reach the Docker Engine at %s: permission denied", address);
        return ds_error_hint(err, "sudo usermod -aG docker $USER, then log in again");
    case DS_HTTP_REFUSED:
        ds_error_set(err, DS_ERROR_MISSING, "Cannot reach the Docker Engine at %s: %s", address,
                     local ? "it is not running" : "connection refused");
        return local ? ds_error_hint(err, "sudo systemctl start docker")
                     : ds_error_hint(err, "start the engine there, or correct DOCKER_HOST");
    case DS_HTTP_UNRESOLVED:
        ds_error_set(err, DS_ERROR_MISSING, "Cannot reach the Docker Engine at %s: unknown host",
                     address);
        return ds_error_hint(err, "correct DOCKER_HOST, or `docker context use default`");
    case DS_HTTP_TIMED_OUT:
        return ds_error_set(err, DS_ERROR_TIMEOUT, "The Docker Engine at %s does not answer",
                            address);
    case DS_HTTP_TLS:
        ds_error_set(err, DS_ERROR_MISSING, "Cannot reach the Docker Engine at %s: %s", address,
                     answer->message);
        return ds_error_hint(err, "check the certificates in DOCKER_CERT_PATH");
    case DS_HTTP_CLOSED:
        return ds_error_set(err, DS_ERROR_FAILED,
                            "The Docker Engine at %s broke off the connection: %s", address,
                            answer->message ? answer->message : "no whole answer");
    case DS_HTTP_FAILED:
    case DS_HTTP_ANSWERED:
        break;
    }
    return ds_error_set(err, DS_ERROR_FAILED, "The Docker Engine at %s cannot be understood: %s",
                        address, answer->message ? answer->message : "unexpected answer");
}

/* A registry's complaints come as "errors:" and one a line. */
static char *on_one_line(const char *words)
{
    static const char header[] = "errors:";
    struct ds_text line = {0};
    if (ds_string_starts(words, header))
        words += strlen(header);
    while (words += strspn(words, "\r\n"), words[0]) {
        size_t length = strcspn(words, "\r\n");
        if (line.length)
            ds_text_append(&line, ", ");
        ds_text_append_bytes(&line, words, length);
        words += length;
    }
    return ds_text_take(&line);
}

char *engine_fault_words(const struct ds_http_answer *answer)
{
    auto_json json_t *body = json_loadb(answer->body, answer->body_length, 0, NULL);
    const char *message = engine_json_string(body, "message");
    if (message[0])
        return on_one_line(message);
    size_t length = strcspn(answer->body, "\r\n");
    if (length == 0)
        return ds_printf("HTTP status %d", answer->status);
    return ds_strndup(answer->body, length > 300 ? 300 : length);
}

/* The engine tells kinds of failures apart by words only. */
static enum ds_error_code code_of(int status, const char *words)
{
    if (strstr(words, "port is already allocated") || strstr(words, "address already in use"))
        return DS_ERROR_PORT;
    if (status == 409 && strstr(words, "is not running"))
        return DS_ERROR_NOT_RUNNING;
    return status == 404 ? DS_ERROR_MISSING : DS_ERROR_FAILED;
}

bool engine_fault(const struct ds_engine *engine, const struct ds_http_answer *answer,
                  const char *what, struct ds_error *err)
{
    if (answer->outcome != DS_HTTP_ANSWERED) {
        fault_of_transport(engine, answer, err);
        if (err)
            err->unreachable = true;
        return false;
    }
    ds_auto_free char *words = engine_fault_words(answer);
    ds_error_set(err, code_of(answer->status, words), "Cannot %s: %s", what, words);
    if (strstr(words, "HTTP request to an HTTPS server"))
        ds_error_hint(err, "set DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH");
    else if (strstr(words, "No such image"))
        ds_error_hint(err, "docker pull, or pull_policy: missing in services.yaml");
    else if (strstr(words, "no space left on device"))
        ds_error_hint(err, "docker system df shows what takes the space");
    return false;
}

json_t *engine_answer_json(const struct ds_engine *engine, const struct ds_http_answer *answer,
                           const char *what, struct ds_error *err)
{
    if (!engine_answer_ok(answer)) {
        engine_fault(engine, answer, what, err);
        return NULL;
    }
    json_error_t fault;
    json_t *json = json_loadb(answer->body, answer->body_length, JSON_REJECT_DUPLICATES, &fault);
    if (!json)
        ds_error_set(err, DS_ERROR_FAILED,
                     "Cannot %s: the engine's answer is no JSON (line %d, column %d: %s)", what,
                     fault.line, fault.column, fault.text);
    return json;
}
