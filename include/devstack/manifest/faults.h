/*
 * Faults: everything that is wrong with a file, collected, so that all of it is told at once.
 */
#ifndef DEVSTACK_MANIFEST_FAULTS_H
#define DEVSTACK_MANIFEST_FAULTS_H

#include <stdbool.h>
#include <stddef.h>

#include "devstack/base/error.h"

struct ds_fault {
    bool warning; /* else an error */
    char *file;
    int line; /* from 1; 0: the file as a whole */
    int column;
    char *message; /* what was found and what was expected */
    char *hint;    /* "did you mean …", or NULL */
};

struct ds_faults {
    struct ds_fault *items;
    size_t count;
    size_t capacity;
    size_t errors; /* how many are no warnings */
};

void ds_faults_finish(struct ds_faults *faults);
/* Adds an error; a second one with the same place and message is dropped. Returns the fault so that
 * a hint can be added. */
struct ds_fault *ds_faults_add(struct ds_faults *faults, struct ds_where where, const char *format,
                               ...) __attribute__((format(printf, 3, 4)));
struct ds_fault *ds_faults_warn(struct ds_faults *faults, struct ds_where where, const char *format,
                                ...) __attribute__((format(printf, 3, 4)));
void ds_fault_hint(struct ds_fault *fault, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* By file, line, column. */
void ds_faults_sort(struct ds_faults *faults);
/* `services.yaml:12:7: error: message (hint)`; the caller frees. */
char *ds_fault_format(const struct ds_fault *fault);

#endif
