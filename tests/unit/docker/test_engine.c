/* Connecting: what is no engine, too old, too new, not there, not allowed; and odd answers. */
#include "tests/support/cmocka_headers.h"

#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "tests/support/scripted_engine.h"

static void answer_with(void *data, struct scripted_peer *peer,
                        const struct scripted_request *request)
{
    (void)request;
    struct scripted_engine *scripted = data;
    const char *raw = scripted->data;
    scripted_peer_write(peer, raw, strlen(raw));
    scripted_peer_close(peer);
}

static struct engine_answer *connect_to(void **state, const char *raw)
{
    struct scripted_engine *scripted = *state;
    scripted->data = (void *)raw;
    if (raw && !scripted->server)
        scripted_engine_listen(scripted, answer_with);
    answer_reset(&scripted->answer);
    ds_engine_connect(scripted->engine, answer_connected, &scripted->answer);
    assert_false(scripted->answer.done);
    assert_true(scripted_engine_wait(scripted));
    return &scripted->answer;
}

#define OK "HTTP/1.0 200 OK\r\n\r\n"

static void the_oldest_common_version_is_spoken(void **state)
{
    struct engine_answer *answer = connect_to(
        state, OK "{\"Version\":\"24.0\",\"ApiVersion\":\"1.43\",\"MinAPIVersion\":\"1.12\"}");
    assert_false(answer->failed);
    assert_string_equal(answer->id, "1.41");
    answer = connect_to(
        state, OK "{\"Version\":\"29.0\",\"ApiVersion\":\"1.52\",\"MinAPIVersion\":\"1.44\"}");
    assert_string_equal(answer->id, "1.44");
}

static void an_old_engine_is_refused_with_both_versions(void **state)
{
    struct engine_answer *answer = connect_to(
        state, OK "{\"Version\":\"18.09.1\",\"ApiVersion\":\"1.39\",\"MinAPIVersion\":\"1.12\"}");
    assert_int_equal(answer->code, DS_ERROR_MISSING);
    assert_non_null(strstr(answer->message, "Docker Engine 18.09.1"));
    assert_non_null(strstr(answer->message, "API 1.39"));
    assert_non_null(strstr(answer->message, "1.41"));
    assert_non_null(answer->hint);
}

static void an_engine_from_the_future_is_refused(void **state)
{
    struct engine_answer *answer = connect_to(
        state, OK "{\"Version\":\"99\",\"ApiVersion\":\"1.99\",\"MinAPIVersion\":\"1.90\"}");
    assert_non_null(strstr(answer->message, "1.90"));
    assert_string_equal(answer->hint, "upgrade devstack");
}

static void what_is_no_engine_is_refused(void **state)
{
    static const char *const strangers[] = {OK "hello",
                                            OK "{}",
                                            OK "[]",
                                            OK "{\"ApiVersion\":\"two\"}",
                                            "HTTP/1.0 500 No\r\n\r\nbroken",
                                            "SSH-2.0-x\r\n",
                                            ""};
    for (size_t i = 0; i < DS_COUNT(strangers); i++) {
        struct engine_answer *answer = connect_to(state, strangers[i]);
        assert_true(answer->failed);
        assert_non_null(answer->message);
    }
}

static void an_absent_engine_says_how_to_start_it(void **state)
{
    struct engine_answer *answer = connect_to(state, NULL);
    assert_int_equal(answer->code, DS_ERROR_MISSING);
    assert_non_null(strstr(answer->message, "docker.sock: it is not running"));
    assert_string_equal(answer->hint, "sudo systemctl start docker");
}

/* Root passes every permission: the call is made in a child of another user. */
static int connect_as_nobody(struct scripted_engine *scripted)
{
    if (getuid() == 0 && setresuid(65534, 65534, 65534) != 0)
        return 2;
    uv_loop_fork(&scripted->base->loop);
    ds_engine_connect(scripted->engine, answer_connected, &scripted->answer);
    if (!scripted_engine_wait(scripted) || !scripted->answer.failed)
        return 3;
    return strstr(scripted->answer.message, "permission denied") &&
                   ds_string_equal(scripted->answer.hint,
                                   "sudo usermod -aG docker $USER, then log in again")
               ? 0
               : 4;
}

static void a_forbidden_socket_says_which_group_to_join(void **state)
{
    struct scripted_engine *scripted = *state;
    scripted_engine_listen(scripted, answer_with);
    assert_int_equal(chmod(scripted->folder, 0755), 0);
    assert_int_equal(chmod(scripted->socket, 0), 0);
    pid_t child = fork();
    if (child == 0)
        _exit(connect_as_nobody(scripted));
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void an_error_answer_tells_the_engines_words(void **state)
{
    struct scripted_engine *scripted = *state;
    scripted->data = "HTTP/1.0 500 x\r\n\r\n{\"message\":\"driver failed: listen tcp4 "
                     "127.0.0.1:80: bind: address already in use\"}";
    scripted_engine_listen(scripted, answer_with);
    ds_container_start(scripted->engine, "0123456789abcdef", answer_done, &scripted->answer);
    assert_true(scripted_engine_wait(scripted));
    assert_int_equal(scripted->answer.code, DS_ERROR_PORT);
    assert_non_null(
        strstr(scripted->answer.message, "Cannot start container 0123456789ab: driver"));
}

static void an_inspection_of_nonsense_is_survived(void **state)
{
    struct scripted_engine *scripted = *state;
    scripted->data = OK "{\"Id\":7,\"State\":[],\"Config\":{\"Labels\":[1]},\"NetworkSettings\":"
                        "{\"Ports\":{\"x\":[{}],\"80/tcp\":[{\"HostPort\":\"999999\"},7],"
                        "\"81/tcp\":{}}}}";
    scripted_engine_listen(scripted, answer_with);
    ds_container_inspect(scripted->engine, "x", answer_inspected, &scripted->answer);
    assert_true(scripted_engine_wait(scripted));
    assert_false(scripted->answer.failed);
    assert_false(scripted->answer.running);
    assert_int_equal(scripted->answer.port_count, 0);
}

#define TEST(function)                                                                             \
    cmocka_unit_test_setup_teardown(function, scripted_engine_setup, scripted_engine_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_oldest_common_version_is_spoken),
        TEST(an_old_engine_is_refused_with_both_versions),
        TEST(an_engine_from_the_future_is_refused),
        TEST(what_is_no_engine_is_refused),
        TEST(an_absent_engine_says_how_to_start_it),
        TEST(a_forbidden_socket_says_which_group_to_join),
        TEST(an_error_answer_tells_the_engines_words),
        TEST(an_inspection_of_nonsense_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
