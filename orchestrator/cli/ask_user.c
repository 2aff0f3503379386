/*
 * Asking the user on /dev/tty. While the echo is off the signals that would end or stop us are
 * caught: the terminal is restored first, then the signal takes its course.
 */
#include "ask.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "devstack/base/file.h"
#include "devstack/base/memory.h"

enum { LINE_LIMIT = 4096 };

static const int caught[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGTTIN, SIGTTOU};

/* Written by the handler alone: which signal came. */
static volatile sig_atomic_t arrived;

static void on_signal(int number)
{
    arrived = number;
}

static int open_terminal(struct ds_error *err)
{
    int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        ds_error_set_errno(err, DS_ERROR_SECRET, errno, "there is no terminal to ask on");
    return fd;
}

/* Reads up to the newline. False at end of file, or with `arrived` set. */
static bool read_line(int fd, char *line, size_t *ret_length)
{
    size_t length = 0;
    while (!arrived) {
        char c;
        ssize_t got = read(fd, &c, 1);
        if (got == 0 || (got < 0 && errno != EINTR))
            return false;
        if (got < 0)
            continue;
        if (c == '\n') {
            *ret_length = length;
            return true;
        }
        if (length < LINE_LIMIT)
            line[length++] = c;
    }
    return false;
}

static void catch_signals(struct sigaction *before)
{
    struct sigaction action = {.sa_handler = on_signal};
    arrived = 0;
    for (size_t i = 0; i < DS_COUNT(caught); i++)
        sigaction(caught[i], &action, &before[i]);
}

static void release_signals(const struct sigaction *before)
{
    for (size_t i = 0; i < DS_COUNT(caught); i++)
        sigaction(caught[i], &before[i], NULL);
}

/* One try. True with a line; false with `*ret_signal` (0: end of file). */
static bool ask_once(int fd, const char *question, bool echo, char *line, size_t *ret_length,
                     int *ret_signal)
{
    struct sigaction before[DS_COUNT(caught)];
    struct termios normal, silent;
    bool changed = !echo && tcgetattr(fd, &normal) == 0;
    catch_signals(before);
    if (changed) {
        silent = normal;
        silent.c_lflag &= ~(tcflag_t)ECHO;
        silent.c_lflag |= ECHONL;
        tcsetattr(fd, TCSAFLUSH, &silent);
    }
    ds_fd_write_all(fd, question, strlen(question));
    bool good = read_line(fd, line, ret_length);
    if (changed)
        tcsetattr(fd, TCSAFLUSH, &normal);
    *ret_signal = arrived;
    release_signals(before);
    return good;
}

static bool ask(int fd, const char *question, bool echo, char *line, size_t *ret_length,
                struct ds_error *err)
{
    for (;;) {
        int number;
        if (ask_once(fd, question, echo, line, ret_length, &number))
            return true;
        if (!number)
            return ds_error_set(err, DS_ERROR_SECRET, "no answer was given");
        ds_fd_write_all(fd, "\n", 1);
        /* Its own course: the default action ends us, or stops us until we are continued. */
        raise(number);
        if (number != SIGTSTP && number != SIGTTIN && number != SIGTTOU)
            return ds_error_set(err, DS_ERROR_SECRET, "interrupted");
    }
}

struct ds_secret *ask_secret(const char *question, struct ds_error *err)
{
    ds_auto_fd int fd = open_terminal(err);
    if (fd < 0)
        return NULL;
    char *line = ds_alloc(LINE_LIMIT);
    size_t length = 0;
    struct ds_secret *secret = NULL;
    if (ask(fd, question, false, line, &length, err) && length)
        secret = ds_secret_create(line, length);
    ds_wipe(line, LINE_LIMIT);
    free(line);
    return secret;
}

char *ask_line(const char *question, struct ds_error *err)
{
    ds_auto_fd int fd = open_terminal(err);
    if (fd < 0)
        return NULL;
    ds_auto_free char *line = ds_alloc(LINE_LIMIT);
    size_t length = 0;
    return ask(fd, question, true, line, &length, err) ? ds_strndup(line, length) : NULL;
}
