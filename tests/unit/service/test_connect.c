/* Connections that are made to be dropped: every address of a name is tried, and what became of it
 * is told; and the host and port of a URL. */
#include "fixture.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "orchestrator/service/connect.h"

struct entry {
    struct addrinfo info; /* first: it is what is handed out */
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } address;
};

static struct addrinfo *add_address(const char *text, const char *service, struct addrinfo *next)
{
    struct entry *entry = DS_NEW(struct entry);
    uint16_t port = htons((uint16_t)atoi(service));
    bool v6 = inet_pton(AF_INET6, text, &entry->address.v6.sin6_addr) == 1;
    if (v6) {
        entry->address.v6.sin6_family = AF_INET6;
        entry->address.v6.sin6_port = port;
    } else {
        inet_pton(AF_INET, text, &entry->address.v4.sin_addr);
        entry->address.v4.sin_family = AF_INET;
        entry->address.v4.sin_port = port;
    }
    entry->info = (struct addrinfo){.ai_family = v6 ? AF_INET6 : AF_INET,
                                    .ai_socktype = SOCK_STREAM,
                                    .ai_addrlen = sizeof(entry->address),
                                    .ai_addr = &entry->address.any,
                                    .ai_next = next};
    return &entry->info;
}

/* Stands for the C library's: what names mean differs between machines. */
int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
                struct addrinfo **ret)
{
    (void)hints;
    if (!strcmp(name, "six-first"))
        *ret = add_address("::1", service, add_address("127.0.0.1", service, NULL));
    else if (!strcmp(name, "four-first"))
        *ret = add_address("127.0.0.1", service, add_address("::1", service, NULL));
    else if (!strcmp(name, "127.0.0.1"))
        *ret = add_address(name, service, NULL);
    else
        return EAI_NONAME;
    return 0;
}

void freeaddrinfo(struct addrinfo *info)
{
    while (info) {
        struct addrinfo *next = info->ai_next;
        free(info);
        info = next;
    }
}

struct told {
    bool done;
    enum ds_connect_result result;
    char *message;
};

static void on_done(void *data, enum ds_connect_result result, const char *message)
{
    struct told *told = data;
    told->done = true;
    told->result = result;
    told->message = ds_strdup(message);
}

static bool is_done(void *data)
{
    return ((struct told *)data)->done;
}

static void reaches_by_name(void **state, const char *word, const char *name)
{
    struct bench *bench = *state;
    struct subject *server = bench_add(bench, "server");
    subject_command(server, word, subject_port(server), NULL);
    ds_service_start(subject_service(server));
    assert_true(reaches(server, DS_STATE_HEALTHY));
    struct told told = {0};
    assert_non_null(ds_connect_start(&bench->loop, name, server->port, on_done, &told));
    assert_true(bench_until(bench, is_done, &told));
    assert_int_equal(told.result, DS_CONNECT_OPEN);
}

static void the_first_address_of_a_name_is_tried(void **state)
{
    reaches_by_name(state, "listen", "four-first");
}

static void the_second_address_of_a_name_is_tried(void **state)
{
    reaches_by_name(state, "listen", "six-first");
}

static void the_second_may_be_of_ipv6(void **state)
{
    reaches_by_name(state, "listen6", "four-first");
}

static void told_as(void **state, const char *host, enum ds_connect_result result)
{
    struct bench *bench = *state;
    struct subject *nobody = bench_add(bench, "nobody");
    subject_port(nobody);
    struct told told = {0};
    ds_connect_start(&bench->loop, host, nobody->port, on_done, &told);
    assert_true(bench_until(bench, is_done, &told));
    assert_int_equal(told.result, result);
    assert_non_null(told.message);
    free(told.message);
}

static void refusal_of_all_addresses_is_told(void **state)
{
    told_as(state, "six-first", DS_CONNECT_REFUSED);
}

static void a_name_that_is_none_is_told(void **state)
{
    told_as(state, "no-such-host.invalid", DS_CONNECT_FAILED);
}

/* Nothing is told, and the loop has nothing left: the teardown looks. */
static void a_cancelled_one_is_silent(void **state)
{
    struct bench *bench = *state;
    struct subject *nobody = bench_add(bench, "nobody");
    subject_port(nobody);
    struct told early = {0}, late = {0}, other = {0};
    ds_connect_cancel(ds_connect_start(&bench->loop, "six-first", nobody->port, on_done, &early));
    struct ds_connect *connect =
        ds_connect_start(&bench->loop, "six-first", nobody->port, on_done, &late);
    uv_run(&bench->loop, UV_RUN_ONCE);
    if (!late.done)
        ds_connect_cancel(connect);
    ds_connect_start(&bench->loop, "127.0.0.1", nobody->port, on_done, &other);
    assert_true(bench_until(bench, is_done, &other));
    assert_false(early.done);
    free(late.message);
    free(other.message);
}

static void takes_urls_apart(void **state)
{
    (void)state;
    static const struct {
        const char *url, *host;
        uint16_t port;
    } cases[] = {{"http://example.org", "example.org", 80},
                 {"https://example.org/a:b", "example.org", 443},
                 {"http://u:p@example.org:8080/x", "example.org", 8080},
                 {"postgres://u:p%40@db:5433/shop", "db", 5433},
                 {"redis://[::1]:7000", "::1", 7000},
                 {"https://[::1]/", "::1", 443},
                 {"tcp://host:1", "host", 1}};
    static const char *const wrong[] = {"example.org", "tcp://host", "http://",
                                        "http://[::1", "http://h:0", "http://h:70000"};
    for (size_t i = 0; i < DS_COUNT(cases); i++) {
        ds_auto_free char *host = NULL;
        uint16_t port = 0;
        assert_true(ds_url_authority(cases[i].url, &host, &port));
        assert_string_equal(host, cases[i].host);
        assert_int_equal(port, cases[i].port);
    }
    for (size_t i = 0; i < DS_COUNT(wrong); i++) {
        char *host = NULL;
        uint16_t port = 0;
        assert_false(ds_url_authority(wrong[i], &host, &port));
        assert_null(host);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_first_address_of_a_name_is_tried),
        TEST(the_second_address_of_a_name_is_tried),
        TEST(the_second_may_be_of_ipv6),
        TEST(refusal_of_all_addresses_is_told),
        TEST(a_name_that_is_none_is_told),
        TEST(a_cancelled_one_is_silent),
        cmocka_unit_test(takes_urls_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
