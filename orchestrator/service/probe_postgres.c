/*
 * A real login: the server's own answer, with the user, password and database that the services
 * will use. Driven by libpq's asynchronous connect (libpq, "Database Connection Control
 * Functions") on the loop.
 */
#include "probe.h"

#include <fcntl.h>
#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>

#include "devstack/base/memory.h"
#include "locate.h"

struct postgres_probe {
    struct ds_probe base;
    struct ds_location location;
    const char *address;
    PGconn *connection;
    struct watch *watch; /* of its socket */
    int open;            /* watches that are not closed yet */
    bool closing;
};

/* Watches a copy of libpq's descriptor: libpq closes its own whenever it likes, and epoll must not
 * meet a closed one. */
struct watch {
    uv_poll_t poll;
    int fd;
    struct postgres_probe *probe;
};

static void close_when_free(struct postgres_probe *probe)
{
    if (probe->closing && !probe->open)
        ds_probe_close_soon(&probe->base);
}

static void on_watch_closed(uv_handle_t *handle)
{
    struct watch *watch = handle->data;
    struct postgres_probe *probe = watch->probe;
    close(watch->fd);
    free(watch);
    probe->open--;
    close_when_free(probe);
}

static void drop(struct postgres_probe *probe)
{
    if (probe->watch) {
        uv_poll_stop(&probe->watch->poll);
        uv_close((uv_handle_t *)&probe->watch->poll, on_watch_closed);
        probe->watch = NULL;
    }
    if (probe->connection)
        PQfinish(ds_steal(probe->connection));
}

/* `connection to server at "127.0.0.1", port 1 failed: FATAL:  28P01: password …` becomes the part
 * that matters; the state code goes to `ret_state`. */
