/*
 * The Docker Engine, spoken to through its HTTP API (1.41 and up; version negotiated through
 * /_ping).
 *
 * Every call is asynchronous: its callback fires once, on the loop, unless the call is cancelled. A
 * callback's error is NULL on success and borrowed otherwise; DS_ERROR_MISSING means that the
 * engine (then `unreachable` is set), image or container is not there. Sources: Docker Engine API
 * reference v1.41 (docs.docker.com/engine/api/v1.41/).
 */
#ifndef DEVSTACK_DOCKER_ENGINE_H
#define DEVSTACK_DOCKER_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <uv.h>

#include "devstack/base/error.h"
#include "devstack/base/text.h"
#include "devstack/loop/http.h"

struct ds_engine;
struct ds_engine_call; /* cancel it, or let it finish */

typedef void (*ds_engine_done_fn)(void *data, const struct ds_error *error);

/* Where the engine is: DOCKER_HOST (with DOCKER_TLS_VERIFY, DOCKER_CERT_PATH), else DOCKER_CONTEXT
 * or the current context of
 * ~/.docker/config.json, else unix:///var/run/docker.sock. Reads files only. `environment` is what
 * the user's shell has. */
struct ds_engine *ds_engine_create(struct ds_http *http, const struct ds_variables *environment,
                                   struct ds_error *err);
void ds_engine_destroy(struct ds_engine *engine);              /* cancels everything under way */
const char *ds_engine_address(const struct ds_engine *engine); /* "unix:///var/run/docker.sock" */
bool ds_engine_is_local(const struct ds_engine *engine);       /* a unix socket */
void ds_engine_cancel(struct ds_engine_call *call);

struct ds_engine_info {
    const char *version;     /* "20.10.24" */
    const char *api_version; /* negotiated, "1.41" */
};
/* Is it there, and new enough? Must succeed before anything else is called. */
struct ds_engine_call *ds_engine_connect(struct ds_engine *engine,
                                         void (*done)(void *data, const struct ds_engine_info *info,
                                                      const struct ds_error *error),
                                         void *data);

/* Images. */
struct ds_engine_call *ds_engine_image_present(struct ds_engine *engine, const char *image,
                                               void (*done)(void *data, bool present,
                                                            const struct ds_error *error),
                                               void *data);
/* Can the image be had: is it here, or does its registry have it for us (with the credentials that
 * a pull would use)? No error: yes, or the engine cannot ask. DS_ERROR_MISSING: no, and the message
 * says only why ("manifest unknown"), the hint what to do. A registry has 10 s to answer. */
struct ds_engine_call *ds_engine_image_available(struct ds_engine *engine, const char *image,
                                                 ds_engine_done_fn done, void *data);
struct ds_pull_progress {
    uint64_t bytes_done, bytes_total; /* over all layers known so far */
    unsigned layers_done, layers_total;
};
/* Pulls with the registry's credentials from the user's Docker configuration (auths, credsStore,
 * credHelpers). */
struct ds_engine_call *
ds_engine_pull(struct ds_engine *engine, const char *image, const char *platform,
               void (*progress)(void *data, const struct ds_pull_progress *progress),
               ds_engine_done_fn done, void *data);

/* Containers. */
struct ds_engine_port {
    uint16_t container; /* TCP */
    uint16_t host;      /* on host_address; 0: the engine picks */
};
struct ds_engine_mount {
    enum { DS_ENGINE_VOLUME, DS_ENGINE_BIND, DS_ENGINE_TMPFS } type;
    const char *source, *target;
    bool read_only;
};
struct ds_container_config {
    const char *name;
    const char *image;
    const char *platform;                          /* NULL: the engine's */
    const char *user, *working_dir;                /* NULL: the image's */
    const struct ds_strings *command, *entrypoint; /* NULL or empty: the image's */
    const struct ds_variables *environment, *labels;
    const struct ds_engine_port *ports;
    size_t port_count;
    const char *host_address; /* "127.0.0.1" */
    const struct ds_engine_mount *mounts;
    size_t mount_count;
    const char *network; /* NULL: the engine's default */
    const char *network_alias;
    bool init, tty;
    uint64_t shm_size, mem_limit; /* bytes, 0: default */
    double cpus;
    const struct ds_strings *cap_add, *extra_hosts;
    const char *stop_signal;                   /* "SIGINT", or NULL */
    bool has_healthcheck_test;                 /* healthcheck: {test: …} */
    const struct ds_strings *healthcheck_test; /* ["CMD", …]; NULL or empty: none at all */
    uint64_t healthcheck_interval, healthcheck_timeout; /* ns, 0: the image's or the engine's */
    unsigned healthcheck_retries;                       /* 0: likewise */
};
struct ds_engine_call *
ds_container_create(struct ds_engine *engine, const struct ds_container_config *config,
                    void (*done)(void *data, const char *id, const struct ds_error *error),
                    void *data);
/* Puts one file into a created container through PUT /containers/{id}/archive, so that it shows in
 * no inspection. Folders above it that are missing are made (root's, 0755), those that are there
 * stay as they are. The path is absolute and normal; what is below a tmpfs mount is hidden by the
 * mount when the container starts. Our copies of the contents are wiped. */
