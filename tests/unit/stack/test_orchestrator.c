/*
 * An orchestrator as a process of its own, under a scripted engine that sends it signals at odd
 * moments: whatever comes, it answers its client, ends in order and leaves nothing.
 *
 * This program is also the orchestrator, and the sweeper that its guardian would start.
 */
#include "tests/support/cmocka_headers.h"

#include <errno.h>
#include <sys/socket.h>

#include "devstack/stack/start.h"
#include "tests/support/scripted_engine.h"

static const char services[] = "name: shop\n"
                               "services:\n"
                               "  api: {run: [sleep, '3600']}\n"
                               "  one: {image: 'x:1', autostart: false}\n"
                               "  two: {image: 'x:1', autostart: false}\n";

/* ---- the orchestrator's side ---- */

struct server {
    uv_timer_t timer;
    void (*on_closed)(void *data);
    void *data;
};

static void *server_open(void *loop, struct ds_stack *stack, const char *path, struct ds_error *err)
{
    struct server *server = DS_NEW(struct server);
    (void)stack, (void)path, (void)err;
    uv_timer_init(loop, &server->timer);
    server->timer.data = server;
    return server;
}

static void on_server_closed(uv_handle_t *handle)
{
    struct server *server = handle->data;
    void (*on_closed)(void *) = server->on_closed;
    void *data = server->data;
    free(server);
    on_closed(data);
}

static void server_close(void *opened, void (*on_closed)(void *data), void *data)
{
    struct server *server = opened;
    server->on_closed = on_closed;
    server->data = data;
    uv_close((uv_handle_t *)&server->timer, on_server_closed);
}

/* ---- the test's side ---- */

struct run {
    struct scripted_engine *scripted;
    uv_process_t process;
    int client;
    const char *trigger; /* a request that starts so … */
    unsigned signals;    /* … makes the engine send so many of them */
    bool met;            /* the trigger has come */
    bool network, removed, exited;
    int64_t exit_code;
};

static bool asks_for(const struct scripted_request *request, const char *method, const char *part)
{
    return ds_string_equal(request->method, method) && strstr(request->target, part);
}

static void serve(void *data, struct scripted_peer *peer, const struct scripted_request *request)
{
    struct run *run = ((struct scripted_engine *)data)->data;
    ds_auto_free char *line = ds_printf("%s %s", request->method, request->target);
    if (run->trigger && strstr(line, run->trigger)) {
        run->met = true;
        for (unsigned i = 0; i < run->signals; i++)
            uv_process_kill(&run->process, i ? SIGINT : SIGTERM);
    }
    if (asks_for(request, "GET", "/version"))
        scripted_peer_answer(
            peer, 200, "",
            "{\"Version\":\"24.0\",\"ApiVersion\":\"1.43\",\"MinAPIVersion\":\"1.12\"}");
    else if (asks_for(request, "POST", "/networks/create"))
        run->network = true, scripted_peer_answer(peer, 201, "", "{\"Id\":\"n1\"}");
    else if (asks_for(request, "DELETE", "/networks/"))
        run->removed = true, scripted_peer_answer(peer, 204, "", "");
    else
        scripted_peer_answer(peer, 200, "", "[]");
}

static void on_exit_of(uv_process_t *process, int64_t status, int number)
{
    struct run *run = process->data;
    run->exited = true;
    run->exit_code = number ? -number : status;
    uv_close((uv_handle_t *)process, NULL);
}

static void start(struct run *run, void **state)
{
    struct scripted_engine *scripted = *state;
    int pair[2];
    run->scripted = scripted;
    scripted->data = run;
    scripted_engine_listen(scripted, serve);
    ds_auto_free char *file = ds_path_join(scripted->folder, "services.yaml");
    assert_true(ds_file_write(file, services, strlen(services), 0600, NULL));
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    ds_auto_free char *host = ds_printf("DOCKER_HOST=unix://%s", scripted->socket);
    ds_auto_free char *home = ds_printf("HOME=%s", scripted->folder);
    ds_auto_free char *runtime = ds_printf("XDG_RUNTIME_DIR=%s", scripted->folder);
    char *environment[] = {host, home, runtime, (char *)"PATH=/usr/bin:/bin", NULL};
    char *argv[] = {(char *)"test", (char *)"orchestrator", NULL};
    uv_stdio_container_t stdio[4] = {{.flags = UV_IGNORE},
                                     {.flags = UV_INHERIT_FD, .data.fd = 2},
                                     {.flags = UV_INHERIT_FD, .data.fd = 2},
                                     {.flags = UV_INHERIT_FD, .data.fd = pair[1]}};
    uv_process_options_t options = {.file = "/proc/self/exe",
                                    .args = argv,
                                    .env = environment,
                                    .stdio = stdio,
                                    .stdio_count = 4,
                                    .exit_cb = on_exit_of};
    run->process.data = run;
    run->client = pair[0];
    assert_int_equal(uv_spawn(&scripted->base->loop, &run->process, &options), 0);
    close(pair[1]);
    struct ds_start_request request = {.file = file, .foreground = true};
    assert_true(ds_start_request_send(run->client, &request, NULL));
}

