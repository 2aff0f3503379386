/*
 * A loop of one's own, for code that must have its answer before it goes on: one call at a time,
 * and Ctrl-C ends the wait.
 */
#ifndef SECRETS_TURN_H
#define SECRETS_TURN_H

#include "devstack/secrets/store.h"

#define SECRET_TURN_SIGNALS 3

struct secret_turn {
    uv_loop_t loop;
    uv_signal_t signals[SECRET_TURN_SIGNALS];
    uv_timer_t timer;
    bool interrupted;
};

void secret_turn_init(struct secret_turn *turn);
/* All stores on the loop must have been destroyed; runs the loop until it is empty. */
void secret_turn_finish(struct secret_turn *turn);

/* The answer of a call, kept. */
struct secret_reply {
    bool done;
    enum ds_secret_outcome outcome;
    struct ds_secret *value;
    struct ds_error error;
};
void secret_reply_finish(struct secret_reply *reply);
#define auto_reply __attribute__((cleanup(secret_reply_finish)))

/* A ds_secret_done_fn whose data is a zeroed struct secret_reply. */
void secret_reply_take(void *data, const struct ds_secret_result *result);
/* Waits for `call`, made with secret_reply_take() and `reply`. After INT, TERM or HUP the call is
 * cancelled and the reply says FAILED, now and for every later call. */
void secret_turn_await(struct secret_turn *turn, struct ds_secret_call *call,
                       struct secret_reply *reply);
/* Lets `ms` pass; false when interrupted. */
bool secret_turn_pause(struct secret_turn *turn, uint64_t ms);

#endif
