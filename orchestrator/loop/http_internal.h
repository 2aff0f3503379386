/*
 * What the two halves of the HTTP client share: http.c drives libcurl's multi handle from the
 * loop, http_call.c prepares an exchange and reads its outcome.
 */
#ifndef DEVSTACK_LOOP_HTTP_INTERNAL_H
#define DEVSTACK_LOOP_HTTP_INTERNAL_H

#include <curl/curl.h>

#include "devstack/loop/http.h"

enum http_call_state {
    HTTP_CALL_NEW,       /* to be handed to libcurl */
    HTTP_CALL_RUNNING,   /* in the multi handle */
    HTTP_CALL_CANCELLED, /* to be taken out; nobody wants to hear of it */
    HTTP_CALL_DONE,      /* its on_done is running */
};

struct ds_http_call {
    struct ds_http *http;
    struct ds_http_call *previous, *next;
    enum http_call_state state;
    struct ds_http_events events;
    CURL *easy;
    struct curl_slist *headers;
    void *request_body;
    size_t request_length;
    size_t body_limit;
    struct ds_text body;
    int status;
    bool over_unix_socket;
    bool paused; /* the consumer wants no bytes */
    bool held;   /* libcurl was told to wait */
    bool too_large;
    char error[CURL_ERROR_SIZE];
};

/* A call in state NEW, linked nowhere. libcurl must be initialised. */
struct ds_http_call *http_call_create(struct ds_http *http, const struct ds_http_request *request,
                                      const struct ds_http_events *events);
/* The easy handle must be out of the multi handle. Request body and headers are wiped: they may be
 * secret. */
void http_call_free(struct ds_http_call *call);
/* Tells the outcome to on_done. */
void http_call_report(struct ds_http_call *call, CURLcode result);

#endif
