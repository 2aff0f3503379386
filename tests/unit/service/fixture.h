/*
 * A loop with a real guardian, an HTTP client, a log store in a temporary folder, and one service
 * or several on it.
 *
 *   struct bench *bench = *state;
 *   struct subject *subject = bench_add(bench, "api");
 *   subject_command(subject, "listen", subject_port(subject), NULL);
 *   ds_service_start(subject_service(subject));
 *   assert_true(reaches(subject, DS_STATE_HEALTHY));
 */
#ifndef TESTS_UNIT_SERVICE_FIXTURE_H
#define TESTS_UNIT_SERVICE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "devstack/base/memory.h"
#include "devstack/service/listener_watch.h"
#include "devstack/service/service.h"

#define BENCH_SUBJECTS 24

struct subject {
    struct bench *bench;
    struct ds_service_spec spec; /* filled with the defaults of services.yaml; change it freely */
    struct ds_strings argv;      /* the command, and what else goes into the launch */
    struct ds_strings health_exec;
    struct ds_variables labels, environment;
    const char *executable; /* NULL: argv's first */
    const char *url, *container_name, *user, *database;
    struct ds_secret *password;
    struct ds_launch_file *files; /* copied */
    size_t file_count;
    struct ds_engine_mount *mounts; /* copied */
    size_t mount_count;
    uint16_t port, container_port; /* 0: none */
    char *port_text, *name_text;   /* owned */
    bool launch_fails;
    bool released;               /* told that its dependencies are there (default) */
    const struct subject *after; /* released when this one is ready */
    struct ds_service *service;
    enum ds_state seen[256]; /* states in the order they were told */
    size_t seen_count;
    unsigned changes;
    bool closed;
};

struct bench {
    uv_loop_t loop;
    uv_timer_t deadline;
    bool expired;
    char *folder;
    struct ds_guardian *guardian;
    struct ds_http *http;
    struct ds_engine *engine; /* of the engine tests */
    struct ds_log_store *logs;
    struct ds_listener_watch *listeners;
    struct ds_service_host host;
    struct subject subjects[BENCH_SUBJECTS];
    size_t count;
    bool parts_closed;
    int parts;
};

int bench_setup(void **state);
int bench_teardown(void **state); /* fails when a handle is left open */
/* Runs the loop until `holds(data)`; false after 20 s. */
bool bench_until(struct bench *bench, bool (*holds)(void *data), void *data);

struct subject *bench_add(struct bench *bench, const char *name);
/* The subject program with these words, NULL-terminated. */
void subject_command(struct subject *subject, const char *word, ...) __attribute__((sentinel));
/* Gives it a port that nobody listens on; as text. */
const char *subject_port(struct subject *subject);
/* The test program listens on its port, and is the stranger; the caller closes. */
int be_a_stranger(const struct subject *subject);
struct ds_service *subject_service(struct subject *subject);
const struct ds_service_status *subject_status(struct subject *subject);

bool reaches(struct subject *subject, enum ds_state state);
bool reaches_reason(struct subject *subject, enum ds_reason_code code);
bool reaches_text(struct subject *subject, const char *text); /* of its reason */
bool has_seen(const struct subject *subject, enum ds_state state);
/* Its log so far; the caller frees. */
char *logged(const struct subject *subject);
/* Waits until its log holds `text`. */
bool logs_hold(struct subject *subject, const char *text);
char *bench_path(const struct bench *bench, const char *name);

#endif
