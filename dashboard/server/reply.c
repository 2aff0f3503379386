/* Responses: JSON documents, and problems as RFC 9457 has them. */
#include "private.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "devstack/base/memory.h"
#include "devstack/base/text.h"
#include "event.h"

static enum MHD_Result queue(struct request *request, unsigned status, const char *type,
                             const char *allow, char *data, size_t length)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer(length, data, MHD_RESPMEM_MUST_FREE);
    if (!response) {
        free(data);
        return MHD_NO;
    }
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
    MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
    if (allow)
        MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, allow);
    enum MHD_Result result = MHD_queue_response(request->connection, status, response);
    MHD_destroy_response(response);
    return result;
}

enum MHD_Result reply_take(struct request *request, unsigned status, const char *type, char *data,
                           size_t length)
{
    return queue(request, status, type, NULL, data, length);
}

enum MHD_Result reply_json(struct request *request, unsigned status, const char *json)
{
    return queue(request, status, "application/json", NULL, ds_strdup(json), strlen(json));
}

static const char *status_title(unsigned status)
{
    const char *title = MHD_get_reason_phrase_for(status);
    return title ? title : "Error";
}

static enum MHD_Result problem(struct request *request, unsigned status, const char *code,
                               const char *allow, const char *detail)
{
    struct ds_text text = {0};
    const char *title = status_title(status);
    ds_text_append(&text, "{\"type\":\"about:blank\",\"title\":");
    event_append_json_string(&text, title, strlen(title));
    ds_text_appendf(&text, ",\"status\":%u,\"code\":\"%s\",\"detail\":", status, code);
    event_append_json_string(&text, detail, strlen(detail));
    ds_text_append(&text, "}\n");
    size_t length = text.length;
    return queue(request, status, "application/problem+json", allow, ds_text_take(&text), length);
}

enum MHD_Result reply_problem(struct request *request, unsigned status, const char *code,
                              const char *format, ...)
{
    va_list args;
    va_start(args, format);
    ds_auto_free char *detail = ds_vprintf(format, args);
    va_end(args);
    return problem(request, status, code, NULL, detail);
}

enum MHD_Result reply_not_allowed(struct request *request, const char *allow)
{
    ds_auto_free char *detail = ds_printf("This address answers %s only.", allow);
    return problem(request, MHD_HTTP_METHOD_NOT_ALLOWED, "method_not_allowed", allow, detail);
}
