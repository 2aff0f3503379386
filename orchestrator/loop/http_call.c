/*
 * One HTTP exchange: the options of its easy handle, the bytes that come in, and what the result
 * means to the caller.
 */
#include "http_internal.h"

#include <errno.h>
#include <string.h>

#include "devstack/base/clock.h"
#include "devstack/base/memory.h"
#include "devstack/base/secret.h"

/* curl's default of 16 KiB up to 512 KiB a handle would be most of the orchestrator's memory. */
#define TRANSFER_BUFFER    (16L * 1024)
#define DEFAULT_BODY_LIMIT (UINT64_C(16) * 1024 * 1024)
#define DEFAULT_CONNECT_NS (5 * DS_NS_PER_S)
#define FIRST_ERROR_STATUS 400
#define FIRST_FINAL_STATUS 200

static bool wants_bytes(const struct ds_http_call *call)
{
    return call->events.on_data && call->status < FIRST_ERROR_STATUS;
}

static size_t on_body(char *bytes, size_t size, size_t count, void *data)
{
    struct ds_http_call *call = data;
    size_t length = size * count;
    if (call->state == HTTP_CALL_CANCELLED)
        return CURL_WRITEFUNC_ERROR;
    if (call->paused) {
        call->held = true;
        return CURL_WRITEFUNC_PAUSE;
    }
    if (wants_bytes(call)) {
        if (length)
            call->events.on_data(call->events.data, bytes, length);
        return call->state == HTTP_CALL_CANCELLED ? CURL_WRITEFUNC_ERROR : length;
    }
    if (length > call->body_limit - call->body.length) {
        call->too_large = true;
        return CURL_WRITEFUNC_ERROR;
    }
    ds_text_append_bytes(&call->body, bytes, length);
    return length;
}

/* Called once a header line; the empty line ends a block, of which 1xx answers bring extra ones. */
static size_t on_header(char *line, size_t size, size_t count, void *data)
{
    struct ds_http_call *call = data;
    size_t length = size * count;
    if (call->state == HTTP_CALL_CANCELLED)
        return 0;
    bool is_end = length <= 2 && (length == 0 || line[0] == '\r' || line[0] == '\n');
    if (!is_end || call->status)
        return length;
    long status = 0;
    curl_easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &status);
    if (status < FIRST_FINAL_STATUS)
        return length;
    call->status = (int)status;
    if (call->events.on_status)
        call->events.on_status(call->events.data, call->status);
    return call->state == HTTP_CALL_CANCELLED ? 0 : length;
}

/* Proxy settings in the environment speak of the network, never of this machine. */
static bool stays_here(const struct ds_http_request *request)
{
    if (request->unix_socket)
        return true;
    CURLU *url = curl_url();
    char *host = NULL;
    bool here = false;
    if (curl_url_set(url, CURLUPART_URL, request->url, 0) == CURLUE_OK &&
        curl_url_get(url, CURLUPART_HOST, &host, 0) == CURLUE_OK)
        here = ds_string_equal(host, "localhost") || ds_string_ends(host, ".localhost") ||
               ds_string_starts(host, "127.") || ds_string_equal(host, "[::1]");
    curl_free(host);
    curl_url_cleanup(url);
    return here;
}

static long milliseconds(uint64_t ns)
{
    uint64_t ms = (ns + DS_NS_PER_MS - 1) / DS_NS_PER_MS;
    return ms > INT32_MAX ? INT32_MAX : (long)ms;
}

static void set_method(CURL *easy, const struct ds_http_request *request)
{
    bool has_body = request->body != NULL;
    const char *method = request->method ? request->method : has_body ? "POST" : "GET";
    if (strcmp(method, "HEAD") == 0)
        curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    else if (has_body || strcmp(method, "POST") == 0)
        curl_easy_setopt(easy, CURLOPT_POST, 1L);
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, method);
}

static void set_body(struct ds_http_call *call, const struct ds_http_request *request)
{
    call->request_length = request->body ? request->body_length : 0;
    call->request_body = ds_memdup(request->body, call->request_length);
    curl_easy_setopt(call->easy, CURLOPT_POSTFIELDS, call->request_body);
    curl_easy_setopt(call->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)call->request_length);
}

static void add_header(struct ds_http_call *call, const char *line)
{
    struct curl_slist *longer = curl_slist_append(call->headers, line);
    if (!longer)
        abort();
    call->headers = longer;
}

static void set_headers(struct ds_http_call *call, const struct ds_http_request *request)
{
    /* Without this curl waits a second for a "100 Continue" that most servers never send. */
    add_header(call, "Expect:");
    ds_auto_free char *type =
        request->body ? ds_printf("Content-Type: %s", request->content_type ? request->content_type
                                                                            : "application/json")
                      : ds_strdup("Content-Type:");
    add_header(call, type);
    for (size_t i = 0; request->headers && i < request->headers->count; i++)
        add_header(call, request->headers->items[i]);
    curl_easy_setopt(call->easy, CURLOPT_HTTPHEADER, call->headers);
}

