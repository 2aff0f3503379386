/* What a person sees of a stack that is followed. */
#include "view.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "block.h"
#include "devstack/base/clock.h"
#include "devstack/base/memory.h"
#include "held.h"
#include "live.h"
#include "logline.h"
#include "progress.h"
#include "words.h"

enum { FAILURE_LINES = 12 };
#define DRAW_INTERVAL (UINT64_C(30) * DS_NS_PER_MS)

struct timing {
    enum ds_state state;
    enum ds_reason_code reason;
    uint64_t since; /* when we first saw it on its way */
    bool under_way;
};

struct view {
    struct view_options options;
    struct palette palette;
    struct live live;
    struct ds_text out;
    struct ds_snapshot *snapshot; /* the newest, or NULL */
    struct timing *timings;       /* one a service */
    size_t timing_count;
    struct held held;
    int name_width;
    unsigned frame;
    uint64_t drawn_at, stopping_at;
    bool greeted, settled, stopping, told_failure;
};

struct view *view_create(const struct view_options *options)
{
    struct view *view = DS_NEW(struct view);
    view->options = *options;
    view->palette =
        (struct palette){.color = options->terminal.color, .utf8 = options->terminal.utf8};
    view->live.columns = options->terminal.columns;
    return view;
}

void view_destroy(struct view *view)
{
    if (!view)
        return;
    if (view->snapshot)
        ds_snapshot_unref(view->snapshot);
    held_finish(&view->held);
    live_finish(&view->live);
    ds_text_finish(&view->out);
    free(view->timings);
    free(view);
}

struct ds_text *view_out(struct view *view)
{
    return &view->out;
}

static bool on_terminal(const struct view *view)
{
    return view->options.terminal.interactive;
}

static bool is_live(const struct view *view)
{
    return on_terminal(view) && view->snapshot && (!view->settled || view->stopping);
}

/* Lines above the region: it goes first, and comes back with the next draw. */
static void begin_lines(struct view *view)
{
    live_erase(&view->live, &view->out);
}

static void fill_elapsed(const struct view *view, uint64_t now, uint64_t *elapsed)
{
    for (size_t i = 0; i < view->timing_count; i++)
        elapsed[i] = view->timings[i].under_way ? now - view->timings[i].since : 0;
}

static void add_stopping_line(struct view *view, uint64_t now, struct ds_strings *lines)
{
    ds_auto_free char *alive = words_alive(view->snapshot);
    ds_auto_free char *time = ds_duration_format(now - view->stopping_at);
    ds_auto_free char *line = ds_printf(
        "%s Stopping%s%s%s  (%s)", palette_glyph(&view->palette, DS_STATE_STOPPING, view->frame),
        *alive ? ", waiting for " : "", alive, view->palette.utf8 ? "…" : "...", time);
    struct ds_text fitted = {0};
    palette_append_fit(&view->palette, &fitted, line, view->live.columns - 1);
    ds_strings_take(lines, ds_text_take(&fitted));
}

static void draw(struct view *view, uint64_t now)
{
    ds_auto_strings struct ds_strings lines = {0};
    ds_auto_free uint64_t *elapsed = ds_alloc((view->timing_count + 1) * sizeof(*elapsed));
    fill_elapsed(view, now, elapsed);
    int rows = view->options.terminal.rows;
    struct block_options options = {
        .palette = &view->palette,
        .columns = view->live.columns - 1,
        .lines = rows > 4 ? (size_t)rows - 2 : 2,
        .frame = view->frame,
        .elapsed = elapsed,
    };
    if (view->stopping)
        add_stopping_line(view, now, &lines);
    else
        block_render(view->snapshot, &options, &lines);
    live_draw(&view->live, &lines, &view->out);
    view->drawn_at = now;
}

