/*
 * The services of the guardian's tests, and the loop that starts them.
 */
#include "guardian_fixture.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "devstack/base/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

enum { DEADLINE_MS = 20000 };

static void say_pid(void)
{
    dprintf(STDOUT_FILENO, "%d\n", (int)getpid());
}

static _Noreturn void stay(void)
{
    for (;;)
        pause();
}

static void ignore_everything(void)
{
    for (int signal_number = 1; signal_number < NSIG; signal_number++)
        signal(signal_number, SIG_IGN);
}

/* Becomes a daemon by the book, then nameless and deaf. */
static void escape(void)
{
    if (fork() > 0)
        return;
    setsid();
    if (fork() > 0)
        _exit(0);
    ignore_everything();
    clearenv();
    say_pid();
    stay();
}

static int serve_stay(const char *argument)
{
    (void)argument;
    say_pid();
    stay();
}

static int serve_stubborn(const char *argument)
{
    ignore_everything();
    return serve_stay(argument);
}

static int serve_exit(const char *argument)
{
    return atoi(argument);
}

static int serve_raise(const char *argument)
{
    struct rlimit none = {0};
    setrlimit(RLIMIT_CORE, &none);
    raise(atoi(argument));
    return 99;
}

/* Exits when told politely, saying so. */
static int serve_polite(const char *argument)
{
    (void)argument;
    sigset_t term;
    sigemptyset(&term);
    sigaddset(&term, SIGTERM);
    sigprocmask(SIG_BLOCK, &term, NULL);
    say_pid();
    int got;
    sigwait(&term, &got);
    return 42;
}

/* The first process stays, or with "leave" exits at once. */
static int serve_escape(const char *argument)
{
    escape();
    if (strcmp(argument, "leave") == 0)
        return 7;
    stay();
}

/* A daemon that ends by SIGTERM; its parent leaves. */
static int serve_daemon(const char *argument)
{
    (void)argument;
    if (fork() > 0)
        return 0;
    setsid();
    say_pid();
    stay();
}

/* Three generations, each process with a session of its own, some deaf. */
static int serve_family(const char *argument)
{
    (void)argument;
    for (int generation = 0; generation < 3; generation++) {
        for (int i = 0; i < 2; i++) {
            if (fork() == 0) {
                setsid();
                break;
            }
        }
        if (generation == 1)
            ignore_everything();
    }
    say_pid();
    stay();
}

/* Never the same pid for long. */
static int serve_runner(const char *argument)
{
    (void)argument;
    say_pid();
    ignore_everything();
    signal(SIGCHLD, SIG_DFL);
    for (;;) {
        pid_t pid = fork();
        if (pid > 0)
            _exit(0);
        if (pid == 0)
            setsid();
    }
}

/* Its environment is as large as it was told. */
static int serve_environment(const char *argument)
{
    size_t size = 0;
    for (char **variable = environ; *variable; variable++)
        size += strlen(*variable);
    return size == strtoul(argument, NULL, 10) ? 0 : 1;
}

/* 0 when it was started as the contract says. */
static int serve_inspect(const char *argument)
{
    char folder[4096];
    if (getsid(0) != getpid() || getpgid(0) != getpid())
        return 1;
    if (!getcwd(folder, sizeof(folder)) || strcmp(folder, argument) != 0)
        return 2;
    for (int fd = 3; fd < 1024; fd++)
        if (fcntl(fd, F_GETFD) >= 0)
            return 3;
    sigset_t blocked;
    sigprocmask(SIG_SETMASK, NULL, &blocked);
    for (int signal_number = 1; signal_number < NSIG; signal_number++) {
        struct sigaction action;
        if (sigismember(&blocked, signal_number) == 1)
            return 4;
        if (sigaction(signal_number, NULL, &action) == 0 && action.sa_handler == SIG_IGN)
            return 5;
    }
    return 0;
}