static char *plain_message(const char *message, char ret_state[6])
{
    ret_state[0] = '\0';
    const char *start = strstr(message, " failed: ");
    start = start ? start + strlen(" failed: ") : message;
    const char *fatal = strstr(start, "FATAL:  ");
    if (fatal) {
        start = fatal + strlen("FATAL:  ");
        if (strspn(start, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 5 && start[5] == ':') {
            memcpy(ret_state, start, 5);
            ret_state[5] = '\0';
            start += 6;
            start += strspn(start, " ");
        }
    }
    return ds_strndup(start, strcspn(start, "\n"));
}

/* The image makes user, password and database before its server listens on TCP: what is missing
 * then was made otherwise once, and stays so. Any other server may be set up while it runs. */
static bool is_preset(const struct ds_run *run)
{
    return ds_string_equal(run->spec->kind_word, "postgres");
}

/* What an error code of our own login means (PostgreSQL, appendix "Error Codes"). */
static void explain_login(const struct ds_run *run, const char *state,
                          struct ds_probe_answer *answer)
{
    bool password = !strcmp(state, "28P01");
    if (!password && strcmp(state, "3D000") != 0)
        return;
    if (!is_preset(run)) {
        answer->hint = password ? "its data was created with another password than the one kept now"
                                : "it has no such database (yet)";
        return;
    }
    answer->code = DS_REASON_LOGIN;
    answer->hopeless = true;
    answer->hint = password ? "its volume was created with another password: set that one through "
                              "DEVSTACK_SECRET_<NAME>; or `devstack down --volumes` starts empty"
                            : "its volume was created with another database: name that one; or "
                              "`devstack down --volumes` starts empty";
}

static void answer_failure(struct postgres_probe *probe)
{
    char state[6];
    ds_auto_free char *text = plain_message(PQerrorMessage(probe->connection), state);
    drop(probe);
    struct ds_probe_answer answer = {.text = text};
    explain_login(&probe->base.runner->run, state, &answer);
    ds_probe_answer(&probe->base, &answer);
}

static void advance(struct postgres_probe *probe);

static void on_poll(uv_poll_t *poll, int status, int events)
{
    struct watch *watch = poll->data;
    (void)status; /* libpq finds errors by itself */
    (void)events;
    uv_poll_stop(poll);
    advance(watch->probe);
}

static void wait_for(struct postgres_probe *probe, int events)
{
    if (!probe->watch) {
        int fd = fcntl(PQsocket(probe->connection), F_DUPFD_CLOEXEC, 3);
        if (fd < 0) {
            drop(probe);
            ds_probe_fail(&probe->base, "the connection cannot be watched");
            return;
        }
        struct watch *watch = DS_NEW(struct watch);
        watch->fd = fd;
        watch->probe = probe;
        watch->poll.data = watch;
        uv_poll_init(probe->base.runner->run.host->loop, &watch->poll, fd);
        probe->watch = watch;
        probe->open++;
    }
    uv_poll_start(&probe->watch->poll, events, on_poll);
}

static void advance(struct postgres_probe *probe)
{
    switch (PQconnectPoll(probe->connection)) {
    case PGRES_POLLING_READING:
        wait_for(probe, UV_READABLE);
        return;
    case PGRES_POLLING_WRITING:
        wait_for(probe, UV_WRITABLE);
        return;
    case PGRES_POLLING_OK: {
        ds_auto_free char *text = ds_printf("login to database %s works", PQdb(probe->connection));
        drop(probe);
        ds_probe_pass(&probe->base, text, probe->address,
                      probe->location.found == DS_LOCATED_UNKNOWN);
        return;
    }
    case PGRES_POLLING_ACTIVE:
    case PGRES_POLLING_FAILED:
        answer_failure(probe);
        return;
    }
}

static PGconn *connect_start(const struct postgres_probe *probe, uint64_t timeout)
{
    const struct ds_launch *launch = probe->base.runner->run.launch;
    ds_auto_free char *port = ds_printf("%u", (unsigned)probe->base.port);
    ds_auto_free char *limit = ds_printf("%u", (unsigned)(timeout / DS_NS_PER_S + 1));
    bool v6 = probe->address[0] == '[';
    const struct {
        const char *name, *value;
    } settings[] = {{"hostaddr", v6 ? "::1" : probe->address},
                    {"port", port},
                    {"user", launch->user ? launch->user : "postgres"},
                    {"dbname", launch->database ? launch->database : launch->user},
                    {"password", launch->password ? ds_secret_bytes(launch->password) : NULL},
                    {"passfile", "/dev/null"},
                    {"sslmode", "disable"},
                    {"gssencmode", "disable"},
                    {"connect_timeout", limit},
                    {"application_name", "devstack"}};
    const char *names[DS_COUNT(settings) + 1] = {0}, *values[DS_COUNT(settings) + 1] = {0};
    size_t count = 0;
    for (size_t i = 0; i < DS_COUNT(settings); i++) {
        if (!settings[i].value)
            continue;
        names[count] = settings[i].name;
        values[count++] = settings[i].value;
    }
    return PQconnectStartParams(names, values, 0);
}

static void look(struct ds_probe *base, uint64_t timeout)
{
    struct postgres_probe *probe = (struct postgres_probe *)base;
    if (!ds_probe_find_listener(base, &probe->location, &probe->address))
        return;
    probe->connection = connect_start(probe, timeout);
    if (!probe->connection) {
        ds_probe_fail(base, "no memory for a connection");
        return;
    }
    if (PQstatus(probe->connection) == CONNECTION_BAD) {
        answer_failure(probe);
        return;
    }
    PQsetErrorVerbosity(probe->connection, PQERRORS_VERBOSE); /* with the state's code */
    wait_for(probe, UV_WRITABLE);
}

static void cancel(struct ds_probe *base)
{
    drop((struct postgres_probe *)base);
}

static void close_probe(struct ds_probe *base)
{
    struct postgres_probe *probe = (struct postgres_probe *)base;
    drop(probe);
    ds_location_finish(&probe->location);
    probe->closing = true;
    close_when_free(probe);
}

static const struct ds_probe_ops ops = {.look = look, .cancel = cancel, .close = close_probe};

struct ds_probe *ds_probe_postgres_create(struct ds_runner *runner)
{
    (void)runner;
    struct postgres_probe *probe = DS_NEW(struct postgres_probe);
    probe->base.ops = &ops;
    return &probe->base;
}