static void append_prefix(struct view *view, const char *service)
{
    size_t index = 0;
    while (view->snapshot && index < view->snapshot->service_count &&
           strcmp(view->snapshot->services[index].name, service) != 0)
        index++;
    palette_append_name(&view->palette, &view->out, index, service, view->name_width + 2);
    palette_append(&view->palette, &view->out, STYLE_DIM, palette_bar(&view->palette));
    ds_text_append_char(&view->out, ' ');
}

static void append_log(struct view *view, const char *service, enum ds_log_source source,
                       const char *text, size_t length)
{
    append_prefix(view, service);
    bool own = source == DS_LOG_SYSTEM && view->palette.color;
    ds_text_append(&view->out, own ? "\033[2m" : "");
    logline_append_clean(&view->out, text, length, view->palette.color);
    ds_text_append(&view->out, own ? "\033[0m" : "");
    ds_text_append_char(&view->out, '\n');
}

static void show_held(void *data, const struct held_line *line)
{
    append_log(data, line->service, line->source, line->text, line->length);
}

static bool wants_logs(const struct view *view)
{
    return !view->options.quiet &&
           (view->options.role == VIEW_FOREGROUND || view->options.role == VIEW_ATTACHED);
}

void view_log(struct view *view, const struct ds_log_entry *entry)
{
    bool now = view->settled || view->stopping || !on_terminal(view) || view->options.verbose;
    if (!wants_logs(view) || !now) {
        held_add(&view->held, entry);
        return;
    }
    begin_lines(view);
    append_log(view, entry->service, entry->source, entry->text, entry->length);
}

static void append_skipped(struct view *view, uint64_t lines)
{
    begin_lines(view);
    ds_auto_free char *words =
        ds_printf("%s %" PRIu64 " lines are not shown; all are kept in %s",
                  palette_ellipsis(&view->palette), lines,
                  view->snapshot && view->snapshot->log_folder ? view->snapshot->log_folder
                                                               : "the log folder");
    palette_append(&view->palette, &view->out, STYLE_DIM, words);
    ds_text_append_char(&view->out, '\n');
}

void view_gap(struct view *view, uint64_t skipped)
{
    if (wants_logs(view))
        append_skipped(view, skipped);
}

/* "api      ● healthy in 0.38s  http://127.0.0.1:8000" */
static void append_change(struct view *view, const struct ds_snapshot_service *service,
                          size_t index)
{
    begin_lines(view);
    const struct palette *palette = &view->palette;
    enum style style = palette_state_style(service->state);
    palette_append_name(palette, &view->out, index, service->name, view->name_width + 2);
    palette_append(palette, &view->out, style, palette_mark(palette, service->state));
    ds_text_append_char(&view->out, ' ');
    palette_append(palette, &view->out, style, ds_state_name(service->state));
    bool ready = ds_state_is_ready(service->state);
    if (ready || service->state == DS_STATE_COMPLETED) {
        ds_auto_free char *time = ds_duration_format(words_start_time(service));
        ds_text_appendf(&view->out, " in %s", time);
        if (service->url && ready)
            ds_text_appendf(&view->out, "  %s", service->url);
    } else if (service->state != DS_STATE_STOPPING) { /* what made it stop is told when it has */
        ds_auto_free char *reason = words_reason(service);
        ds_text_appendf(&view->out, "%s%s", *reason ? ": " : "", reason);
    }
    ds_text_append_char(&view->out, '\n');
}

/* A failure's own lines, where they have not been seen yet, and what to do. */
static void append_failure(struct view *view, const struct ds_snapshot_service *service,
                           size_t index)
{
    append_change(view, service, index);
    view->told_failure = true;
    held_take(&view->held, service->name, FAILURE_LINES, show_held, view);
    if (service->reason.hint) {
        ds_auto_free char *hint = logline_clean(service->reason.hint);
        ds_text_appendf(&view->out, "  %s %s\n", palette_arrow(&view->palette), hint);
    }
    if (service_may_come_back(service))
        ds_text_appendf(&view->out, "  %s a change of its files starts it again\n",
                        palette_arrow(&view->palette));
}

