/*
 * Verbs and flags: one table of each, from which parsing and help come. A handler gets a context
 * and returns the exit code; only this room prints.
 */
#ifndef CLI_VERB_H
#define CLI_VERB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "devstack/base/error.h"
#include "devstack/base/terminal.h"
#include "devstack/base/text.h"
#include "devstack/stack/start.h"

enum flag_id {
    FLAG_NONE, /* ends a verb's list */
    FLAG_AUTO_PORTS,
    FLAG_COLOR_OFF,
    FLAG_DETACH,
    FLAG_DIRECTORY,
    FLAG_ENVIRONMENT,
    FLAG_FILE,
    FLAG_FORMAT,
    FLAG_HELP,
    FLAG_INSTANCE,
    FLAG_JSON,
    FLAG_NO_DEPS,
    FLAG_QUIET,
    FLAG_TIMEOUT,
    FLAG_VERBOSE,
    FLAG_VERSION,
    FLAG_VOLUMES,
    FLAG_YES,
};
#define FLAG_COUNT 18

struct flag {
    const char *name;  /* "--timeout" */
    const char *value; /* what it takes, for help; NULL: nothing */
    const char *help;
    enum flag_id id;
    char letter; /* 'd', or 0 */
    bool global; /* every verb takes it */
};

struct context;

struct verb {
    const char *name;
    const char *usage; /* what follows the name: "[SERVICE…] [-d]" */
    const char *summary;
    const enum flag_id *flags; /* FLAG_NONE-terminated, besides the global ones; NULL: none */
    size_t least, most;        /* arguments */
    bool hidden;
    int (*run)(struct context *context);
};

/* Sorted by name. */
extern const struct verb verbs[];
extern const size_t verb_count;
extern const struct flag flags[];
extern const size_t flag_count;

const struct verb *verb_find(const char *name);
bool verb_takes(const struct verb *verb, enum flag_id id);

struct arguments {
    const struct verb *verb; /* NULL: none was given */
    bool given[FLAG_COUNT];
    const char *values[FLAG_COUNT]; /* borrowed from argv */
    struct ds_strings words;        /* after the verb */
};

/* Flags stand before or after the verb. False with DS_ERROR_USAGE, the nearest spelling as hint. */
bool arguments_parse(int argc, char **argv, struct arguments *ret_arguments, struct ds_error *err);
void arguments_finish(struct arguments *arguments);

struct context {
    struct arguments arguments;
    struct ds_variables shell;            /* our environment */
    struct ds_terminal terminal;          /* of stdout */
    const struct ds_stack_server *server; /* for the orchestrator */
    uint64_t started;                     /* CLOCK_MONOTONIC ns when the process began */
};

static inline bool context_has(const struct context *context, enum flag_id id)
{
    return context->arguments.given[id];
}

/* The whole program but for what main() wires. */
int cli_run(int argc, char **argv, const struct ds_stack_server *server);

/* `devstack: message` and the hint on stderr; returns the error's code. */
int report(const struct ds_error *err);

/* Help: the overview (verb NULL) or one verb's page. */
void help_print(const struct verb *verb, FILE *out);

int cmd_check(struct context *context);
int cmd_config(struct context *context);
int cmd_doctor(struct context *context);
int cmd_down(struct context *context);
int cmd_help(struct context *context);
int cmd_orchestrator(struct context *context);
int cmd_ps(struct context *context);
int cmd_schema(struct context *context);
int cmd_sweep(struct context *context);
int cmd_up(struct context *context);
int cmd_version(struct context *context);

#endif
