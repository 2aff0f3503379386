/*
 * What a person sees of a stack that is followed: a live block until all is ready, then log lines;
 * or plain lines where there is no terminal. Pure: it turns snapshots, lines and ticks into bytes
 * in `out`, which the caller writes and clears. Times are CLOCK_MONOTONIC ns.
 */
#ifndef CLI_VIEW_H
#define CLI_VIEW_H

#include "devstack/stack.h"
#include "palette.h"

enum view_role {
    VIEW_FOREGROUND, /* this client's end is the stack's end */
    VIEW_DETACHED,   /* up -d: waits for READY, shows no logs */
    VIEW_ATTACHED,   /* looks on */
    VIEW_DOWN,       /* waits for the end, shows no logs */
};

struct view_options {
    enum view_role role;
    bool quiet;   /* no logs */
    bool verbose; /* logs while services start too */
    struct ds_terminal terminal;
};

struct view;

struct view *view_create(const struct view_options *options);
void view_destroy(struct view *view);
struct ds_text *view_out(struct view *view);

void view_snapshot(struct view *view, struct ds_snapshot *snapshot, uint64_t now);
void view_log(struct view *view, const struct ds_log_entry *entry);
void view_gap(struct view *view, uint64_t skipped);
void view_tick(struct view *view, uint64_t now);
void view_resize(struct view *view, int columns, int rows);
/* Another program wrote to the terminal (we were stopped and go on): draw anew below it. */
void view_redraw(struct view *view, uint64_t now);
/* Somebody asked for the end: from now on it says what is waited for. */
void view_stopping(struct view *view, uint64_t now);
/* A line of the client's own. */
void view_say(struct view *view, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Nobody waits for READY any longer: says what is missing, unless that was said. */
void view_give_up(struct view *view);
/* Takes what is live off the screen. */
void view_end(struct view *view);

#endif
