/*
 * A service that behaves as it is told: service-subject WORD [ARGUMENT…].
 *
 *   listen PORT [MS]   listens on 127.0.0.1 (after MS), accepts nothing, stays
 *   listen6 PORT       the same on [::1]
 *   http PORT N [MS]   answers its first N requests with 500, the rest with 200
 *   answer PORT TEXT   answers every connection with TEXT, with | for CR LF
 *   daemonize PORT     listens in a background process of its own session, exits with 0
 *   stubborn           ignores SIGTERM, says "ready", stays
 *   polite CODE        says "ready", exits with CODE on SIGTERM
 *   holder             leaves a grandchild in a session of its own that holds stdout, exits with 0
 *   prompt             writes "name? " without a newline, stays
 *   talk               a line to stdout, one to stderr, exits with 0
 *   exit CODE          exits
 *   raise SIGNAL       kills itself
 *   says TEXT          writes a line, stays
 *   tty                says whether stdout is a terminal
 *   count FILE CODE    appends a byte to FILE, exits with CODE
 *   passes FILE        exits with 0 when FILE exists; else says "not yet", exits with 1
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

static _Noreturn void stay(void)
{
    for (;;)
        pause();
}

static void wait_ms(const char *text)
{
    if (text)
        usleep((useconds_t)atoi(text) * 1000);
}

static int listen_on(const char *port, int family)
{
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    struct sockaddr_in v4 = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)atoi(port)),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6,
                              .sin6_port = htons((uint16_t)atoi(port)),
                              .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    int rc = family == AF_INET ? bind(fd, (struct sockaddr *)&v4, sizeof(v4))
                               : bind(fd, (struct sockaddr *)&v6, sizeof(v6));
    if (rc < 0 || listen(fd, 64) < 0) {
        perror("listen");
        exit(98);
    }
    return fd;
}

static _Noreturn void serve_http(char **argv)
{
    wait_ms(argv[4]);
    int fd = listen_on(argv[2], AF_INET);
    int bad = atoi(argv[3]);
    for (;;) {
        int peer = accept(fd, NULL, NULL);
        char request[4096];
        ssize_t got = read(peer, request, sizeof(request));
        if (got > 0)
            dprintf(peer, "HTTP/1.1 %s\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok",
                    bad-- > 0 ? "500 Not yet" : "200 OK");
        close(peer);
    }
}

static _Noreturn void serve_answer(const char *port, const char *text)
{
    int fd = listen_on(port, AF_INET);
    for (;;) {
        int peer = accept(fd, NULL, NULL);
        char request[4096];
        ssize_t got = read(peer, request, sizeof(request));
        for (const char *p = text; got > 0 && *p; p++)
            dprintf(peer, "%s%.*s", *p == '|' ? "\r\n" : "", *p != '|', p);
        close(peer);
    }
}

static int daemonize(const char *port)
{
    int ready[2];
    if (pipe(ready) < 0)
        return 97;
    if (fork() == 0) {
        setsid();
        listen_on(port, AF_INET);
        close(ready[1]);
        stay();
    }
    close(ready[1]);
    char byte;
    return (int)read(ready[0], &byte, 1); /* end of file: it listens */
}

static int hold_stdout(void)
{
    if (fork() == 0) {
        setsid();
        signal(SIGTERM, SIG_IGN);
        stay();
    }
    puts("gone");
    return 0;
}

static volatile sig_atomic_t polite_code;

static void leave(int number)
{
    (void)number;
    _exit(polite_code);
}

static int stay_saying(const char *text)
{
    puts(text);
    fflush(stdout);
    stay();
}

static int count(const char *file, const char *code)
{
    int fd = open(file, O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (fd < 0 || write(fd, "x", 1) != 1)
        return 96;
    return atoi(code);
}

int main(int argc, char **argv)
{
    const char *word = argc > 1 ? argv[1] : "";
    if (!strcmp(word, "listen") || !strcmp(word, "listen6")) {
        if (argc > 3)
            wait_ms(argv[3]);
        listen_on(argv[2], word[6] ? AF_INET6 : AF_INET);
        stay();
    }
    if (!strcmp(word, "http"))
        serve_http(argv);
    if (!strcmp(word, "answer"))
        serve_answer(argv[2], argv[3]);
    if (!strcmp(word, "daemonize"))
        return daemonize(argv[2]);
    if (!strcmp(word, "holder"))
        return hold_stdout();
    if (!strcmp(word, "stubborn")) {
        signal(SIGTERM, SIG_IGN);
        return stay_saying("ready");
    }
    if (!strcmp(word, "polite")) {
        polite_code = atoi(argv[2]);
        signal(SIGTERM, leave);
        return stay_saying("ready");
    }
    if (!strcmp(word, "says"))
        return stay_saying(argv[2]);
    if (!strcmp(word, "prompt")) {
        if (write(1, "name? ", 6) != 6)
            return 95;
        stay();
    }
    if (!strcmp(word, "talk")) {
        fputs("to stdout\n", stdout);
        fputs("to stderr\n", stderr);
        return 0;
    }
    if (!strcmp(word, "tty")) {
        puts(isatty(1) ? "a terminal" : "no terminal");
        return 0;
    }
    if (!strcmp(word, "raise")) {
        struct rlimit none = {0};
        setrlimit(RLIMIT_CORE, &none);
        signal(atoi(argv[2]), SIG_DFL); /* a sanitizer may have its own idea */
        raise(atoi(argv[2]));
    }
    if (!strcmp(word, "count"))
        return count(argv[2], argv[3]);
    if (!strcmp(word, "passes")) {
        if (access(argv[2], F_OK) == 0)
            return 0;
        puts("not yet");
        return 1;
    }
    return !strcmp(word, "exit") ? atoi(argv[2]) : 94;
}