static void set_tls(CURL *easy, const struct ds_http_tls *tls)
{
    if (tls->ca_file)
        curl_easy_setopt(easy, CURLOPT_CAINFO, tls->ca_file);
    if (tls->certificate_file)
        curl_easy_setopt(easy, CURLOPT_SSLCERT, tls->certificate_file);
    if (tls->key_file)
        curl_easy_setopt(easy, CURLOPT_SSLKEY, tls->key_file);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, tls->insecure ? 0L : 1L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, tls->insecure ? 0L : 2L);
}

static void set_connection(CURL *easy, const struct ds_http_request *request)
{
    curl_easy_setopt(easy, CURLOPT_URL, request->url);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    if (request->unix_socket)
        curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, request->unix_socket);
    if (stays_here(request))
        curl_easy_setopt(easy, CURLOPT_PROXY, "");
    if (request->tls)
        set_tls(easy, request->tls);
    if (request->fresh_connection) {
        curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
        curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
    }
    uint64_t connect = request->connect_timeout ? request->connect_timeout : DEFAULT_CONNECT_NS;
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, milliseconds(connect));
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, milliseconds(request->timeout));
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    /* Else a call that is cancelled while its host is looked up waits for the resolver's thread. */
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
    curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, TRANSFER_BUFFER);
    curl_easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE, TRANSFER_BUFFER);
}

struct ds_http_call *http_call_create(struct ds_http *http, const struct ds_http_request *request,
                                      const struct ds_http_events *events)
{
    struct ds_http_call *call = DS_NEW(struct ds_http_call);
    call->http = http;
    call->events = *events;
    call->over_unix_socket = request->unix_socket != NULL;
    call->body_limit = request->body_limit ? request->body_limit : DEFAULT_BODY_LIMIT;
    call->easy = curl_easy_init();
    if (!call->easy)
        abort();
    curl_easy_setopt(call->easy, CURLOPT_PRIVATE, call);
    curl_easy_setopt(call->easy, CURLOPT_ERRORBUFFER, call->error);
    curl_easy_setopt(call->easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(call->easy, CURLOPT_WRITEDATA, call);
    curl_easy_setopt(call->easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(call->easy, CURLOPT_HEADERDATA, call);
    set_connection(call->easy, request);
    set_method(call->easy, request);
    if (request->body || ds_string_equal(request->method, "POST"))
        set_body(call, request);
    set_headers(call, request);
    return call;
}

void http_call_free(struct ds_http_call *call)
{
    curl_easy_cleanup(call->easy);
    for (struct curl_slist *header = call->headers; header; header = header->next)
        ds_wipe(header->data, strlen(header->data));
    curl_slist_free_all(call->headers);
    if (call->request_body)
        ds_wipe(call->request_body, call->request_length);
    free(call->request_body);
    ds_text_finish(&call->body);
    free(call);
}

static enum ds_http_outcome outcome_of_connect(CURL *easy)
{
    long cause = 0;
    curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &cause);
    switch (cause) {
    case EACCES:
    case EPERM:
        return DS_HTTP_FORBIDDEN;
    case ECONNREFUSED:
    case ENOENT:
        return DS_HTTP_REFUSED;
    case ETIMEDOUT:
        return DS_HTTP_TIMED_OUT;
    default:
        return DS_HTTP_FAILED;
    }
}

static enum ds_http_outcome outcome_of(CURL *easy, CURLcode result)
{
    switch ((int)result) { /* libcurl has some hundred of them */
    case CURLE_OK:
        return DS_HTTP_ANSWERED;
    case CURLE_COULDNT_CONNECT:
        return outcome_of_connect(easy);
    case CURLE_OPERATION_TIMEDOUT:
        return DS_HTTP_TIMED_OUT;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
        return DS_HTTP_UNRESOLVED;
    case CURLE_GOT_NOTHING:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_PARTIAL_FILE:
        return DS_HTTP_CLOSED;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
    case CURLE_PEER_FAILED_VERIFICATION:
        return DS_HTTP_TLS;
    default:
        return DS_HTTP_FAILED;
    }
}

void http_call_report(struct ds_http_call *call, CURLcode result)
{
    char *location = NULL, *peer = NULL;
    curl_easy_getinfo(call->easy, CURLINFO_REDIRECT_URL, &location);
    curl_easy_getinfo(call->easy, CURLINFO_PRIMARY_IP, &peer);
    struct ds_http_answer answer = {
        .outcome = outcome_of(call->easy, result),
        .status = call->status,
        .body = ds_text_string(&call->body),
        .body_length = call->body.length,
        .location = location,
        .peer = peer && peer[0] && !call->over_unix_socket ? peer : NULL,
    };
    if (call->too_large)
        answer.message = "the answer is too large";
    else if (result != CURLE_OK)
        answer.message = call->error[0] ? call->error : curl_easy_strerror(result);
    call->events.on_done(call->events.data, &answer);
}
