/* Steps with a deadline, the connection, and what GLib's errors mean for us. */
#include "session.h"

#include <string.h>

#include "devstack/base/clock.h"
#include "devstack/base/memory.h"

#define SERVICE_NAME "org.freedesktop.secrets"
/* How long a cancelled step may take to come back before it is left behind. */
#define GRACE (200 * DS_NS_PER_MS)
/* Set on a service object while it shows a prompt. */
#define PROMPT "devstack-prompt"

/*
 * A SecretService on a connection that it is given. Its constructor insists on the shared session
 * bus, whatever was asked for; this one takes that back while the object is still being built.
 *
 * It also notes that a prompt is on the screen, and lets no cancellable near it. When one fires,
 * libsecret 0.20.5 complains on stderr and never finishes the step; and the Dismiss that it sends
 * makes gnome-keyring 42 abort, with everything it had unlocked. So a prompt that nobody answers in
 * time is left where it is: answered late, it serves the next start.
 */
typedef SecretService PrivateService;
typedef SecretServiceClass PrivateServiceClass;
static GType private_service_get_type(void);
G_DEFINE_TYPE(PrivateService, private_service, SECRET_TYPE_SERVICE)

static GObject *construct(GType type, guint count, GObjectConstructParam *properties)
{
    GObject *object =
        G_OBJECT_CLASS(private_service_parent_class)->constructor(type, count, properties);
    g_object_set(object, "g-bus-type", G_BUS_TYPE_NONE, NULL);
    return object;
}

static void show_prompt(SecretService *service, SecretPrompt *prompt, const GVariantType *type,
                        GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data)
{
    (void)cancellable;
    g_object_set_data(G_OBJECT(service), PROMPT, GINT_TO_POINTER(true));
    SECRET_SERVICE_CLASS(private_service_parent_class)
        ->prompt_async(service, prompt, type, NULL, callback, data);
}

static void private_service_class_init(PrivateServiceClass *class)
{
    class->prompt_async = show_prompt;
    G_OBJECT_CLASS(class)->constructor = construct;
}

static void private_service_init(PrivateService *service)
{
    (void)service;
}

struct keyring_step {
    GAsyncResult *result;
    bool left_behind;
};

static uint64_t now(void)
{
    return ds_clock_monotonic(ds_clock_system());
}

char *keyring_bus_address(void)
{
    const char *given = g_getenv("DBUS_SESSION_BUS_ADDRESS");
    if (given && *given) {
        g_auto(GStrv) parts = g_strsplit(given, ";", -1);
        GString *kept = g_string_new(NULL);
        for (char **part = parts; *part; part++) {
            if (**part && !g_str_has_prefix(*part, "autolaunch:"))
                g_string_append_printf(kept, "%s%s", kept->len ? ";" : "", *part);
        }
        bool empty = kept->len == 0;
        return g_string_free(kept, empty);
    }
    const char *run_time = g_getenv("XDG_RUNTIME_DIR");
    if (!run_time || !*run_time)
        return NULL;
    g_autofree char *path = g_build_filename(run_time, "bus", NULL);
    if (!g_file_test(path, G_FILE_TEST_EXISTS))
        return NULL;
    g_autofree char *escaped = g_dbus_address_escape_value(path);
    return g_strdup_printf("unix:path=%s", escaped);
}

void keyring_session_init(struct keyring_session *session, GCancellable *cancel, uint64_t limit)
{
    *session = (struct keyring_session){.cancel = cancel, .outcome = DS_SECRET_FAILED};
    session->context = g_main_context_new();
    session->steps = g_cancellable_new();
    g_main_context_push_thread_default(session->context);
    keyring_session_extend(session, limit);
}

void keyring_session_finish(struct keyring_session *session)
{
    g_clear_object(&session->service);
    g_clear_object(&session->bus);
    /* What was just let go of (signal subscriptions) is cleaned up by sources of the context. */
    while (g_main_context_iteration(session->context, FALSE))
        continue;
    g_main_context_pop_thread_default(session->context);
    g_main_context_unref(session->context);
    g_clear_object(&session->steps);
    ds_error_clear(&session->error);
}

void keyring_session_extend(struct keyring_session *session, uint64_t limit)
{
    session->limit = limit;
    session->deadline = now() + limit;
}