struct ds_engine_call *ds_container_put_file(struct ds_engine *engine, const char *id,
                                             const char *path, const void *contents, size_t length,
                                             unsigned uid, unsigned gid, mode_t mode,
                                             ds_engine_done_fn done, void *data);
/* One that runs already is no error; DS_ERROR_PORT when a host port is taken. */
struct ds_engine_call *ds_container_start(struct ds_engine *engine, const char *id,
                                          ds_engine_done_fn done, void *data);
/* DS_ERROR_NOT_RUNNING when it does not run. */
struct ds_engine_call *ds_container_signal(struct ds_engine *engine, const char *id,
                                           const char *signal, ds_engine_done_fn done, void *data);
/* Forces it away with its anonymous volumes; one that is gone already is no error. */
struct ds_engine_call *ds_container_remove(struct ds_engine *engine, const char *id,
                                           ds_engine_done_fn done, void *data);
struct ds_container_state {
    const char *id, *name, *image;
    bool running, oom_killed;
    bool has_health;    /* the image or config has a HEALTHCHECK */
    const char *health; /* "starting", "healthy", "unhealthy", or NULL */
    int exit_code;
    pid_t pid;                          /* on the engine's host; 0 when it does not run */
    const char *error;                  /* the engine's word for a failed start, or "" */
    const char *stop_signal;            /* the config's, else the image's; "" for the default */
    const struct ds_engine_port *ports; /* as published */
    size_t port_count;
    const struct ds_variables *labels;
};
struct ds_engine_call *ds_container_inspect(struct ds_engine *engine, const char *id,
                                            void (*done)(void *data,
                                                         const struct ds_container_state *state,
                                                         const struct ds_error *error),
                                            void *data);
/* Resolves when it has ended. */
struct ds_engine_call *ds_container_wait(struct ds_engine *engine, const char *id,
                                         void (*done)(void *data, int exit_code,
                                                      const struct ds_error *error),
                                         void *data);
/* How far a container's output was read, for each of its two streams: the engine's stamp of the
 * last piece and the bytes read under that stamp. Zeroed: nothing yet. */
struct ds_log_position {
    struct {
        int64_t at; /* wall clock ns of the engine's host */
        uint64_t bytes;
    } streams[2]; /* stdout, stderr */
};
/* Reads stdout and stderr (demultiplexed, unless the container has a tty) from `position`, which
 * is kept up to date and must outlive the call: the next call with it repeats nothing and leaves
 * nothing out. With `follow` up to the container's end, else up to what there is now. To be called
 * once the container was started: one that was only created has ended, to the engine. Pieces are
 * as the engine sends them, not lines. */
struct ds_engine_call *ds_container_logs(struct ds_engine *engine, const char *id, bool follow,
                                         struct ds_log_position *position,
                                         void (*output)(void *data, bool is_stderr,
                                                        const char *bytes, size_t length),
                                         ds_engine_done_fn done, void *data);
/* Runs a command inside; output is both streams together, at most 64 KiB of it. */
struct ds_engine_call *ds_container_exec(struct ds_engine *engine, const char *id,
                                         const struct ds_strings *command,
                                         void (*done)(void *data, int exit_code, const char *output,
                                                      const struct ds_error *error),
                                         void *data);

/* Objects of a label ("dev.devstack.run=…"), running or not. */
enum ds_engine_object { DS_ENGINE_CONTAINERS, DS_ENGINE_VOLUMES, DS_ENGINE_NETWORKS };
struct ds_engine_item {
    char *id, *name;
    struct ds_variables labels;
    char *state;          /* containers: "running", "exited" … */
    uint16_t *host_ports; /* containers: published TCP ports */
    size_t host_port_count;
};
/* `label` NULL: all. The items are borrowed for the callback. */
struct ds_engine_call *ds_engine_list(struct ds_engine *engine, enum ds_engine_object kind,
                                      const char *label,
                                      void (*done)(void *data, const struct ds_engine_item *items,
                                                   size_t count, const struct ds_error *error),
                                      void *data);
struct ds_engine_call *ds_engine_remove(struct ds_engine *engine, enum ds_engine_object kind,
                                        const char *id, ds_engine_done_fn done, void *data);
struct ds_engine_call *ds_volume_create(struct ds_engine *engine, const char *name,
                                        const struct ds_variables *labels, ds_engine_done_fn done,
                                        void *data);
struct ds_engine_call *ds_network_create(struct ds_engine *engine, const char *name,
                                         const struct ds_variables *labels, ds_engine_done_fn done,
                                         void *data);

/* Events. */
struct ds_engine_event {
    const char *action;    /* "start", "die", "oom", "health_status: healthy", "destroy" … */
    const char *container; /* id */
    int exit_code;         /* of "die", else -1 */
};
/*
 * Follows container events with `label`; reconnects by itself with a back-off. `event` NULL in the
 * callback means: the stream was interrupted and is connected again, look at your containers anew.
 */
struct ds_engine_call *
ds_engine_events(struct ds_engine *engine, const char *label,
                 void (*on_event)(void *data, const struct ds_engine_event *event), void *data);

#endif
