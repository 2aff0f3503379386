/* Whole files from memory: what is read of a right one, what is told of a wrong one. */
#ifndef TESTS_UNIT_MANIFEST_READ_FIXTURE_H
#define TESTS_UNIT_MANIFEST_READ_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "devstack/base/clock.h"
#include "devstack/base/memory.h"
#include "devstack/manifest/manifest.h"

/* A file of one service `a` with these keys, beside a process `other` and a secret `pw`. */
#define FILE_OF(keys)                                                                              \
    "name: t\nsecrets: {pw: {}}\nservices:\n  other: {run: y, port: 9000}\n  a: {" keys "}\n"

/* NULL when there are errors. `*ret_told`: every fault, a line each; the caller frees. */
static inline struct ds_manifest *read_any(const char *environment, const char *text,
                                           char **ret_told)
{
    ds_auto_variables struct ds_variables shell = {0};
    ds_variables_set(&shell, "HOME", "/home/dev");
    ds_variables_set(&shell, "EMPTY", "");
    ds_variables_set(&shell, "SIX", "6");
    const struct ds_manifest_options options = {.environment = environment, .shell = &shell};
    struct ds_faults faults = {0};
    struct ds_manifest *manifest =
        ds_manifest_parse("f.yaml", "/project", text, strlen(text), &options, &faults);
    struct ds_text lines = {0};
    for (size_t i = 0; i < faults.count; i++) {
        ds_auto_free char *line = ds_fault_format(&faults.items[i]);
        ds_text_appendf(&lines, "%s\n", line);
    }
    ds_faults_finish(&faults);
    *ret_told = ds_text_take(&lines);
    return manifest;
}

static inline struct ds_manifest *read_in(const char *environment, const char *text)
{
    ds_auto_free char *told = NULL;
    struct ds_manifest *manifest = read_any(environment, text, &told);
    if (!manifest)
        print_error("%s", told);
    assert_non_null(manifest);
    return manifest;
}

static inline struct ds_manifest *read_right(const char *text)
{
    return read_in(NULL, text);
}

/* The file is wrong, and `words` are among what is told of it. */
static inline void expect_told(const char *text, const char *words)
{
    ds_auto_free char *told = NULL;
    struct ds_manifest *manifest = read_any(NULL, text, &told);
    bool good = !manifest && strstr(told, words);
    ds_manifest_free(manifest);
    if (!good)
        print_error("%s\nexpected: %s\nfound: %s\n", text, words, told);
    assert_true(good);
}

static inline const struct ds_service_spec *service(const struct ds_manifest *manifest,
                                                    const char *name)
{
    const struct ds_service_spec *spec = ds_manifest_service(manifest, name);
    assert_non_null(spec);
    return spec;
}

static inline void assert_source(const struct ds_template *template, const char *expected)
{
    assert_non_null(template);
    ds_auto_free char *source = ds_template_source(template);
    assert_string_equal(source, expected);
}

#endif
