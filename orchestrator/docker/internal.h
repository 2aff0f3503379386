/*
 * What the files of the Docker room share: the engine's address, the life of a call, and how
 * answers become errors.
 */
#ifndef DEVSTACK_DOCKER_INTERNAL_H
#define DEVSTACK_DOCKER_INTERNAL_H

#include <jansson.h>

#include "devstack/base/clock.h"
#include "devstack/base/memory.h"
#include "devstack/docker/engine.h"

/* The API that all of this is written against: Engine 20.10. */
#define ENGINE_API_OLDEST_MINOR 41
/* The newest whose answers are known to be read rightly: Engine 29. */
#define ENGINE_API_NEWEST_MINOR 52

/* An answer that takes longer than this is a hung engine. Streams have no limit. */
#define ENGINE_TIMEOUT_NS (60 * DS_NS_PER_S)
/* For the question whether an engine is there at all. */
#define ENGINE_CONNECT_TIMEOUT_NS (10 * DS_NS_PER_S)

/* Where an engine listens, from the user's settings (address.c). */
struct engine_address {
    char *text;        /* as the user wrote it: unix:///var/run/docker.sock */
    char *unix_socket; /* path, or NULL */
    char *base_url;    /* http://engine, https://host:2376 */
    char *ca_file, *certificate_file, *key_file;
    bool tls, insecure;
};
bool engine_address_find(const struct ds_variables *environment, struct engine_address *ret,
                         struct ds_error *err);
void engine_address_finish(struct engine_address *address);

/* The user's Docker configuration (docker_config.c). */
char *docker_config_folder(const struct ds_variables *environment);
/* config.json, or an empty object when there is none; the caller decrefs. NULL: unreadable. */
json_t *docker_config_load(const char *folder, struct ds_error *err);

struct ds_engine {
    struct ds_http *http;
    struct engine_address address;
    struct ds_variables environment;
    char *version, *api_version; /* known once connected */
    struct ds_engine_call *calls;
};

/*
 * One operation of one or more requests. Operations embed it as their first member, so that the
 * handle that callers hold is the operation itself.
 *
 * All callbacks run between enter and leave; an operation that was cancelled or finished inside
 * is `ended` at once and released by the last leave. Loops that call back must look at `ended`
 * after each callback.
 */
struct ds_engine_call {
    struct ds_engine *engine; /* not to be used once ended */
    struct ds_engine_call *previous, *next;
    struct ds_http_call *http;  /* the request under way, or NULL */
    struct engine_delay *delay; /* of engine_call_after(), or NULL */
    unsigned busy;
    bool ended;
    /* Frees the operation. Handles it owns may outlive this by their close callbacks. */
    void (*release)(struct ds_engine_call *call);
    /* Of the request under way. */
    void (*on_answer)(struct ds_engine_call *call, const struct ds_http_answer *answer);
    void (*on_status)(struct ds_engine_call *call, int status);
    void (*on_data)(struct ds_engine_call *call, const char *bytes, size_t length);
};

void engine_call_begin(struct ds_engine_call *call, struct ds_engine *engine,
                       void (*release)(struct ds_engine_call *call));
void engine_call_enter(struct ds_engine_call *call);
void engine_call_leave(struct ds_engine_call *call);
/* Ends the call, so that its last callback may be made. Only between enter and leave. */
void engine_call_end(struct ds_engine_call *call);

/* Calls `resume` in `ms` milliseconds, never from inside; the end of the call prevents it. One at a
 * time. */
void engine_call_after(struct ds_engine_call *call, uint64_t ms,
                       void (*resume)(struct ds_engine_call *call));

struct engine_request {
    const char *method;
    const char *path; /* from the slash after the version on, encoded */
    bool unversioned;
    json_t *json; /* the body; taken over. Or: */
    const void *body;
    size_t body_length;
    const char *content_type;
    const struct ds_strings *headers;
    bool endless;     /* no timeout */
    uint64_t timeout; /* ns; 0: ENGINE_TIMEOUT_NS */
    void (*on_answer)(struct ds_engine_call *call, const struct ds_http_answer *answer);
    void (*on_status)(struct ds_engine_call *call, int status);                     /* optional */
    void (*on_data)(struct ds_engine_call *call, const char *bytes, size_t length); /* optional */
};
void engine_call_send(struct ds_engine_call *call, const struct engine_request *request);

/* What an answer other than a success means (fault.c). `what` says what was wanted: "start
 * container shop-db". Returns false. */
bool engine_fault(const struct ds_engine *engine, const struct ds_http_answer *answer,
                  const char *what, struct ds_error *err) __attribute__((nonnull(1, 2, 3)));
/* The engine's own words in an error answer; the caller frees. */
char *engine_fault_words(const struct ds_http_answer *answer);
static inline bool engine_answer_ok(const struct ds_http_answer *answer)
{
    return answer->outcome == DS_HTTP_ANSWERED && answer->status >= 200 && answer->status < 300;
}
/* The body of a successful answer; NULL and an error for anything else. The caller decrefs. */
json_t *engine_answer_json(const struct ds_engine *engine, const struct ds_http_answer *answer,
                           const char *what, struct ds_error *err);

/* An operation of one request whose success has nothing to tell (plain_call.c). `what` is taken
 * over. Statuses in `also_fine` (0-terminated, may be NULL) count as success too. */
struct ds_engine_call *engine_plain_call(struct ds_engine *engine, struct engine_request *request,
                                         char *what, const int *also_fine, ds_engine_done_fn done,
                                         void *data);

/* Members of JSON objects that may be absent, null or of another type than expected. */
const char *engine_json_string(const json_t *object, const char *key); /* "" when absent */
void engine_json_labels(const json_t *object, struct ds_variables *ret_labels);
/* {"label": ["…"]} and the like, percent-encoded for a query; the caller frees. Takes `filters`. */
char *engine_filters(json_t *filters);

static inline void engine_decref(json_t **json)
{
    json_decref(*json);
}
#define auto_json __attribute__((cleanup(engine_decref)))

#endif
