/*
 * The tables, and the readers of keys that have a shape of their own. Each reader's target is what
 * its comment says; a `struct ds_service_spec` has its kind and name set before.
 */
#ifndef MANIFEST_KEYS_H
#define MANIFEST_KEYS_H

#include "field.h"

extern const struct ds_table ds_table_top;         /* struct ds_manifest */
extern const struct ds_table ds_table_service;     /* struct ds_service_spec */
extern const struct ds_table ds_table_health;      /* struct ds_health */
extern const struct ds_table ds_table_http;        /* struct ds_health */
extern const struct ds_table ds_table_watch;       /* struct ds_watch_spec */
extern const struct ds_table ds_table_postgres;    /* struct ds_postgres */
extern const struct ds_table ds_table_environment; /* struct ds_environment_keys */
extern const struct ds_table ds_table_secret;      /* struct ds_secret_spec */
extern const struct ds_table ds_table_config;      /* struct ds_config_spec */

/* One entry of `environments:`. */
struct ds_environment_keys {
    char *purpose;
    char *url;
    bool is_protected;
    struct ds_settings environment;
};

/* The keys that say what a service is. */
struct ds_kind_key {
    const char *word;
    enum ds_kind kind;
    unsigned bit; /* DS_FOR_… */
};
extern const struct ds_kind_key ds_kind_keys[];
extern const size_t ds_kind_key_count;
const struct ds_kind_key *ds_kind_key_find(const char *word);

/* Target: the struct ds_service_spec. */
void ds_read_port(struct ds_reader *reader, const struct ds_node *node, void *spec);
void ds_read_ports(struct ds_reader *reader, const struct ds_node *node, void *spec);
void ds_read_volumes(struct ds_reader *reader, const struct ds_node *node, void *spec);
void ds_read_tmpfs(struct ds_reader *reader, const struct ds_node *node, void *spec);
void ds_read_secret_files(struct ds_reader *reader, const struct ds_node *node, void *spec);
void ds_read_depends_on(struct ds_reader *reader, const struct ds_node *node, void *spec);
void ds_read_env_file(struct ds_reader *reader, const struct ds_node *node, void *spec);
void ds_read_postgres(struct ds_reader *reader, const struct ds_node *node, void *spec);
void ds_read_working_dir(struct ds_reader *reader, const struct ds_node *node, void *spec);
void ds_read_extra_hosts(struct ds_reader *reader, const struct ds_node *node, void *spec);

/* Target: int. */
void ds_read_signal(struct ds_reader *reader, const struct ds_node *node, void *number);
const char *ds_stop_signal_name(int number);

/* Target: struct ds_watch_spec. Its paths are as written until ds_complete_watch(). */
void ds_read_watch(struct ds_reader *reader, const struct ds_node *node, void *watch);
void ds_complete_watch(struct ds_reader *reader, struct ds_service_spec *spec);

/* Target: struct ds_health. */
void ds_read_healthcheck(struct ds_reader *reader, const struct ds_node *node, void *health);
/* What can only be said of a health check when the whole service is known. */
void ds_check_health(struct ds_reader *reader, struct ds_service_spec *spec);
const struct ds_port *ds_port_find(const struct ds_service_spec *spec, const char *name);

/* The fields that follow are of the manifest. */
void ds_read_secrets(struct ds_reader *reader, const struct ds_node *node, void *manifest);
void ds_read_configs(struct ds_reader *reader, const struct ds_node *node, void *manifest);
void ds_read_services(struct ds_reader *reader, const struct ds_node *node, void *manifest);

/* `word` is lower case letters, digits and the characters of `more`, starts with a letter and has
 * at most `limit` characters; else a fault at `node`. */
bool ds_check_name(struct ds_reader *reader, const struct ds_node *node, const char *what,
                   const char *more, size_t limit);

void ds_settings_finish(struct ds_settings *settings);

#endif
