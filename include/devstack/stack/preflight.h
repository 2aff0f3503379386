/*
 * Preflight: everything that a start will need, checked before anything is changed, with all
 * failures told together.
 */
#ifndef DEVSTACK_STACK_PREFLIGHT_H
#define DEVSTACK_STACK_PREFLIGHT_H

#include <stdbool.h>
#include <stddef.h>

#include "devstack/base/error.h"
#include "devstack/base/text.h"
#include "devstack/manifest/manifest.h"
#include "devstack/stack/identity.h"

struct ds_problem {
    enum ds_error_code code; /* what kind; the first one's is the exit code */
    char *subject;           /* "docker", "port 8000", "prism": a few words */
    char *message;           /* what was found, what wanted it (file:line) */
    char *fix;               /* the one command, or what to do; NULL when there is none */
};

struct ds_problems {
    struct ds_problem *items;
    size_t count;
    size_t capacity;
};
void ds_problems_finish(struct ds_problems *problems);
struct ds_problem *ds_problems_add(struct ds_problems *problems, enum ds_error_code code,
                                   const char *subject, const char *fix, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

struct ds_preflight {
    const struct ds_manifest *manifest;
    const struct ds_identity *identity;
    const struct ds_variables *shell;  /* what processes will start from (PATH) */
    const struct ds_strings *services; /* what will be started; empty: all that do so themselves */
    bool no_dependencies;              /* these alone, not what they depend on */
    bool auto_ports;                   /* a taken port is no problem */
};

/* Docker reachable and new enough (only when a container is wanted), images present (or a registry
 * that answers is left to the pull), commands on PATH, `npx X` and `npm run` tools there, working
 * folders, ports free, config templates. Runs its own loop to its end. */
void ds_preflight_run(const struct ds_preflight *preflight, struct ds_problems *ret_problems);

#endif