/* Once it has exited: nothing of it is left, and its answer is still to be read. */
static void finish(struct run *run, struct ds_start_reply *ret_reply)
{
    assert_true(loop_run_until(run->scripted->base, &run->exited));
    assert_true(ds_start_reply_receive(run->client, ret_reply, NULL));
    close(run->client);
    ds_auto_free char *runtime = ds_path_join(run->scripted->folder, "devstack");
    assert_false(ds_folder_exists(runtime));
    assert_true(run->removed == run->network);
}

static void a_signal_while_it_asks_the_engine(void **state)
{
    static const char *const moments[] = {"GET /version", "/containers/json", "/networks?",
                                          "POST /v1.41/networks/create"};
    for (size_t i = 0; i < DS_COUNT(moments); i++) {
        struct run run = {.trigger = moments[i], .signals = 1};
        struct ds_start_reply reply = {0};
        start(&run, state);
        finish(&run, &reply);
        assert_true(run.met);
        /* The signal may come before or after the engine's answer: it is refused or ended. */
        if (!reply.accepted)
            assert_non_null(strstr(reply.error.message, "was stopped while it started"));
        assert_int_equal(run.exit_code, 128 + SIGTERM);
        ds_start_reply_finish(&reply);
        scripted_engine_stop(run.scripted);
    }
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
    (void)status, (void)events;
    *(bool *)poll->data = true;
}

static bool await_reply(struct run *run)
{
    uv_poll_t poll;
    bool there = false;
    uv_poll_init(&run->scripted->base->loop, &poll, run->client);
    poll.data = &there;
    uv_poll_start(&poll, UV_READABLE, on_readable);
    loop_run_until(run->scripted->base, &there);
    uv_close((uv_handle_t *)&poll, NULL);
    uv_run(&run->scripted->base->loop, UV_RUN_NOWAIT);
    return there;
}

static void the_end_of_its_client_ends_it(void **state)
{
    struct run run = {0};
    struct ds_start_reply reply = {0};
    start(&run, state);
    assert_true(await_reply(&run));
    assert_int_equal(shutdown(run.client, SHUT_WR), 0);
    finish(&run, &reply);
    assert_true(reply.accepted);
    assert_true(run.removed);
    assert_int_equal(run.exit_code, 0);
    ds_start_reply_finish(&reply);
}

static void more_signals_while_it_closes_change_nothing(void **state)
{
    struct run run = {.trigger = "DELETE /v1.41/networks/", .signals = 3};
    struct ds_start_reply reply = {0};
    start(&run, state);
    assert_true(await_reply(&run));
    uv_process_kill(&run.process, SIGTERM);
    finish(&run, &reply);
    assert_true(run.met);
    assert_true(reply.accepted);
    assert_int_equal(run.exit_code, 128 + SIGTERM);
    ds_start_reply_finish(&reply);
}

int main(int argc, char **argv)
{
    static const struct ds_stack_server server = {server_open, server_close};
    if (argc == 2 && strcmp(argv[1], "orchestrator") == 0)
        return ds_orchestrator_run(3, &server, "1.2.3");
    if (argc == 4 && strcmp(argv[1], "sweep") == 0)
        return ds_sweep_run(argv[2], argv[3]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_signal_while_it_asks_the_engine, scripted_engine_setup,
                                        scripted_engine_teardown),
        cmocka_unit_test_setup_teardown(the_end_of_its_client_ends_it, scripted_engine_setup,
                                        scripted_engine_teardown),
        cmocka_unit_test_setup_teardown(more_signals_while_it_closes_change_nothing,
                                        scripted_engine_setup, scripted_engine_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
