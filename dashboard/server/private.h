/* What the files of this room share: the server, a request under way, a stream. */
#ifndef SERVER_PRIVATE_H
#define SERVER_PRIVATE_H

#include <microhttpd.h>
#include <stdbool.h>
#include <stdint.h>

#include "devstack/server.h"

struct stream;

struct ds_server {
    uv_loop_t *loop;
    struct ds_stack *stack;
    struct MHD_Daemon *daemon;
    char *path;
    uv_poll_t poll;       /* the daemon's epoll descriptor */
    uv_timer_t timer;     /* the daemon's next time-out, or 0 ms after a resume */
    uv_timer_t keepalive; /* comments on quiet streams */
    uv_timer_t deadline;  /* of closing */
    int open_handles;
    unsigned requests; /* begun and not completed */
    struct stream *streams;
    struct ds_stack_subscription *on_stack;
    struct ds_log_subscription *on_logs;
    char *stack_json; /* of the version below: all streams share the text */
    uint64_t stack_version;
    bool closing;
    bool stopped; /* the daemon is gone */
    void (*on_closed)(void *data);
    void *closed_data;
};

/* One exchange, from its first header to its last byte. */
struct request {
    struct ds_server *server;
    struct MHD_Connection *connection;
    char *subject; /* what {s} of the route matched, or NULL */
    size_t body;   /* bytes seen; no route reads one */
    bool too_large;
};

/* Lets the daemon run in the next turn of the loop: needed after every resume, and never done from
 * inside one of its own callbacks. */
void server_kick(struct ds_server *server);
/* The newest snapshot as JSON; borrowed until the next call. */
const char *server_stack_json(struct ds_server *server, const struct ds_snapshot *snapshot);

/* routes.c */
enum MHD_Result routes_answer(struct request *request, const char *method, const char *path);

/* reply.c: each queues one response. */
enum MHD_Result reply_json(struct request *request, unsigned status, const char *json);
/* `type` is borrowed, `data` (malloc'd) is taken. */
enum MHD_Result reply_take(struct request *request, unsigned status, const char *type, char *data,
                           size_t length);
enum MHD_Result reply_problem(struct request *request, unsigned status, const char *code,
                              const char *format, ...) __attribute__((format(printf, 4, 5)));
/* 405, naming what is allowed. */
enum MHD_Result reply_not_allowed(struct request *request, const char *allow);

/* stream.c */
/* A stream keeps at most this many bytes for a reader that is behind; then log lines are skipped
 * and counted, and of the snapshots the newest alone is kept. */
#define STREAM_LIMIT ((size_t)2 << 20)
struct stream_topics {
    bool services, logs;
    bool replay;    /* begin with the lines in memory … */
    uint64_t after; /* … that come after this sequence */
};
enum MHD_Result stream_begin(struct request *request, const struct stream_topics *topics);
void streams_on_snapshot(struct ds_server *server, struct ds_snapshot *snapshot);
void streams_on_log(struct ds_server *server, const struct ds_log_entry *entry);
void streams_keep_alive(struct ds_server *server);
/* Puts the last snapshot and `end` at the end of every stream. */
void streams_end(struct ds_server *server, struct ds_snapshot *last);
/* Resumes what is suspended, as the daemon demands before it stops. */
void streams_resume(struct ds_server *server);

#endif