static bool is_trouble(const struct ds_snapshot_service *service)
{
    return service->state == DS_STATE_FAILED || service->state == DS_STATE_RESTARTING ||
           service->state == DS_STATE_UNHEALTHY || service_ended_early(service);
}

static void tell_change(struct view *view, const struct ds_snapshot_service *service, size_t index,
                        const struct timing *before)
{
    bool same_state = service->state == before->state;
    bool pull = service->reason.code == DS_REASON_PULLING && before->reason != DS_REASON_PULLING;
    bool dull = service->state == DS_STATE_PREPARING && !pull;
    if ((same_state && !pull) || dull)
        return;
    if (is_trouble(service) && !view->stopping)
        append_failure(view, service, index);
    else if (!on_terminal(view) || (view->settled && !view->stopping))
        append_change(view, service, index);
}

static bool counts_as_under_way(enum ds_state state)
{
    return state == DS_STATE_PREPARING || state == DS_STATE_STARTING ||
           state == DS_STATE_RESTARTING || state == DS_STATE_STOPPING;
}

static void note_timing(struct timing *timing, const struct ds_snapshot_service *service,
                        uint64_t now)
{
    bool under_way = counts_as_under_way(service->state);
    if (under_way && !timing->under_way) {
        uint64_t so_far = words_start_time(service);
        timing->since = so_far < now ? now - so_far : now;
    }
    timing->under_way = under_way;
    timing->state = service->state;
    timing->reason = service->reason.code;
}

/* The first picture is told only where it says more than "waiting". */
static void resize_timings(struct view *view, size_t count)
{
    view->timings = ds_realloc_array(view->timings, count + 1, sizeof(*view->timings));
    for (size_t i = view->timing_count; i < count; i++)
        view->timings[i] = (struct timing){.state = DS_STATE_WAITING};
    view->timing_count = count;
}

static void greet(struct view *view)
{
    const struct ds_snapshot *snapshot = view->snapshot;
    view->greeted = true;
    if (view->options.role == VIEW_DOWN)
        return;
    const char *dot = palette_dot(&view->palette);
    palette_append(&view->palette, &view->out, STYLE_BOLD, snapshot->name);
    ds_text_appendf(&view->out, "%s%s%s%zu service%s\n\n", dot, snapshot->environment, dot,
                    snapshot->service_count, snapshot->service_count == 1 ? "" : "s");
}

static const char *what_next(const struct view *view)
{
    switch (view->options.role) {
    case VIEW_FOREGROUND:
        return "Ctrl-C stops everything.";
    case VIEW_DETACHED:
        return "It runs on; stop it with: devstack down";
    case VIEW_ATTACHED:
        return "Ctrl-C detaches; the stack runs on.";
    case VIEW_DOWN:
        break;
    }
    return "";
}

/* After a failure. */
static void append_where_to_look(struct view *view)
{
    const struct ds_snapshot *snapshot = view->snapshot;
    if (view->told_failure && snapshot->log_folder)
        ds_text_appendf(&view->out, "All lines are in %s\n", snapshot->log_folder);
}

static void append_summary(struct view *view)
{
    const struct ds_snapshot *snapshot = view->snapshot;
    if (snapshot->phase == DS_STACK_READY) {
        ds_auto_free char *time = ds_duration_format(snapshot->ready_after);
        ds_text_appendf(&view->out, "\nReady in %s.  %s\n", time, what_next(view));
        return;
    }
    ds_auto_free char *missing = words_not_ready(snapshot);
    ds_text_append(&view->out, "\nNot ready: ");
    palette_append(&view->palette, &view->out, STYLE_BAD, missing);
    ds_text_append(&view->out, "\n");
    append_where_to_look(view);
    ds_text_appendf(&view->out, "%s\n", what_next(view));
}

