/*
 * The manifest: what `services.yaml` says, checked, with the chosen environment laid over it.
 * Immutable once loaded.
 *
 * Everything here is owned by the manifest and lives until ds_manifest_free(). Durations are
 * nanoseconds. Paths are absolute. A preset (`postgres:`) is lowered to a container with a health
 * check of its own, so rooms below know containers only.
 */
#ifndef DEVSTACK_MANIFEST_MANIFEST_H
#define DEVSTACK_MANIFEST_MANIFEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "devstack/base/error.h"
#include "devstack/base/text.h"
#include "devstack/manifest/faults.h"
#include "devstack/manifest/template.h"

enum ds_kind {
    DS_KIND_PROCESS,   /* run: */
    DS_KIND_TASK,      /* task: */
    DS_KIND_CONTAINER, /* image:, and presets */
    DS_KIND_EXTERNAL,  /* external: */
};

/* A command: one string for /bin/sh -c, or a list that is executed as it is. */
struct ds_command {
    struct ds_template **items; /* one item when `shell` */
    size_t count;
    bool shell;
    struct ds_where where;
};

struct ds_setting { /* one line of `environment:`, `labels:`, `headers:` … */
    char *name;
    struct ds_template *value;
    struct ds_where where;
};

struct ds_settings {
    struct ds_setting *items;
    size_t count;
    size_t capacity;
};

struct ds_port {
    char *name;         /* "" for the one of `port:`; the first port is the service's default */
    uint16_t host;      /* 0: automatic */
    uint16_t container; /* containers only */
    struct ds_where where;
};

enum ds_condition {
    DS_CONDITION_READY, /* the list form: a task completed, anything else healthy (or running when
                           it has no check) */
    DS_CONDITION_STARTED,
    DS_CONDITION_HEALTHY,
    DS_CONDITION_COMPLETED,
};

struct ds_dependency {
    char *service;
    enum ds_condition condition;
    bool restart;
    struct ds_where where;
};

enum ds_health_kind {
    DS_HEALTH_DEFAULT, /* by kind: a port's listener; Docker's HEALTHCHECK, then the port; none */
    DS_HEALTH_NONE,    /* disable: true */
    DS_HEALTH_HTTP,
    DS_HEALTH_TCP,
    DS_HEALTH_EXEC,
    DS_HEALTH_LOG,
    DS_HEALTH_POSTGRES,
    DS_HEALTH_REDIS,
};

struct ds_health {
    enum ds_health_kind kind;
    char *http_path; /* starts with '/' */
    char *port_name; /* of ds_port; NULL: the default port */
    uint16_t port;   /* a number instead, 0 when none was given */
    uint16_t status; /* expected HTTP status, 0: any of 200..399 */
    struct ds_settings headers;
    struct ds_command exec;
    char *log_pattern;
    uint64_t interval;      /* 5 s */
    uint64_t timeout;       /* 2 s */
    uint64_t start_timeout; /* 60 s */
    unsigned retries;       /* 3 */
    bool any_owner;         /* owner: any */
    bool disable;           /* disable: true, whatever else stands there */
    struct ds_where where;
};

enum ds_restart { DS_RESTART_NO, DS_RESTART_ON_FAILURE, DS_RESTART_ALWAYS };

struct ds_mount {
    enum { DS_MOUNT_VOLUME, DS_MOUNT_BIND, DS_MOUNT_TMPFS } type;
    char *source; /* volume's short name (the stack prefixes it), or an absolute path; NULL for
                     tmpfs */
    char *target;
    bool read_only;
};

/* A secret that becomes a file in the container. */
struct ds_secret_file {
    char *target;              /* absolute path inside */
    struct ds_template *value; /* usually `${secrets.NAME}` */
    unsigned uid, gid, mode;   /* as numbers inside the container; mode like 0400 */
};

struct ds_container {
    char *image;
    enum { DS_PULL_MISSING, DS_PULL_ALWAYS, DS_PULL_NEVER } pull_policy;
    struct ds_command command;    /* count 0: the image's */
    struct ds_command entrypoint; /* count 0: the image's */
    struct ds_mount *mounts;
    size_t mount_count;
    struct ds_secret_file *files;
    size_t file_count;
    bool init;
    uint64_t shm_size;  /* bytes, 0: the engine's default */
    uint64_t mem_limit; /* bytes, 0: none */
    double cpus;        /* 0: all */
    struct ds_strings cap_add;
    struct ds_strings extra_hosts;
    char *platform;
};

struct ds_watch_spec {        /* `watch:`, of processes */
    struct ds_strings paths;  /* absolute; none: nothing is watched */
    struct ds_strings ignore; /* lines of a .gitignore file in the working_dir */
    uint64_t debounce;        /* 100 ms */
};

