/*
 * The life of an orchestrator: request in, everything opened in order, the stack run, everything
 * closed in the reverse order.
 *
 * One path: whatever ends it (the lease closing, a signal, a command, a lost guardian) asks the
 * stack to stop; when that is over, the closing steps run one after the other and the loop drains.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "devstack/base/file.h"
#include "devstack/base/memory.h"
#include "devstack/environment/environment.h"
#include "devstack/service/listener_watch.h"
#include "devstack/stack/lease.h"
#include "leftovers.h"
#include "devstack/stack/start.h"
#include "order.h"
#include "ownership.h"
#include "stack_run.h"
#include "sweep.h"

extern char **environ;

/* How long a start waits for a dying run of the same stack to be swept. */
#define LEASE_WAIT (12 * DS_NS_PER_S) /* a guardian gives up after ten */

static const int end_signals[] = {SIGINT, SIGTERM, SIGHUP};

struct orchestrator {
    int fd; /* to the client; the lease of a foreground `up` */
    const struct ds_stack_server *server_ops;
    const char *version;
    uv_loop_t loop;
    struct ds_start_request request;
    struct ds_variables shell;
    struct ds_manifest *manifest;
    struct ds_identity identity;
    char *run;
    int lease;
    struct ports *ports;
    struct context context;
    struct ds_service_host host;
    bool has_engine, has_network, making_network;
    struct ds_stack *stack;
    void *server;
    bool replied;
    bool ending;
    size_t closing_step;
    uv_poll_t client; /* the lease, while it is one */
    uv_signal_t signals[DS_COUNT(end_signals)];
    unsigned signals_seen;
    int exit_code;
};

/* ---- telling the client ---- */

static void reply(struct orchestrator *o, bool accepted, struct ds_error *error)
{
    struct ds_start_reply message = {.accepted = accepted};
    if (accepted)
        message.socket = ds_strdup(o->identity.socket);
    else
        ds_error_move(&message.error, error);
    if (!accepted && o->exit_code == 0)
        o->exit_code = (int)message.error.code;
    ds_start_reply_send(o->fd, &message, NULL);
    ds_start_reply_finish(&message);
    o->replied = true;
}

/* ---- the end ---- */

static void end_stack(struct orchestrator *o, bool kill)
{
    if (o->stack && !o->ending)
        stack_end(o->stack, kill);
}

static void next_closing_step(void *data);

static void close_server(struct orchestrator *o)
{
    if (o->server)
        o->server_ops->close(o->server, next_closing_step, o);
    else
        next_closing_step(o);
}

static void close_stack(struct orchestrator *o)
{
    if (o->stack)
        stack_close(ds_steal(o->stack), next_closing_step, o);
    else
        next_closing_step(o);
}

static void on_network_removed(void *data, const struct ds_error *error)
{
    (void)error; /* the next start finds it by its label */
    next_closing_step(data);
}

static void remove_network(struct orchestrator *o)
{
    if (o->has_network)
        ds_engine_remove(o->host.engine, DS_ENGINE_NETWORKS, o->identity.id, on_network_removed, o);
    else
        next_closing_step(o);
}

static void close_listeners(struct orchestrator *o)
{
    ds_listener_watch_close(o->host.listeners, next_closing_step, o);
}

static void close_http(struct orchestrator *o)
{
    ds_engine_destroy(o->host.engine);
    ds_http_close(o->host.http, next_closing_step, o);
}

static void dismiss_guardian(struct orchestrator *o)
{
    ds_guardian_dismiss(o->host.guardian, next_closing_step, o);
}

static void close_watchers(struct orchestrator *o)
{
    for (size_t i = 0; i < DS_COUNT(end_signals); i++)
        uv_close((uv_handle_t *)&o->signals[i], NULL);
    uv_close((uv_handle_t *)&o->client, NULL);
}

/* In the order they run; each calls next_closing_step() when it is done. */
static void (*const closing_steps[])(struct orchestrator *) = {
    close_server, close_stack,      remove_network, close_listeners,
    close_http,   dismiss_guardian, close_watchers,
};

static void next_closing_step(void *data)
{
    struct orchestrator *o = data;
    if (o->closing_step < DS_COUNT(closing_steps))
        closing_steps[o->closing_step++](o);
}

static void on_over(void *data)
{
    struct orchestrator *o = data;
    if (o->ending)
        return;
    o->ending = true;
    if (!o->replied) {
        ds_auto_error struct ds_error err = {0};
        ds_error_set(&err, DS_ERROR_FAILED, "%s was stopped while it started", o->identity.id);
        reply(o, false, &err);
    }
    /* A network that is being made is waited for, so that it can be removed. */
    if (!o->making_network)
        next_closing_step(o);
}

