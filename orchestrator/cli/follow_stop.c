/* How a client that follows a stack asks for its end, and what the signals it gets mean. */
#include <unistd.h>

#include "follow_private.h"

static const int watched_signals[FOLLOW_SIGNALS] = {SIGINT, SIGTERM, SIGHUP, SIGWINCH, SIGCONT};

static void ignore_answer(void *data, const struct ds_http_answer *answer)
{
    (void)data;
    (void)answer;
}

static void post(struct follow *follow, const char *path)
{
    ds_auto_free char *url = ds_printf("http://devstack%s", path);
    struct ds_http_request request = {
        .method = "POST",
        .url = url,
        .unix_socket = follow->options->identity->socket,
    };
    struct ds_http_events events = {.on_done = ignore_answer};
    ds_http_send(follow->http, &request, &events);
}

/* The first asks politely, the second at once; after that there is nothing left to ask for. */
void follow_request_stop(struct follow *follow, int code)
{
    if (follow->stop_code == NO_CODE)
        follow->stop_code = code;
    if (follow->stop_requests++ == 0) {
        post(follow, "/api/v1/stack/stop");
        view_stopping(follow->view, follow_now());
    } else if (follow->stop_requests == 2) {
        post(follow, "/api/v1/stack/stop?kill=1");
        view_say(follow->view, "Killing what is left.");
    } else {
        _exit(follow->stop_code);
    }
    follow_put_out(follow);
}

static void detach(struct follow *follow, int code)
{
    view_say(follow->view, "Detached.  %s runs on; stop it with: devstack down",
             follow->options->identity->id);
    follow_finish(follow, code);
}

static void on_end_signal(struct follow *follow, int number)
{
    int code = 128 + number;
    if (follow->finishing)
        _exit(follow->code);
    switch (follow->options->view.role) {
    case VIEW_DETACHED:
        /* What somebody else started runs on, ready or not. */
        if (follow_is_guest(follow))
            detach(follow, code);
        else
            follow_request_stop(follow, code);
        break;
    case VIEW_FOREGROUND:
        follow_request_stop(follow, code);
        break;
    case VIEW_ATTACHED:
        detach(follow, number == SIGINT ? DS_OK : code);
        break;
    case VIEW_DOWN:
        view_say(follow->view, "%s goes on stopping.", follow->options->identity->id);
        follow_finish(follow, code);
        break;
    }
}

static void on_signal(uv_signal_t *handle, int number)
{
    struct follow *follow = handle->data;
    if (number == SIGWINCH || number == SIGCONT) {
        struct ds_terminal terminal;
        ds_terminal_inspect(follow->output.fd, &terminal);
        view_resize(follow->view, terminal.columns, terminal.rows);
        if (number == SIGCONT && !follow->finishing)
            view_redraw(follow->view, follow_now());
        follow_put_out(follow);
        return;
    }
    on_end_signal(follow, number);
}

void follow_watch_signals(struct follow *follow)
{
    for (size_t i = 0; i < FOLLOW_SIGNALS; i++) {
        uv_signal_init(&follow->loop, &follow->signals[i]);
        follow->signals[i].data = follow;
        uv_signal_start(&follow->signals[i], on_signal, watched_signals[i]);
    }
}

void follow_unwatch_signals(struct follow *follow)
{
    for (size_t i = 0; i < FOLLOW_SIGNALS; i++)
        uv_close((uv_handle_t *)&follow->signals[i], NULL);
}
