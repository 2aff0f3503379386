/* What the tests of services share. */
#include "fixture.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "devstack/base/file.h"

#define DEADLINE_MS 20000

static void expire(uv_timer_t *timer)
{
    struct bench *bench = timer->data;
    bench->expired = true;
}

bool bench_until(struct bench *bench, bool (*holds)(void *data), void *data)
{
    bench->expired = false;
    uv_update_time(&bench->loop);
    uv_timer_start(&bench->deadline, expire, DEADLINE_MS, 0);
    while (!holds(data) && !bench->expired)
        uv_run(&bench->loop, UV_RUN_ONCE);
    uv_timer_stop(&bench->deadline);
    return holds(data);
}

static struct subject *find(struct bench *bench, const struct ds_service_spec *spec)
{
    for (size_t i = 0; i < bench->count; i++)
        if (&bench->subjects[i].spec == spec)
            return &bench->subjects[i];
    return NULL;
}

static void copy_container(const struct subject *subject, struct ds_launch *launch)
{
    launch->container_name = ds_strdup(subject->container_name);
    launch->files = ds_realloc_array(NULL, subject->file_count, sizeof(*launch->files));
    for (size_t i = 0; i < subject->file_count; i++) {
        launch->files[i] = subject->files[i];
        launch->files[i].target = ds_strdup(subject->files[i].target);
        ds_secret_ref(launch->files[i].contents);
    }
    launch->file_count = subject->file_count;
    launch->mounts = ds_realloc_array(NULL, subject->mount_count, sizeof(*launch->mounts));
    for (size_t i = 0; i < subject->mount_count; i++) {
        launch->mounts[i] = subject->mounts[i];
        launch->mounts[i].source = ds_strdup(subject->mounts[i].source);
        launch->mounts[i].target = ds_strdup(subject->mounts[i].target);
    }
    launch->mount_count = subject->mount_count;
    for (size_t i = 0; i < subject->labels.count; i++) {
        const struct ds_variable *label = &subject->labels.items[i];
        ds_variables_set(&launch->labels, label->name, label->value);
        ds_variables_set(&launch->volume_labels, label->name, label->value);
    }
}

static bool on_launch(void *data, const struct ds_service_spec *spec, struct ds_launch *launch,
                      struct ds_error *err)
{
    const struct subject *subject = find(data, spec);
    if (subject->launch_fails)
        return ds_error_set(err, DS_ERROR_INVALID, "nothing works");
    if (spec->kind == DS_KIND_CONTAINER) {
        ds_strings_copy(&launch->command, &subject->argv);
        copy_container(subject, launch);
    } else {
        ds_strings_copy(&launch->argv, &subject->argv);
        launch->executable = ds_strdup(subject->executable);
        launch->folder = ds_strdup("/");
    }
    launch->url = ds_strdup(subject->url);
    launch->user = ds_strdup(subject->user);
    launch->database = ds_strdup(subject->database);
    launch->password = subject->password ? ds_secret_ref(subject->password) : NULL;
    ds_strings_copy(&launch->health_exec, &subject->health_exec);
    if (spec->kind != DS_KIND_CONTAINER)
        ds_variables_set(&launch->environment, "PATH", "/usr/bin:/bin");
    for (size_t i = 0; i < subject->environment.count; i++)
        ds_variables_set(&launch->environment, subject->environment.items[i].name,
                         subject->environment.items[i].value);
    if (subject->port) {
        launch->ports = DS_NEW(struct ds_bound_port);
        *launch->ports = (struct ds_bound_port){
            .name = ds_strdup(""), .host = subject->port, .container = subject->container_port};
        launch->port_count = 1;
    }
    return true;
}

static void release(struct subject *subject)
{
    if (subject_status(subject)->state != DS_STATE_WAITING || !subject->released)
        return;
    bool ready =
        !subject->after || ds_state_is_ready(ds_service_status(subject->after->service)->state);
    if (ready)
        ds_service_dependencies(subject->service, true, NULL);
}