/* ---- what can end it ---- */

static void on_guardian_lost(void *data)
{
    struct orchestrator *o = data;
    o->exit_code = DS_ERROR_FAILED;
    end_stack(o, true);
}

static void on_signal(uv_signal_t *handle, int number)
{
    struct orchestrator *o = handle->data;
    if (o->exit_code == 0)
        o->exit_code = 128 + number;
    /* A second one, of whatever kind, does not wait. */
    end_stack(o, o->signals_seen++ > 0);
}

static void on_client(uv_poll_t *handle, int status, int events)
{
    struct orchestrator *o = handle->data;
    char byte;
    (void)events;
    ssize_t length = status == 0 ? recv(o->fd, &byte, 1, MSG_DONTWAIT) : 0;
    if (length > 0 || (length < 0 && (errno == EAGAIN || errno == EINTR)))
        return;
    /* Closed: the client is gone. A detached stack does not mind. */
    uv_poll_stop(handle);
    if (o->request.foreground)
        end_stack(o, false);
}

static void watch_ends(struct orchestrator *o)
{
    for (size_t i = 0; i < DS_COUNT(end_signals); i++) {
        uv_signal_init(&o->loop, &o->signals[i]);
        o->signals[i].data = o;
        uv_signal_start(&o->signals[i], on_signal, end_signals[i]);
    }
    uv_poll_init(&o->loop, &o->client, o->fd);
    o->client.data = o;
}

/* ---- the start ---- */

static void refuse(struct orchestrator *o, const struct ds_error *cause)
{
    struct ds_error error = {
        .code = cause->code, .message = ds_strdup(cause->message), .hint = ds_strdup(cause->hint)};
    reply(o, false, &error);
    on_over(o);
}

static void start_services(struct orchestrator *o)
{
    ds_auto_error struct ds_error err = {0};
    o->server = o->server_ops->open(&o->loop, o->stack, o->identity.socket, &err);
    if (!o->server || !stack_start(o->stack, &err)) {
        refuse(o, &err);
        return;
    }
    reply(o, true, NULL);
    uv_poll_start(&o->client, UV_READABLE | UV_DISCONNECT, on_client);
}

static void on_network_made(void *data, const struct ds_error *error)
{
    struct orchestrator *o = data;
    o->making_network = false;
    o->has_network = !error;
    if (o->ending)
        next_closing_step(o);
    else if (error)
        refuse(o, error);
    else
        start_services(o);
}

static void on_swept(void *data, const struct ds_error *error)
{
    struct orchestrator *o = data;
    if (o->ending)
        return;
    if (error) {
        refuse(o, error);
        return;
    }
    if (!launch_needs_network(o->manifest)) {
        start_services(o);
        return;
    }
    ds_auto_variables struct ds_variables labels = {0};
    ownership_labels(&o->identity, o->run, NULL, &labels);
    o->making_network = true;
    ds_network_create(o->host.engine, o->identity.id, &labels, on_network_made, o);
}

static bool wants_container(const struct orchestrator *o)
{
    ds_auto_free bool *wanted = ds_alloc(o->manifest->service_count);
    ds_start_choose(o->manifest, &o->request.services, o->request.no_dependencies, wanted);
    for (size_t i = 0; i < o->manifest->service_count; i++)
        if (wanted[i] && o->manifest->services[i].kind == DS_KIND_CONTAINER)
            return true;
    return false;
}

static void on_engine(void *data, const struct ds_engine_info *info, const struct ds_error *error)
{
    struct orchestrator *o = data;
    (void)info;
    if (o->ending)
        return;
    if (error && wants_container(o))
        refuse(o, error);
    else if (error)
        start_services(o);
    else
        leftovers_remove(o->host.engine, &o->identity, on_swept, o);
}

/* One that this start does not want may be started later. */
static bool has_container(const struct ds_manifest *manifest)
{
    for (size_t i = 0; i < manifest->service_count; i++)
        if (!manifest->services[i].disabled && manifest->services[i].kind == DS_KIND_CONTAINER)
            return true;
    return false;
}

/* libpq would read them and its logins depend on whose shell this was; services still get them from
 * `shell`. */
static void forget_libpq_settings(const struct ds_variables *shell)
{
    for (size_t i = 0; i < shell->count; i++)
        if (ds_string_starts(shell->items[i].name, "PG"))
            unsetenv(shell->items[i].name);
}

