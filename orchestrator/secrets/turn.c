/* The private loop: waits, signals, and the end. */
#include "turn.h"

#include <assert.h>
#include <signal.h>
#include <stdlib.h>

static const int numbers[SECRET_TURN_SIGNALS] = {SIGINT, SIGTERM, SIGHUP};

struct watch {
    struct secret_turn *turn;
    struct sigaction before[SECRET_TURN_SIGNALS];
    bool active[SECRET_TURN_SIGNALS];
};

static void on_signal(uv_signal_t *handle, int number)
{
    (void)number;
    struct secret_turn *turn = handle->data;
    turn->interrupted = true;
}

/* libuv would set a signal back to its default action; what was there before is put back instead,
 * and a signal that is ignored (nohup) stays so. */
static void watch_start(struct watch *watch, struct secret_turn *turn)
{
    *watch = (struct watch){.turn = turn};
    for (int i = 0; i < SECRET_TURN_SIGNALS; i++) {
        if (sigaction(numbers[i], NULL, &watch->before[i]) < 0 ||
            watch->before[i].sa_handler == SIG_IGN)
            continue;
        watch->active[i] = uv_signal_start(&turn->signals[i], on_signal, numbers[i]) == 0;
    }
}

static void watch_stop(struct watch *watch)
{
    for (int i = 0; i < SECRET_TURN_SIGNALS; i++) {
        if (!watch->active[i])
            continue;
        uv_signal_stop(&watch->turn->signals[i]);
        sigaction(numbers[i], &watch->before[i], NULL);
    }
}

void secret_turn_init(struct secret_turn *turn)
{
    turn->interrupted = false;
    if (uv_loop_init(&turn->loop) < 0)
        abort();
    for (int i = 0; i < SECRET_TURN_SIGNALS; i++) {
        uv_signal_init(&turn->loop, &turn->signals[i]);
        turn->signals[i].data = turn;
        uv_unref((uv_handle_t *)&turn->signals[i]);
    }
    uv_timer_init(&turn->loop, &turn->timer);
}

void secret_turn_finish(struct secret_turn *turn)
{
    for (int i = 0; i < SECRET_TURN_SIGNALS; i++)
        uv_close((uv_handle_t *)&turn->signals[i], NULL);
    uv_close((uv_handle_t *)&turn->timer, NULL);
    uv_run(&turn->loop, UV_RUN_DEFAULT);
    int left = uv_loop_close(&turn->loop);
    assert(left == 0);
    (void)left;
}

void secret_reply_finish(struct secret_reply *reply)
{
    ds_secret_unref(reply->value);
    ds_error_clear(&reply->error);
    *reply = (struct secret_reply){0};
}

void secret_reply_take(void *data, const struct ds_secret_result *result)
{
    struct secret_reply *reply = data;
    reply->done = true;
    reply->outcome = result->outcome;
    reply->value = result->value ? ds_secret_ref(result->value) : NULL;
    if (!result->error)
        return;
    ds_error_set(&reply->error, result->error->code, "%s", result->error->message);
    if (result->error->hint)
        ds_error_hint(&reply->error, "%s", result->error->hint);
}

void secret_turn_await(struct secret_turn *turn, struct ds_secret_call *call,
                       struct secret_reply *reply)
{
    struct watch watch;
    watch_start(&watch, turn);
    while (!reply->done && !turn->interrupted)
        uv_run(&turn->loop, UV_RUN_ONCE);
    watch_stop(&watch);
    if (reply->done)
        return;
    ds_secret_call_cancel(call);
    reply->outcome = DS_SECRET_FAILED;
    ds_error_set(&reply->error, DS_ERROR_SECRET, "interrupted");
    ds_error_hint(&reply->error, "start it again");
}

static void on_timer(uv_timer_t *timer)
{
    (void)timer;
}

bool secret_turn_pause(struct secret_turn *turn, uint64_t ms)
{
    struct watch watch;
    watch_start(&watch, turn);
    uv_timer_start(&turn->timer, on_timer, ms, 0);
    while (uv_is_active((uv_handle_t *)&turn->timer) && !turn->interrupted)
        uv_run(&turn->loop, UV_RUN_ONCE);
    uv_timer_stop(&turn->timer);
    watch_stop(&watch);
    return !turn->interrupted;
}
