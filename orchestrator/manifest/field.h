/*
 * Fields: the one description of a key from which the parser, the JSON Schema and the reference in
 * docs/ are made. A table is a list of fields and belongs to one mapping of the file; it fills one
 * struct.
 */
#ifndef MANIFEST_FIELD_H
#define MANIFEST_FIELD_H

#include <stdbool.h>
#include <stddef.h>

#include "devstack/manifest/manifest.h"
#include "interpolate.h"
#include "tree.h"

/* What is needed while a file is read. */
struct ds_reader {
    struct ds_manifest *manifest;
    struct ds_faults *faults;
    struct ds_strings services;           /* all names */
    const struct ds_variables *variables; /* what ${VAR} is looked up in */
    const struct ds_variables *shell;     /* for `environment: [NAME]` */
    struct ds_variables from_env_file;    /* of the service that is being read */
};

/* Which services a key belongs to, by the kind key they are written with. */
enum {
    DS_FOR_RUN = 1 << 0,
    DS_FOR_TASK = 1 << 1,
    DS_FOR_IMAGE = 1 << 2,
    DS_FOR_POSTGRES = 1 << 3,
    DS_FOR_EXTERNAL = 1 << 4,
    DS_FOR_PROCESSES = DS_FOR_RUN | DS_FOR_TASK,
    DS_FOR_CONTAINERS = DS_FOR_IMAGE | DS_FOR_POSTGRES,
    DS_FOR_PORTS = DS_FOR_RUN | DS_FOR_CONTAINERS,
    DS_FOR_OURS = DS_FOR_PROCESSES | DS_FOR_CONTAINERS,
    DS_FOR_ALL = DS_FOR_OURS | DS_FOR_EXTERNAL,
};

enum ds_field_type {
    DS_FIELD_TEXT,     /* char * */
    DS_FIELD_PATH,     /* char *, made absolute */
    DS_FIELD_TEMPLATE, /* struct ds_template * */
    DS_FIELD_BOOL,
    DS_FIELD_NUMBER,   /* unsigned, from `least` to `most` */
    DS_FIELD_FRACTION, /* double, more than 0 */
    DS_FIELD_DURATION, /* uint64_t, nanoseconds */
    DS_FIELD_BYTES,    /* uint64_t */
    DS_FIELD_WORD,     /* int: the index in `words` */
    DS_FIELD_TEXTS,    /* struct ds_strings, a list */
    DS_FIELD_PATHS,    /* struct ds_strings, a list or one, made absolute */
    DS_FIELD_SETTINGS, /* struct ds_settings, a mapping or a list of NAME=value */
    DS_FIELD_COMMAND,  /* struct ds_command, a string or a list */
    DS_FIELD_TABLE,    /* a mapping that `table` describes, filling the struct at `offset` */
    DS_FIELD_CUSTOM,   /* `read` does it, `schema` and `shape` describe it */
    DS_FIELD_LATER,    /* known and refused: this version does not do it */
};

struct ds_table;
struct ds_field {
    const char *name;
    enum ds_field_type type;
    size_t offset;
    unsigned kinds; /* of services; 0 elsewhere */
    bool required;
    const char *description; /* a sentence or two, Markdown */
    const char *fallback;    /* what holds when the key is not there, as written in a file; NULL */
    const char *example;     /* a value, YAML in one line */
    unsigned least, most;
    const char *const *words; /* ends with NULL; synonyms of the word before stand as "=word" */
    const struct ds_table *table;
    void (*read)(struct ds_reader *reader, const struct ds_node *node, void *target);
    const char *schema; /* JSON */
    const char *shape;  /* for people: "a port or `auto`" */
};

struct ds_table {
    const char *name; /* of the definition in the schema */
    const struct ds_field *fields;
    size_t count;
};

/* Fills `base` from a mapping. `owner` names it in messages ("service 'api'"); `kinds` is the
 * service's, 0 elsewhere. */
void ds_table_read(struct ds_reader *reader, const struct ds_table *table,
                   const struct ds_node *node, const char *owner, unsigned kinds, void *base);
/* Fills `base` with every key's fallback, read as if it stood in the file. */
void ds_table_read_defaults(struct ds_reader *reader, const struct ds_table *table, unsigned kinds,
                            void *base);
const struct ds_field *ds_table_find(const struct ds_table *table, const char *name);
/* Adds the fault for a key that `table` does not have, with the nearest one that it has. */
void ds_table_refuse(struct ds_reader *reader, const struct ds_table *table,
                     const struct ds_node *key, const char *owner);

/* Values, for custom readers; false (NULL) with a fault when it is none. A text must not be empty
 * or blank, what is filled into variables included. */
bool ds_read_text(struct ds_reader *reader, const struct ds_node *node, char **ret_text);
bool ds_read_bool(struct ds_reader *reader, const struct ds_node *node, bool *ret_value);
bool ds_read_number(struct ds_reader *reader, const struct ds_node *node, unsigned least,
                    unsigned most, unsigned *ret_value);
bool ds_read_duration(struct ds_reader *reader, const struct ds_node *node, uint64_t *ret_value);
bool ds_read_bytes(struct ds_reader *reader, const struct ds_node *node, uint64_t *ret_value);
struct ds_template *ds_read_template(struct ds_reader *reader, const struct ds_node *node,
                                     enum ds_interpolation_mode mode);
/* The same for a value that must not be empty, as far as that can be seen before it is expanded. */
struct ds_template *ds_read_filled_template(struct ds_reader *reader, const struct ds_node *node);
bool ds_read_texts(struct ds_reader *reader, const struct ds_node *node,
                   struct ds_strings *ret_texts);
void ds_read_settings(struct ds_reader *reader, const struct ds_node *node,
                      struct ds_settings *ret_settings);
void ds_read_command(struct ds_reader *reader, const struct ds_node *node,
                     struct ds_command *ret_command);
/* A container's: a string is split into words as a shell would, but no shell runs it. */
void ds_read_arguments(struct ds_reader *reader, const struct ds_node *node, void *ret_command);
void ds_command_add(struct ds_command *command, struct ds_template *word);
/* "expected <what>, found <the node>". Returns false. */
bool ds_read_refuse(struct ds_reader *reader, const struct ds_node *node, const char *expected);
/* `path` from the manifest's folder; `~/` is the home folder. The caller frees. */
char *ds_read_resolve_path(const struct ds_reader *reader, const char *path);

/* The setting of that name, or NULL. */
struct ds_setting *ds_settings_find(const struct ds_settings *settings, const char *name);
void ds_settings_add(struct ds_settings *settings, const char *name, struct ds_template *value,
                     struct ds_where where);

#endif