static void show_final_block(struct view *view)
{
    ds_auto_strings struct ds_strings lines = {0};
    struct block_options options = {.palette = &view->palette, .columns = view->live.columns - 1};
    block_render(view->snapshot, &options, &lines);
    for (size_t i = 0; i < lines.count; i++)
        ds_text_appendf(&view->out, "%s\n", lines.items[i]);
}

/* What waited while services started. On a terminal only as much as leaves the summary above it on
 * the screen. */
static void flush_held(struct view *view)
{
    enum {
        FEWEST_ROWS = 3,
        ROWS_AROUND = 6 /* greeting, blank lines, summary, this message, cursor */
    };
    size_t most = SIZE_MAX;
    if (!wants_logs(view))
        return;
    if (on_terminal(view)) {
        int rows = view->options.terminal.rows - (int)view->snapshot->service_count - ROWS_AROUND;
        most = held_fitting(&view->held, view->options.terminal.columns, view->name_width + 3,
                            rows > FEWEST_ROWS ? rows : FEWEST_ROWS);
    }
    if (most < view->held.count)
        view->held.dropped += view->held.count - most;
    if (view->held.dropped)
        append_skipped(view, view->held.dropped);
    view->held.dropped = 0;
    held_take(&view->held, NULL, most, show_held, view);
}

static void settle(struct view *view)
{
    view->settled = true;
    begin_lines(view);
    if (on_terminal(view)) {
        ds_text_append(&view->out, view->told_failure ? "\n" : "");
        show_final_block(view);
    }
    append_summary(view);
    flush_held(view);
}

void view_snapshot(struct view *view, struct ds_snapshot *snapshot, uint64_t now)
{
    if (view->snapshot)
        ds_snapshot_unref(view->snapshot);
    view->snapshot = ds_snapshot_ref(snapshot);
    view->name_width = words_name_width(snapshot);
    bool first = !view->greeted;
    resize_timings(view, snapshot->service_count);
    if (first)
        greet(view);
    for (size_t i = 0; i < snapshot->service_count; i++) {
        struct timing before = view->timings[i];
        note_timing(&view->timings[i], &snapshot->services[i], now);
        /* Whoever came to stop it knows how it was. */
        if (!first || view->options.role != VIEW_DOWN)
            tell_change(view, &snapshot->services[i], i, &before);
    }
    if (snapshot->phase == DS_STACK_STOPPING && !view->stopping)
        view_stopping(view, now);
    if (!view->settled && !view->stopping && snapshot_is_settled(snapshot))
        settle(view);
    if (is_live(view) && now - view->drawn_at >= DRAW_INTERVAL)
        draw(view, now);
}

void view_tick(struct view *view, uint64_t now)
{
    if (!is_live(view))
        return;
    view->frame++;
    draw(view, now);
}

void view_resize(struct view *view, int columns, int rows)
{
    view->live.columns = columns;
    view->options.terminal.columns = columns;
    view->options.terminal.rows = rows;
}

void view_redraw(struct view *view, uint64_t now)
{
    live_finish(&view->live);
    if (is_live(view))
        draw(view, now);
}

void view_stopping(struct view *view, uint64_t now)
{
    if (view->stopping)
        return;
    view->stopping = true;
    view->stopping_at = now;
    begin_lines(view);
    flush_held(view);
    if (is_live(view))
        draw(view, now);
    else if (!on_terminal(view) && view->snapshot)
        view_say(view, "Stopping.");
}

void view_say(struct view *view, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    ds_auto_free char *line = ds_vprintf(format, args);
    va_end(args);
    begin_lines(view);
    ds_text_appendf(&view->out, "%s\n", line);
}

void view_give_up(struct view *view)
{
    if (view->settled || !view->snapshot)
        return;
    begin_lines(view);
    view->settled = true;
    append_summary(view);
}

void view_end(struct view *view)
{
    begin_lines(view);
    view->stopping = false;
    view->settled = true;
}