static bool load(struct orchestrator *o, struct ds_error *err)
{
    struct ds_faults faults = {0};
    ds_variables_import(&o->shell, environ);
    forget_libpq_settings(&o->shell);
    o->manifest =
        ds_environment_load_manifest(o->request.file, o->request.environment, &o->shell, &faults);
    if (!o->manifest)
        for (size_t i = 0; i < faults.count; i++)
            if (!faults.items[i].warning) {
                ds_auto_free char *text = ds_fault_format(&faults.items[i]);
                ds_error_set(err, DS_ERROR_INVALID, "%s", text);
                break;
            }
    ds_faults_finish(&faults);
    return o->manifest &&
           ds_identity_make(o->manifest->name, o->manifest->environment, o->manifest->folder,
                            o->request.instance, &o->shell, &o->identity, err);
}

static bool take_lease(struct orchestrator *o, struct ds_error *err)
{
    o->run = ds_random_hex(16);
    if (!ds_lease_take(&o->identity, o->run, LEASE_WAIT, &o->lease, err))
        return false;
    sweep_files(o->identity.runtime_folder);
    return ds_folder_make(o->identity.state_folder, 0700, err);
}

static bool start_guardian(struct orchestrator *o, struct ds_error *err)
{
    ds_auto_fd int self = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    const char *const argv[] = {"devstack", "sweep", o->identity.runtime_folder,
                                o->has_engine ? o->run : "-", NULL};
    struct ds_guardian_config config = {
        .sweeper = {.executable_fd = self, .argv = argv, .envp = (const char *const *)environ},
        .lease_fd = o->lease,
        .on_lost = on_guardian_lost,
        .data = o,
    };
    o->host.guardian = ds_guardian_start(&o->loop, &config, err);
    return o->host.guardian != NULL;
}

static void mask_secrets(struct orchestrator *o)
{
    for (size_t i = 0; i < o->request.secret_count; i++)
        ds_log_store_mask(o->host.logs, o->request.secrets[i].value);
}

static bool open_parts(struct orchestrator *o, struct ds_error *err)
{
    o->has_engine = has_container(o->manifest);
    if (!start_guardian(o, err))
        return false;
    o->host.loop = &o->loop;
    o->host.clock = ds_clock_system();
    o->host.http = ds_http_create(&o->loop);
    o->host.listeners = ds_listener_watch_create(&o->loop);
    ds_auto_free char *logs = ds_path_join(o->identity.state_folder, "logs");
    o->host.logs = ds_log_store_open(logs, o->run, &(struct ds_log_options){0}, o->host.clock, err);
    if (!o->host.logs)
        return false;
    mask_secrets(o);
    o->ports = ports_assign(o->manifest, &o->identity, o->request.auto_ports, err);
    if (!o->ports)
        return false;
    o->context = (struct context){
        .manifest = o->manifest,
        .identity = &o->identity,
        .request = &o->request,
        .ports = o->ports,
        .shell = &o->shell,
        .run = o->run,
    };
    if (o->has_engine) {
        o->host.engine = ds_engine_create(o->host.http, &o->shell, err);
        if (!o->host.engine)
            return false;
    }
    struct stack_parts parts = {.context = &o->context,
                                .host = &o->host,
                                .version = o->version,
                                .on_over = on_over,
                                .data = o};
    o->stack = stack_create(&parts);
    return configs_render(&o->context, err);
}

static void run_loop(struct orchestrator *o)
{
    ds_auto_error struct ds_error err = {0};
    uv_loop_init(&o->loop);
    watch_ends(o);
    if (!open_parts(o, &err)) {
        /* Close what was opened: start after the steps whose parts are not there. */
        reply(o, false, &err);
        o->closing_step = o->stack ? 0 : o->host.listeners ? 3 : o->host.guardian ? 5 : 6;
        on_over(o);
    } else if (o->has_engine) {
        ds_engine_connect(o->host.engine, on_engine, o);
    } else {
        start_services(o);
    }
    uv_run(&o->loop, UV_RUN_DEFAULT);
    uv_loop_close(&o->loop);
}

static void release(struct orchestrator *o)
{
    if (o->host.logs)
        ds_log_store_close(o->host.logs);
    ports_release(o->ports);
    if (o->lease >= 0)
        ds_lease_give_up(&o->identity, o->lease);
    ds_identity_finish(&o->identity);
    ds_manifest_free(o->manifest);
    ds_variables_finish(&o->shell);
    ds_start_request_finish(&o->request);
    free(o->run);
}

int ds_orchestrator_run(int fd, const struct ds_stack_server *server, const char *version)
{
    struct orchestrator o = {.fd = fd, .server_ops = server, .version = version, .lease = -1};
    ds_auto_error struct ds_error err = {0};
    signal(SIGPIPE, SIG_IGN);
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    if (!ds_start_request_receive(fd, &o.request, &err))
        return (int)err.code;
    if (load(&o, &err) && take_lease(&o, &err))
        run_loop(&o);
    else
        reply(&o, false, &err);
    release(&o);
    close(fd);
    return o.exit_code;
}
