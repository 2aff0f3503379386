/* The start request survives the trip; what is no message is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "devstack/base/memory.h"
#include "devstack/stack/start.h"

static void a_request_arrives_as_it_was_sent(void **state)
{
    (void)state;
    static const char bytes[] = {'p', 0, (char)0xff, '"'};
    int pair[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    struct ds_start_secret secrets[] = {
        {.name = (char *)"db_password", .value = ds_secret_create(bytes, sizeof(bytes))}};
    struct ds_start_request sent = {.file = (char *)"/src/services.yaml",
                                    .foreground = true,
                                    .no_dependencies = true,
                                    .requested_at = UINT64_C(12345678901234),
                                    .secrets = secrets,
                                    .secret_count = 1};
    struct ds_start_request got;
    ds_strings_add(&sent.services, "api");
    assert_true(ds_start_request_send(pair[0], &sent, NULL));
    assert_true(ds_start_request_receive(pair[1], &got, NULL));
    assert_string_equal(got.file, "/src/services.yaml");
    assert_null(got.environment);
    assert_true(got.foreground && got.no_dependencies && !got.auto_ports);
    assert_true(got.requested_at == sent.requested_at);
    assert_int_equal(got.services.count, 1);
    assert_string_equal(got.services.items[0], "api");
    assert_int_equal(got.secret_count, 1);
    assert_int_equal(ds_secret_length(got.secrets[0].value), sizeof(bytes));
    assert_memory_equal(ds_secret_bytes(got.secrets[0].value), bytes, sizeof(bytes));
    ds_start_request_finish(&got);
    ds_secret_unref(secrets[0].value);
    ds_strings_finish(&sent.services);
    close(pair[0]);
    close(pair[1]);
}

static void a_refusal_carries_its_error(void **state)
{
    (void)state;
    int pair[2];
    struct ds_start_reply sent = {.accepted = false}, got;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    ds_error_set(&sent.error, DS_ERROR_RUNNING, "it runs");
    ds_error_hint(&sent.error, "stop it");
    assert_true(ds_start_reply_send(pair[0], &sent, NULL));
    assert_true(ds_start_reply_receive(pair[1], &got, NULL));
    assert_false(got.accepted);
    assert_int_equal(got.error.code, DS_ERROR_RUNNING);
    assert_string_equal(got.error.message, "it runs");
    assert_string_equal(got.error.hint, "stop it");
    ds_start_reply_finish(&sent);
    ds_start_reply_finish(&got);
    close(pair[0]);
    close(pair[1]);
}

static void what_is_no_message_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t length;
    } wrong[] = {
        {"", 0}, {"\0\0\0\5ab", 6}, {"\377\377\377\377", 4}, {"\0\0\0\2[]", 6}, {"\0\0\0\2{}", 6}};
    for (size_t i = 0; i < DS_COUNT(wrong); i++) {
        int pair[2];
        struct ds_start_request got;
        ds_auto_error struct ds_error err = {0};
        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
        assert_int_equal(write(pair[0], wrong[i].bytes, wrong[i].length), wrong[i].length);
        close(pair[0]);
        assert_false(ds_start_request_receive(pair[1], &got, &err));
        assert_non_null(err.message);
        close(pair[1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_arrives_as_it_was_sent),
        cmocka_unit_test(a_refusal_carries_its_error),
        cmocka_unit_test(what_is_no_message_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