static void on_changed(void *data, struct ds_service *service)
{
    struct bench *bench = data;
    struct subject *subject = find(bench, ds_service_spec(service));
    enum ds_state state = ds_service_status(service)->state;
    subject->changes++;
    uv_stop(&bench->loop); /* so that who waits looks before the loop sleeps */
    if (subject->seen_count < DS_COUNT(subject->seen) &&
        (!subject->seen_count || subject->seen[subject->seen_count - 1] != state))
        subject->seen[subject->seen_count++] = state;
    for (size_t i = 0; i < bench->count; i++)
        if (bench->subjects[i].service)
            release(&bench->subjects[i]);
}

int bench_setup(void **state)
{
    struct bench *bench = DS_NEW(struct bench);
    ds_auto_error struct ds_error err = {0};
    char folder[] = "/tmp/devstack-service-XXXXXX";
    signal(SIGPIPE, SIG_IGN);
    if (!mkdtemp(folder) || uv_loop_init(&bench->loop) != 0)
        return -1;
    bench->folder = ds_strdup(folder);
    uv_timer_init(&bench->loop, &bench->deadline);
    bench->deadline.data = bench;
    struct ds_guardian_config config = {.sweeper.executable_fd = -1, .lease_fd = -1};
    bench->guardian = ds_guardian_start(&bench->loop, &config, &err);
    bench->http = ds_http_create(&bench->loop);
    struct ds_log_options options = {0};
    bench->logs = ds_log_store_open(bench->folder, "test", &options, ds_clock_system(), &err);
    bench->listeners = ds_listener_watch_create(&bench->loop);
    if (!bench->guardian || !bench->http || !bench->logs)
        return -1;
    bench->host = (struct ds_service_host){.loop = &bench->loop,
                                           .clock = ds_clock_system(),
                                           .guardian = bench->guardian,
                                           .http = bench->http,
                                           .logs = bench->logs,
                                           .listeners = bench->listeners,
                                           .launch = on_launch,
                                           .changed = on_changed,
                                           .data = bench};
    *state = bench;
    return 0;
}

static void on_subject_closed(void *data)
{
    ((struct subject *)data)->closed = true;
}

static bool all_closed(void *data)
{
    const struct bench *bench = data;
    for (size_t i = 0; i < bench->count; i++)
        if (bench->subjects[i].service && !bench->subjects[i].closed)
            return false;
    return true;
}

static void on_part_closed(void *data)
{
    ((struct bench *)data)->parts--;
}

static bool no_parts(void *data)
{
    return ((struct bench *)data)->parts == 0;
}

static void free_subject(struct subject *subject)
{
    free(subject->spec.name);
    free(subject->port_text);
    free(subject->name_text);
    ds_strings_finish(&subject->argv);
    ds_strings_finish(&subject->health_exec);
    ds_variables_finish(&subject->labels);
    ds_variables_finish(&subject->environment);
    ds_secret_unref(subject->password);
}

int bench_teardown(void **state)
{
    struct bench *bench = *state;
    for (size_t i = 0; i < bench->count; i++)
        if (bench->subjects[i].service)
            ds_service_close(bench->subjects[i].service, on_subject_closed, &bench->subjects[i]);
    bool closed = bench_until(bench, all_closed, bench);
    if (bench->engine)
        ds_engine_destroy(bench->engine);
    bench->parts = 3;
    ds_guardian_dismiss(bench->guardian, on_part_closed, bench);
    ds_http_close(bench->http, on_part_closed, bench);
    ds_listener_watch_close(bench->listeners, on_part_closed, bench);
    closed = closed && bench_until(bench, no_parts, bench);
    ds_log_store_close(bench->logs);
    ds_tree_remove(bench->folder, NULL);
    for (size_t i = 0; i < bench->count; i++)
        free_subject(&bench->subjects[i]);
    uv_close((uv_handle_t *)&bench->deadline, NULL);
    while (closed && uv_run(&bench->loop, UV_RUN_NOWAIT))
        ;
    if (!closed || uv_loop_close(&bench->loop) != 0) {
        uv_print_all_handles(&bench->loop, stderr);
        return -1;
    }
    free(bench->folder);
    free(bench);
    return 0;
}

