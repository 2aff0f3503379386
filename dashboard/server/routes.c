/* The table of routes and their handlers. */
#include "private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "devstack/base/memory.h"
#include "devstack/base/text.h"
#include "event.h"

enum { DEFAULT_LOG_LIMIT = 1000 };

static const char *query(const struct request *request, const char *name)
{
    return MHD_lookup_connection_value(request->connection, MHD_GET_ARGUMENT_KIND, name);
}

static bool parse_number(const char *text, uint64_t *ret_number)
{
    char *end;
    errno = 0;
    if (text[0] < '0' || text[0] > '9')
        return false;
    unsigned long long number = strtoull(text, &end, 10);
    if (errno || *end)
        return false;
    *ret_number = number;
    return true;
}

static void unref_snapshot(struct ds_snapshot **snapshot)
{
    ds_snapshot_unref(*snapshot);
}
#define auto_snapshot __attribute__((cleanup(unref_snapshot))) struct ds_snapshot

static enum MHD_Result get_health(struct request *request)
{
    return reply_json(request, MHD_HTTP_OK, "{\"status\":\"alive\"}\n");
}

static enum MHD_Result get_stack(struct request *request)
{
    auto_snapshot *snapshot = ds_stack_snapshot(request->server->stack);
    return reply_json(request, MHD_HTTP_OK, server_stack_json(request->server, snapshot));
}

static enum MHD_Result get_services(struct request *request)
{
    auto_snapshot *snapshot = ds_stack_snapshot(request->server->stack);
    struct ds_text text = {0};
    ds_text_append_char(&text, '[');
    for (size_t i = 0; i < snapshot->service_count; i++) {
        ds_auto_free char *one = ds_snapshot_service_to_json(&snapshot->services[i]);
        ds_text_append(&text, i ? "," : "");
        ds_text_append(&text, one);
    }
    ds_text_append(&text, "]\n");
    size_t length = text.length;
    return reply_take(request, MHD_HTTP_OK, "application/json", ds_text_take(&text), length);
}

static enum MHD_Result reply_service(struct request *request, unsigned status)
{
    auto_snapshot *snapshot = ds_stack_snapshot(request->server->stack);
    const struct ds_snapshot_service *service = ds_snapshot_service(snapshot, request->subject);
    if (!service)
        return reply_problem(request, MHD_HTTP_NOT_FOUND, "service_unknown",
                             "There is no service \"%s\" in this stack.", request->subject);
    ds_auto_free char *json = ds_snapshot_service_to_json(service);
    return reply_json(request, status, json);
}

static enum MHD_Result get_service(struct request *request)
{
    return reply_service(request, MHD_HTTP_OK);
}

static enum MHD_Result command_service(struct request *request, enum ds_stack_command command)
{
    struct ds_server *server = request->server;
    auto_snapshot *snapshot = ds_stack_snapshot(server->stack);
    ds_auto_error struct ds_error err = {0};
    if (ds_snapshot_service(snapshot, request->subject) &&
        !ds_stack_command(server->stack, command, request->subject, &err))
        return reply_problem(request, MHD_HTTP_CONFLICT, "refused", "%s", err.message);
    return reply_service(request, MHD_HTTP_ACCEPTED);
}

static enum MHD_Result start_service(struct request *request)
{
    return command_service(request, DS_STACK_START_SERVICE);
}

static enum MHD_Result stop_service(struct request *request)
{
    return command_service(request, DS_STACK_STOP_SERVICE);
}

static enum MHD_Result restart_service(struct request *request)
{
    return command_service(request, DS_STACK_RESTART_SERVICE);
}

static enum MHD_Result stop_stack(struct request *request)
{
    const char *kill = query(request, "kill");
    enum ds_stack_command command = kill && strcmp(kill, "1") == 0 ? DS_STACK_KILL : DS_STACK_STOP;
    ds_auto_error struct ds_error err = {0};
    if (!ds_stack_command(request->server->stack, command, NULL, &err))
        return reply_problem(request, MHD_HTTP_CONFLICT, "refused", "%s", err.message);
    auto_snapshot *snapshot = ds_stack_snapshot(request->server->stack);
    return reply_json(request, MHD_HTTP_ACCEPTED, server_stack_json(request->server, snapshot));
}

/* The last `limit` entries: counted in a first pass, written in a second. */
struct log_pass {
    uint64_t seen, skip;
    struct ds_text *text; /* NULL while counting */
};

static bool take_log(void *data, const struct ds_log_entry *entry)
{
    struct log_pass *pass = data;
    if (pass->seen++ >= pass->skip && pass->text) {
        event_append_log_json(pass->text, entry);
        ds_text_append_char(pass->text, '\n');
    }
    return true;
}