/* What the guardian runs at its end: `argument` is a file to make. */
static int serve_sweep(const char *argument)
{
    int fd = open(argument, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    return fd < 0;
}

static int serve_user(const char *argument)
{
    return getuid() == (uid_t)atoi(argument) && geteuid() == getuid() && getgid() == getuid() ? 0
                                                                                              : 1;
}

static const struct {
    const char *name;
    int (*serve)(const char *argument);
} behaviours[] = {
    {"daemon", serve_daemon},     {"environment", serve_environment},
    {"escape", serve_escape},     {"exit", serve_exit},
    {"family", serve_family},     {"inspect", serve_inspect},
    {"polite", serve_polite},     {"raise", serve_raise},
    {"runner", serve_runner},     {"stay", serve_stay},
    {"stubborn", serve_stubborn}, {"sweep", serve_sweep},
    {"user", serve_user},
};

void fixture_serve(int argc, char **argv)
{
    if (argc < 4 || strcmp(argv[1], "serve") != 0)
        return;
    for (size_t i = 0; i < DS_COUNT(behaviours); i++)
        if (strcmp(argv[2], behaviours[i].name) == 0)
            _exit(behaviours[i].serve(argv[3]));
    _exit(98);
}

static void on_guardian_lost(void *data)
{
    struct fixture *fixture = data;
    fixture->guardian_lost = true;
}

static void on_guardian_closed(void *data)
{
    struct fixture *fixture = data;
    fixture->closed = true;
}

void fixture_open_pipes(struct fixture *fixture)
{
    assert_int_equal(pipe2(fixture->witness, O_CLOEXEC), 0);
    assert_int_equal(pipe2(fixture->lease, O_CLOEXEC), 0);
    assert_int_equal(pipe2(fixture->output, O_CLOEXEC), 0);
}

void fixture_start(struct fixture *fixture)
{
    const char **argv = fixture->sweeper_argv;
    int self = -1;
    assert_int_equal(uv_loop_init(&fixture->loop), 0);
    if (argv[0]) {
        self = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
        assert_true(self >= 0);
    }
    const char *none[] = {NULL};
    struct ds_guardian_config config = {
        .sweeper = {.executable_fd = self, .argv = argv, .envp = none},
        .lease_fd = fixture->lease[1],
        .on_lost = on_guardian_lost,
        .data = fixture,
    };
    struct ds_error err = {0};
    fixture->guardian = ds_guardian_start(&fixture->loop, &config, &err);
    if (!fixture->guardian)
        fail_msg("%s", err.message);
    if (self >= 0)
        close(self);
}

void fixture_open(struct fixture *fixture)
{
    fixture_open_pipes(fixture);
    fixture_start(fixture);
}

static void close_once(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

void fixture_close_pipes(struct fixture *fixture)
{
    for (size_t i = 0; i < 2; i++) {
        close_once(&fixture->witness[i]);
        close_once(&fixture->lease[i]);
        close_once(&fixture->output[i]);
    }
}

void fixture_close(struct fixture *fixture)
{
    ds_guardian_dismiss(fixture->guardian, on_guardian_closed, fixture);
    assert_true(fixture_run_until(fixture, &fixture->closed));
    assert_int_equal(uv_run(&fixture->loop, UV_RUN_DEFAULT), 0);
    assert_int_equal(uv_loop_close(&fixture->loop), 0);
    assert_true(fixture_nobody_left(fixture));
    assert_true(fixture_guardian_finished(fixture));
    fixture_close_pipes(fixture);
}

static void on_spawned(void *data, struct ds_child *child, pid_t pid, uint64_t ns)
{
    struct told *told = data;
    (void)child;
    told->spawned = true;
    told->events++;
    told->pid = pid;
    told->spawned_ns = ns;
}

static void on_failed(void *data, struct ds_child *child, enum ds_spawn_stage stage,
                      int errno_value)
{
    struct told *told = data;
    (void)child;
    told->failed = true;
    told->events++;
    told->stage = stage;
    told->errno_value = errno_value;
}

static void on_exited(void *data, struct ds_child *child, int wait_status, uint64_t ns)
{
    struct told *told = data;
    (void)child, (void)ns;
    told->exited = true;
    told->events++;
    told->status = wait_status;
}

static void on_emptied(void *data, struct ds_child *child)
{
    struct told *told = data;
    (void)child;
    told->emptied = true;
    told->events++;
}

static void on_lost(void *data, struct ds_child *child)
{
    struct told *told = data;
    (void)child;
    told->lost = true;
    told->events++;
}

bool fixture_spawn_raw(struct fixture *fixture, const struct ds_spawn *spawn, struct told *ret_told,
                       struct ds_error *err)
{
    const struct ds_child_events events = {
        .spawned = on_spawned,
        .failed = on_failed,
        .exited = on_exited,
        .emptied = on_emptied,
        .lost = on_lost,
        .data = ret_told,
    };
    struct ds_spawn complete = *spawn;
    complete.stdin_fd = fixture->witness[1];
    complete.stdout_fd = fixture->output[1];
    complete.stderr_fd = STDERR_FILENO;
    *ret_told = (struct told){0};
    ret_told->child = ds_guardian_spawn(fixture->guardian, &complete, &events, err);
    return ret_told->child;
}

void fixture_spawn(struct fixture *fixture, const char *behaviour, const char *argument,
                   struct told *ret_told)
{
    const char *argv[] = {"/proc/self/exe", "serve", behaviour, argument, fixture->marker, NULL};
    const char *envp[] = {"ASAN_OPTIONS=detect_leaks=0", NULL};
    char self[4096];
    ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);
    assert_true(length > 0);
    self[length] = '\0';
    const struct ds_spawn spawn = {.executable = self, .argv = argv, .envp = envp};
    struct ds_error err = {0};
    if (!fixture_spawn_raw(fixture, &spawn, ret_told, &err))
        fail_msg("%s", err.message);
}

static void on_deadline(uv_timer_t *timer)
{
    *(bool *)timer->data = true;
}

static void on_timer_closed(uv_handle_t *handle)
{
    *(bool *)handle->data = true;
}

bool fixture_run_until(struct fixture *fixture, const bool *flag)
{
    bool late = false, closed = false;
    uv_timer_t timer;
    uv_update_time(&fixture->loop);
    uv_timer_init(&fixture->loop, &timer);
    timer.data = &late;
    uv_timer_start(&timer, on_deadline, DEADLINE_MS, 0);
    while (!*flag && !late)
        uv_run(&fixture->loop, UV_RUN_ONCE);
    timer.data = &closed;
    uv_close((uv_handle_t *)&timer, on_timer_closed);
    while (!closed)
        uv_run(&fixture->loop, UV_RUN_NOWAIT);
    return *flag;
}

pid_t fixture_read_pid(struct fixture *fixture)
{
    int pid = 0;
    struct pollfd watch = {.fd = fixture->output[0], .events = POLLIN};
    while (poll(&watch, 1, DEADLINE_MS) == 1) {
        char digit;
        if (read(fixture->output[0], &digit, 1) != 1)
            return 0;
        if (digit == '\n')
            return pid;
        pid = pid * 10 + (digit - '0');
    }
    return 0;
}

bool fixture_await_end(int fd)
{
    struct pollfd watch = {.fd = fd, .events = POLLIN};
    char byte;
    return poll(&watch, 1, DEADLINE_MS) == 1 && read(fd, &byte, 1) == 0;
}

bool fixture_nobody_left(struct fixture *fixture)
{
    close_once(&fixture->witness[1]);
    return fixture_await_end(fixture->witness[0]);
}

bool fixture_guardian_finished(struct fixture *fixture)
{
    close_once(&fixture->lease[1]);
    return fixture_await_end(fixture->lease[0]);
}

size_t fixture_count_marked(const char *marker)
{
    size_t count = 0;
    DIR *folder = opendir("/proc");
    const struct dirent *entry;
    while ((entry = readdir(folder))) {
        ds_auto_free char *path = ds_printf("/proc/%s/cmdline", entry->d_name);
        ds_auto_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
        char line[4096];
        ssize_t length = fd < 0 ? 0 : read(fd, line, sizeof(line));
        if (length > 0 && memmem(line, (size_t)length, marker, strlen(marker)))
            count++;
    }
    closedir(folder);
    return count;
}