bool keyring_session_refuse(struct keyring_session *session, enum ds_secret_outcome outcome,
                            const char *hint, const char *message)
{
    session->outcome = outcome;
    ds_error_set(&session->error, DS_ERROR_SECRET, "%s", message);
    return ds_error_hint(&session->error, "%s", hint);
}

gpointer keyring_step_begin(struct keyring_session *session)
{
    return session->step = DS_NEW(struct keyring_step);
}

void keyring_step_done(GObject *source, GAsyncResult *result, gpointer data)
{
    (void)source;
    struct keyring_step *step = data;
    if (step->left_behind)
        free(step);
    else
        step->result = g_object_ref(result);
}

static gboolean on_wake(gpointer data)
{
    (void)data;
    return G_SOURCE_CONTINUE;
}

static gboolean on_cancelled(GCancellable *cancellable, gpointer data)
{
    (void)cancellable;
    (void)data;
    return G_SOURCE_REMOVE;
}

/* Iterates until the step is done, `until` has come, or (`watch_cancel`) the caller lost interest.
 */
static void iterate(struct keyring_session *session, uint64_t until, bool watch_cancel)
{
    uint64_t from = now();
    uint64_t wait_ms = until > from ? (until - from) / DS_NS_PER_MS + 1 : 0;
    GSource *timer = g_timeout_source_new((guint)wait_ms);
    g_source_set_callback(timer, on_wake, NULL, NULL);
    g_source_attach(timer, session->context);
    GSource *watch = NULL;
    if (watch_cancel) {
        watch = g_cancellable_source_new(session->cancel);
        /* A GCancellableSourceFunc, which the generic setter takes as a GSourceFunc. */
        g_source_set_callback(watch, G_SOURCE_FUNC(on_cancelled), NULL, NULL);
        g_source_attach(watch, session->context);
    }
    while (!session->step->result && now() < until &&
           !(watch_cancel && g_cancellable_is_cancelled(session->cancel)))
        g_main_context_iteration(session->context, TRUE);
    g_source_destroy(timer);
    g_source_unref(timer);
    if (watch) {
        g_source_destroy(watch);
        g_source_unref(watch);
    }
}

static bool has_prompt(const struct keyring_session *session)
{
    return session->service && g_object_get_data(G_OBJECT(session->service), PROMPT);
}

GAsyncResult *keyring_step_await(struct keyring_session *session)
{
    iterate(session, session->deadline, true);
    bool in_time = session->step->result != NULL;
    if (!in_time && !has_prompt(session)) {
        g_cancellable_cancel(session->steps);
        iterate(session, now() + GRACE, false);
    }
    if (session->service)
        g_object_set_data(G_OBJECT(session->service), PROMPT, NULL);
    struct keyring_step *step = ds_steal(session->step);
    if (!step->result) {
        step->left_behind = true;
    } else {
        GAsyncResult *result = step->result;
        free(step);
        if (in_time)
            return result;
        g_object_unref(result);
    }
    ds_auto_free char *limit = ds_duration_format(session->limit);
    ds_auto_free char *message = ds_printf("the keyring did not answer within %s", limit);
    keyring_session_refuse(session, DS_SECRET_TIMED_OUT,
                           "restart the keyring service (log out and in again)", message);
    return NULL;
}

static bool is_absence(const GError *error)
{
    static const int codes[] = {
        G_DBUS_ERROR_SERVICE_UNKNOWN,    G_DBUS_ERROR_NAME_HAS_NO_OWNER,
        G_DBUS_ERROR_SPAWN_EXEC_FAILED,  G_DBUS_ERROR_SPAWN_FORK_FAILED,
        G_DBUS_ERROR_SPAWN_CHILD_EXITED, G_DBUS_ERROR_SPAWN_CHILD_SIGNALED,
        G_DBUS_ERROR_SPAWN_FAILED,       G_DBUS_ERROR_SPAWN_SERVICE_NOT_FOUND,
        G_DBUS_ERROR_DISCONNECTED,       G_DBUS_ERROR_NO_SERVER,
    };
    if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CLOSED))
        return true;
    for (size_t i = 0; i < DS_COUNT(codes); i++) {
        if (g_error_matches(error, G_DBUS_ERROR, codes[i]))
            return true;
    }
    return false;
}