struct ds_service_spec {
    char *name;
    struct ds_where where;
    enum ds_kind kind;
    const char *kind_word; /* as in the file: "run", "task", "image", "postgres", "external" */
    char *description;
    struct ds_command command; /* run:, task: */
    struct ds_container container;
    struct ds_template *external; /* the URL */
    char *url_scheme;             /* "http", "postgres", "redis", "tcp" … for ${x.url} */
    /* Credentials that ${x.user}, .password, .database and .url are made of; NULL when it has none.
     */
    struct ds_template *user_name;
    struct ds_template *password;
    struct ds_template *database;
    struct ds_port *ports; /* the first is the default port */
    size_t port_count;
    struct ds_settings environment;
    struct ds_strings env_files; /* absolute */
    char *working_dir;           /* absolute; the file's folder when not given */
    char *user;                  /* user: of a process or container */
    struct ds_strings profiles;
    struct ds_settings labels;
    struct ds_settings links;
    struct ds_dependency *depends_on; /* edges to disabled services are gone */
    size_t depends_on_count;
    struct ds_health health;
    enum ds_restart restart;
    uint64_t backoff_initial; /* 100 ms */
    uint64_t backoff_max;     /* 10 s */
    int stop_signal;          /* SIGTERM; 0: the image's own */
    uint64_t stop_grace;      /* 10 s */
    struct ds_watch_spec watch;
    bool tty;
    bool autostart; /* true unless said otherwise */
    bool disabled;
};

struct ds_secret_spec {
    char *name;
    char *prompt;           /* NULL: one is made from the name */
    size_t generate_length; /* 0: cannot be generated */
    uint64_t rotate_after;  /* 0: never warned about */
    struct ds_where where;
};

struct ds_config_spec {
    char *name;
    char *file; /* absolute path of the template */
    struct ds_template *contents;
    bool tainted; /* then the rendered file is 0600 (it is 0644 otherwise) */
    struct ds_where where;
};

struct ds_manifest {
    char *file;        /* as it was named, for messages */
    char *folder;      /* the project folder's real path */
    char *name;        /* of the stack */
    char *environment; /* the chosen one, "local" when none was */
    bool is_protected;
    bool keyring_required;
    uint16_t dashboard_port;          /* 0: none was given */
    struct ds_service_spec *services; /* in the file's order, disabled ones included */
    size_t service_count;
    struct ds_secret_spec *secrets;
    size_t secret_count;
    struct ds_config_spec *configs;
    size_t config_count;
    struct ds_strings environments; /* names, in the file's order; `local` is always one */
    char *environment_purpose;      /* of the chosen one, or NULL */
    char *environment_url;          /* of the chosen one, or NULL */
    struct ds_strings files;        /* names that a `struct ds_where` points into */
};

struct ds_manifest_options {
    const char *environment;          /* NULL: "local" */
    const struct ds_variables *shell; /* what ${VAR} is looked up in first */
    /* And then: dotenv settings (devstack/environment/environment.h reads them); behind them the
     * chosen environment's own `environment:`. May be NULL. */
    const struct ds_variables *settings;
};

/*
 * Loads and checks `path`. NULL when there are errors; warnings may be there either way. Every
 * fault is in `faults`, sorted. Reads the file and the files it names (config templates, env
 * files), and nothing else; starts nothing. ds_environment_load_manifest() reads the dotenv files
 * first.
 */
struct ds_manifest *ds_manifest_load(const char *path, const struct ds_manifest_options *options,
                                     struct ds_faults *faults);
/* The same from memory, for tests and fuzzing: files it names are looked for under `folder`. */
struct ds_manifest *ds_manifest_parse(const char *file, const char *folder, const char *text,
                                      size_t length, const struct ds_manifest_options *options,
                                      struct ds_faults *faults);
void ds_manifest_free(struct ds_manifest *manifest);

const struct ds_service_spec *ds_manifest_service(const struct ds_manifest *manifest,
                                                  const char *name);
/*
 * Which secrets a start of the `wanted` services (a flag for each of the manifest's services; NULL:
 * all of them) reads: in their own values, in addresses of other services, in the configs they
 * name. Disabled services need none. Sets every flag of `needed`, one for each of the manifest's
 * secrets.
 */
void ds_manifest_needed_secrets(const struct ds_manifest *manifest, const bool *wanted,
                                bool *needed);
/* Walks up from `start` to the first folder that holds services.yaml (or services.yml); the caller
 * frees. */
bool ds_manifest_find(const char *start, char **ret_path, struct ds_error *err);
/* The JSON Schema (2020-12) of services.yaml, made from the field table; pretty-printed; the caller
 * frees. */
char *ds_manifest_schema(void);
/* The resolved file as YAML or JSON, secrets masked; the caller frees. */
char *ds_manifest_dump_json(const struct ds_manifest *manifest);
char *ds_manifest_dump_yaml(const struct ds_manifest *manifest);

#endif