struct subject *bench_add(struct bench *bench, const char *name)
{
    struct subject *subject = &bench->subjects[bench->count++];
    subject->bench = bench;
    subject->released = true;
    subject->spec = (struct ds_service_spec){.name = ds_strdup(name),
                                             .kind = DS_KIND_PROCESS,
                                             .kind_word = "run",
                                             .restart = DS_RESTART_ON_FAILURE,
                                             .backoff_initial = 5 * DS_NS_PER_MS,
                                             .backoff_max = 20 * DS_NS_PER_MS,
                                             .stop_signal = SIGTERM,
                                             .stop_grace = 10 * DS_NS_PER_S,
                                             .autostart = true};
    subject->spec.health = (struct ds_health){.interval = 50 * DS_NS_PER_MS,
                                              .timeout = 2 * DS_NS_PER_S,
                                              .start_timeout = 60 * DS_NS_PER_S,
                                              .retries = 2};
    return subject;
}

void subject_command(struct subject *subject, const char *word, ...)
{
    subject->executable = SUBJECT;
    ds_strings_finish(&subject->argv);
    ds_strings_add(&subject->argv, SUBJECT);
    va_list words;
    va_start(words, word);
    for (const char *one = word; one; one = va_arg(words, const char *))
        ds_strings_add(&subject->argv, one);
    va_end(words);
}

const char *subject_port(struct subject *subject)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof(address);
    ds_auto_fd int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, length), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &length), 0);
    subject->port = ntohs(address.sin_port);
    free(subject->port_text);
    subject->port_text = ds_printf("%u", (unsigned)subject->port);
    return subject->port_text;
}

int be_a_stranger(const struct subject *subject)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(subject->port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(listen(fd, 8), 0);
    return fd;
}

struct ds_service *subject_service(struct subject *subject)
{
    if (!subject->service)
        subject->service = ds_service_create(&subject->bench->host, &subject->spec);
    return subject->service;
}

const struct ds_service_status *subject_status(struct subject *subject)
{
    return ds_service_status(subject_service(subject));
}

struct question {
    struct subject *subject;
    int wanted;
    const char *text;
};

static bool is_in_state(void *data)
{
    const struct question *question = data;
    return (int)subject_status(question->subject)->state == question->wanted;
}

bool reaches(struct subject *subject, enum ds_state state)
{
    struct question question = {.subject = subject, .wanted = (int)state};
    bool reached = bench_until(subject->bench, is_in_state, &question);
    const struct ds_service_status *status = subject_status(subject);
    if (!reached)
        print_message("# %s is %s, not %s: %s\n", subject->spec.name, ds_state_name(status->state),
                      ds_state_name(state), status->reason.text ? status->reason.text : "-");
    return reached;
}

static bool has_reason(void *data)
{
    const struct question *question = data;
    return (int)subject_status(question->subject)->reason.code == question->wanted;
}

bool reaches_reason(struct subject *subject, enum ds_reason_code code)
{
    struct question question = {.subject = subject, .wanted = (int)code};
    bool reached = bench_until(subject->bench, has_reason, &question);
    if (!reached)
        print_message("# the reason is %s\n", ds_reason_name(subject_status(subject)->reason.code));
    return reached;
}

static bool has_text(void *data)
{
    const struct question *question = data;
    const char *text = subject_status(question->subject)->reason.text;
    return text && strstr(text, question->text);
}

bool reaches_text(struct subject *subject, const char *text)
{
    struct question question = {.subject = subject, .text = text};
    return bench_until(subject->bench, has_text, &question);
}

bool has_seen(const struct subject *subject, enum ds_state state)
{
    for (size_t i = 0; i < subject->seen_count; i++)
        if (subject->seen[i] == state)
            return true;
    return false;
}

static bool add_line(void *data, const struct ds_log_entry *entry)
{
    struct ds_text *lines = data;
    ds_text_append_bytes(lines, entry->text, entry->length);
    ds_text_append(lines, "\n");
    return true;
}

char *logged(const struct subject *subject)
{
    struct ds_text lines = {0};
    ds_log_store_recent(subject->bench->logs, subject->spec.name, 0, add_line, &lines);
    return ds_text_take(&lines);
}

static bool log_holds(void *data)
{
    const struct question *question = data;
    ds_auto_free char *lines = logged(question->subject);
    return strstr(lines, question->text);
}

bool logs_hold(struct subject *subject, const char *text)
{
    struct question question = {.subject = subject, .text = text};
    return bench_until(subject->bench, log_holds, &question);
}

char *bench_path(const struct bench *bench, const char *name)
{
    return ds_path_join(bench->folder, name);
}