bool keyring_session_fail(struct keyring_session *session, GError *error, const char *what)
{
    g_autoptr(GError) owned = error;
    if (owned)
        g_dbus_error_strip_remote_error(owned);
    ds_auto_free char *message =
        ds_printf("%s: %s", what, owned ? owned->message : "no reason was given");
    if (is_absence(owned))
        return keyring_session_refuse(session, DS_SECRET_UNAVAILABLE,
                                      "install and start one, such as gnome-keyring",
                                      "no keyring service answers on the session bus");
    if (g_error_matches(owned, SECRET_ERROR, SECRET_ERROR_IS_LOCKED))
        return keyring_session_refuse(session, DS_SECRET_LOCKED, "unlock the keyring",
                                      "the keyring is locked");
    return keyring_session_refuse(session, DS_SECRET_FAILED, "look into the keyring service's log",
                                  message);
}

static bool connect_bus(struct keyring_session *session, const char *address)
{
    g_dbus_connection_new_for_address(address,
                                      G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
                                          G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
                                      NULL, session->steps, keyring_step_done,
                                      keyring_step_begin(session));
    g_autoptr(GAsyncResult) result = keyring_step_await(session);
    if (!result)
        return false;
    g_autoptr(GError) error = NULL;
    session->bus = g_dbus_connection_new_for_address_finish(result, &error);
    if (session->bus)
        return true;
    /* A stale socket, another user's bus, a bad address: there is no bus for us. */
    ds_auto_free char *message = ds_printf("the session bus cannot be used: %s", error->message);
    return keyring_session_refuse(session, DS_SECRET_UNAVAILABLE,
                                  "log in again, or unset a stale DBUS_SESSION_BUS_ADDRESS",
                                  message);
}

/* A call to the bus itself; NULL when it failed. */
static GVariant *ask_bus(struct keyring_session *session, const char *method, GVariant *arguments,
                         const char *answer_type)
{
    g_dbus_connection_call(session->bus, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                           "org.freedesktop.DBus", method, arguments, G_VARIANT_TYPE(answer_type),
                           G_DBUS_CALL_FLAGS_NONE, G_MAXINT, session->steps, keyring_step_done,
                           keyring_step_begin(session));
    g_autoptr(GAsyncResult) result = keyring_step_await(session);
    if (!result)
        return NULL;
    GError *error = NULL;
    GVariant *answer = g_dbus_connection_call_finish(session->bus, result, &error);
    if (!answer)
        keyring_session_fail(session, error, "the keyring service does not start");
    return answer;
}

/* The proxy would be content with a service that is not there, so its name is asked for first. A
 * bus refuses to "start" what nobody told it how to start, running or not. */
static bool start_service(struct keyring_session *session)
{
    g_autoptr(GVariant) owned =
        ask_bus(session, "NameHasOwner", g_variant_new("(s)", SERVICE_NAME), "(b)");
    if (!owned)
        return false;
    gboolean running;
    g_variant_get(owned, "(b)", &running);
    if (running)
        return true;
    g_autoptr(GVariant) started =
        ask_bus(session, "StartServiceByName", g_variant_new("(su)", SERVICE_NAME, 0), "(u)");
    return started != NULL;
}

bool keyring_session_open(struct keyring_session *session, const char *address)
{
    if (!address)
        return keyring_session_refuse(
            session, DS_SECRET_UNAVAILABLE,
            "install gnome-keyring and dbus-user-session, then log in again",
            "there is no D-Bus session bus, so there is no keyring");
    if (!connect_bus(session, address) || !start_service(session))
        return false;
    g_async_initable_new_async(private_service_get_type(), G_PRIORITY_DEFAULT, session->steps,
                               keyring_step_done, keyring_step_begin(session), "g-connection",
                               session->bus, "flags", SECRET_SERVICE_OPEN_SESSION, NULL);
    g_autoptr(GAsyncResult) result = keyring_step_await(session);
    if (!result)
        return false;
    GError *error = NULL;
    g_autoptr(GObject) source = g_async_result_get_source_object(result);
    GObject *service = g_async_initable_new_finish(G_ASYNC_INITABLE(source), result, &error);
    if (!service)
        return keyring_session_fail(session, error, "the keyring refuses a session");
    session->service = SECRET_SERVICE(service);
    return true;
}