static enum MHD_Result get_logs(struct request *request)
{
    const char *service = query(request, "service");
    const char *limit_text = query(request, "limit");
    uint64_t limit = DEFAULT_LOG_LIMIT;
    if (limit_text && !parse_number(limit_text, &limit))
        return reply_problem(request, MHD_HTTP_BAD_REQUEST, "bad_query",
                             "limit must be a number, not \"%s\".", limit_text);
    auto_snapshot *snapshot = ds_stack_snapshot(request->server->stack);
    if (service && !ds_snapshot_service(snapshot, service))
        return reply_problem(request, MHD_HTTP_NOT_FOUND, "service_unknown",
                             "There is no service \"%s\" in this stack.", service);
    struct ds_log_store *logs = ds_stack_logs(request->server->stack);
    struct ds_text text = {0};
    struct log_pass count = {0};
    ds_log_store_recent(logs, service, 0, take_log, &count);
    struct log_pass write = {.skip = count.seen > limit ? count.seen - limit : 0, .text = &text};
    ds_log_store_recent(logs, service, 0, take_log, &write);
    size_t length = text.length;
    return reply_take(request, MHD_HTTP_OK, "application/x-ndjson", ds_text_take(&text), length);
}

static bool parse_topics(const char *text, struct stream_topics *topics)
{
    while (*text) {
        size_t length = strcspn(text, ",");
        if (length == 8 && strncmp(text, "services", 8) == 0)
            topics->services = true;
        else if (length == 4 && strncmp(text, "logs", 4) == 0)
            topics->logs = true;
        else
            return false;
        text += length;
        if (*text == ',')
            text++;
    }
    return topics->services || topics->logs;
}

static enum MHD_Result get_stream(struct request *request)
{
    struct stream_topics topics = {0};
    const char *wanted = query(request, "topics");
    if (!parse_topics(wanted ? wanted : "services", &topics))
        return reply_problem(request, MHD_HTTP_BAD_REQUEST, "bad_query",
                             "topics must be of: services, logs; not \"%s\".",
                             wanted ? wanted : "");
    const char *after = query(request, "after");
    if (!after)
        after = MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, "Last-Event-ID");
    if (after && !parse_number(after, &topics.after))
        return reply_problem(request, MHD_HTTP_BAD_REQUEST, "bad_query",
                             "after must be a sequence number, not \"%s\".", after);
    topics.replay = after != NULL;
    return stream_begin(request, &topics);
}

/* `{s}` matches one segment, which becomes the request's subject. */
static const struct route {
    const char *path;
    const char *method;
    enum MHD_Result (*handle)(struct request *request);
} routes[] = {
    {"/api/v1/logs", "GET", get_logs},
    {"/api/v1/services", "GET", get_services},
    {"/api/v1/services/{s}", "GET", get_service},
    {"/api/v1/services/{s}/restart", "POST", restart_service},
    {"/api/v1/services/{s}/start", "POST", start_service},
    {"/api/v1/services/{s}/stop", "POST", stop_service},
    {"/api/v1/stack", "GET", get_stack},
    {"/api/v1/stack/stop", "POST", stop_stack},
    {"/api/v1/stream", "GET", get_stream},
    {"/healthz", "GET", get_health},
};

static bool matches(const char *pattern, const char *path, char **ret_subject)
{
    const char *hole = strstr(pattern, "{s}");
    if (!hole)
        return strcmp(pattern, path) == 0;
    size_t before = (size_t)(hole - pattern);
    if (strncmp(pattern, path, before) != 0)
        return false;
    const char *subject = path + before;
    size_t length = strcspn(subject, "/");
    if (length == 0 || strcmp(subject + length, hole + 3) != 0)
        return false;
    *ret_subject = ds_strndup(subject, length);
    return true;
}

enum MHD_Result routes_answer(struct request *request, const char *method, const char *path)
{
    if (request->too_large)
        return reply_problem(request, MHD_HTTP_CONTENT_TOO_LARGE, "too_large",
                             "No request here needs a body that large.");
    if (request->server->closing)
        return reply_problem(request, MHD_HTTP_SERVICE_UNAVAILABLE, "stopping",
                             "The stack is ending.");
    for (size_t i = 0; i < DS_COUNT(routes); i++) {
        const struct route *route = &routes[i];
        if (!matches(route->path, path, &request->subject))
            continue;
        if (strcmp(route->method, method) != 0)
            return reply_not_allowed(request, route->method);
        return route->handle(request);
    }
    return reply_problem(request, MHD_HTTP_NOT_FOUND, "not_found", "There is nothing at %s.", path);
}
