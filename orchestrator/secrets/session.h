/*
 * One conversation with the Secret Service that cannot hang its thread.
 *
 * libsecret's blocking calls can: they wait for answers without a limit, and a bus that accepts and
 * never greets holds g_bus_get() for ever. So nothing here blocks: every step is the asynchronous
 * call, iterated in a private GMainContext until it is done, the deadline has passed, or the
 * cancellable fires. A step that does not react to its cancellation, or shows a prompt, is left
 * behind with what it holds; its threads are GLib's, and an exit does not wait for those.
 *
 * The connection is private too: the shared one ends the process when the bus goes away.
 */
#ifndef SECRETS_SESSION_H
#define SECRETS_SESSION_H

#include <libsecret/secret.h>

#include "devstack/secrets/store.h"

struct keyring_session {
    GMainContext *context;
    GCancellable *steps;  /* given to every step; fires on the deadline and on `cancel` */
    GCancellable *cancel; /* borrowed; fires when the caller has lost interest */
    uint64_t deadline;    /* CLOCK_MONOTONIC, ns */
    uint64_t limit;       /* the duration that the deadline came from, for messages */
    struct keyring_step *step;
    GDBusConnection *bus;
    SecretService *service;
    /* Why it did not work: set by what returns false or NULL. */
    enum ds_secret_outcome outcome;
    struct ds_error error;
};

/* The session bus's address: DBUS_SESSION_BUS_ADDRESS without autolaunch (which would start a bus
 * that nobody else sees), else $XDG_RUNTIME_DIR/bus when it is there. NULL: none; g_free(). */
char *keyring_bus_address(void);

void keyring_session_init(struct keyring_session *session, GCancellable *cancel, uint64_t limit);
void keyring_session_finish(struct keyring_session *session);
/* Starts the clock anew: `limit` ns from now. */
void keyring_session_extend(struct keyring_session *session, uint64_t limit);

/* Connects and starts the service when it can be started. */
bool keyring_session_open(struct keyring_session *session, const char *address);

/* A step: keyring_step_begin(), the asynchronous call with session->steps, keyring_step_done() and
 * the step's data, then keyring_step_await(). The result is the caller's to unref; NULL when
 * it did not come in time. */
gpointer keyring_step_begin(struct keyring_session *session);
void keyring_step_done(GObject *source, GAsyncResult *result, gpointer step);
GAsyncResult *keyring_step_await(struct keyring_session *session);
/* Turns a step's error into outcome and error, and frees it. Returns false. */
bool keyring_session_fail(struct keyring_session *session, GError *error, const char *what);
bool keyring_session_refuse(struct keyring_session *session, enum ds_secret_outcome outcome,
                            const char *hint, const char *message);

#endif
