/* The services as a block of lines. */
#include "block.h"

#include <stdlib.h>
#include <string.h>

#include "devstack/base/clock.h"
#include "devstack/base/memory.h"
#include "logline.h"
#include "progress.h"
#include "words.h"

enum { BAR_WIDTH = 16, TIME_WIDTH = 6 };

struct widths {
    int name, state, url;
};

static bool is_under_way(enum ds_state state)
{
    return state == DS_STATE_PREPARING || state == DS_STATE_STARTING ||
           state == DS_STATE_RESTARTING || state == DS_STATE_STOPPING;
}

static bool is_settled(const struct ds_snapshot_service *service)
{
    return ds_state_is_ready(service->state) || service->state == DS_STATE_COMPLETED;
}

static void widen(int *width, const char *words)
{
    int own = ds_terminal_width(words);
    *width = own > *width ? own : *width;
}

static struct widths measure(const struct ds_snapshot *snapshot)
{
    /* While states still change the column has room for the longest of them, so nothing jumps. */
    int state = snapshot->phase == DS_STACK_READY ? 7 : ds_terminal_width("restarting");
    struct widths widths = {.name = words_name_width(snapshot), .state = state};
    for (size_t i = 0; i < snapshot->service_count; i++) {
        const struct ds_snapshot_service *service = &snapshot->services[i];
        widen(&widths.state, ds_state_name(service->state));
        if (service->url && service->depends_on.count)
            widen(&widths.url, service->url);
    }
    return widths;
}

static void append_time(struct ds_text *line, const struct ds_snapshot_service *service,
                        uint64_t elapsed)
{
    uint64_t ns = is_under_way(service->state) && elapsed ? elapsed : words_start_time(service);
    bool shown = is_settled(service) || (is_under_way(service->state) && ns);
    ds_auto_free char *time = shown && ns ? ds_duration_format(ns) : ds_strdup("");
    ds_text_append(line, time);
    append_padding(line, time, TIME_WIDTH);
}

static void append_after(const struct palette *palette, struct ds_text *line,
                         const struct ds_snapshot_service *service)
{
    if (!service->depends_on.count)
        return;
    ds_auto_free char *list = ds_strings_join(&service->depends_on, ", ");
    ds_auto_free char *words = ds_printf("after %s", list);
    palette_append(palette, line, STYLE_DIM, words);
}

static void append_settled(const struct palette *palette, struct ds_text *line,
                           const struct ds_snapshot_service *service, const struct widths *widths)
{
    const char *url = service->url ? service->url : "";
    ds_text_append(line, url);
    if (!service->depends_on.count)
        return;
    append_padding(line, url, widths->url);
    ds_text_append(line, widths->url ? "   " : "");
    append_after(palette, line, service);
}

static void append_pull(const struct palette *palette, struct ds_text *line,
                        const struct ds_snapshot_service *service)
{
    ds_auto_free char *words = words_reason(service);
    ds_text_append(line, words);
    const struct ds_reason *reason = &service->reason;
    if (!reason->done && !reason->total)
        return;
    /* The numbers first: where there is little room the bar is what is cut. */
    ds_auto_free char *progress = words_progress(reason->done, reason->total);
    ds_text_appendf(line, "  %s", progress);
    if (!reason->total)
        return;
    ds_text_append(line, "  ");
    words_append_bar(palette, line, reason->done, reason->total, BAR_WIDTH);
}

static void append_detail(const struct palette *palette, struct ds_text *line,
                          const struct ds_snapshot_service *service, const struct widths *widths)
{
    if (is_settled(service)) {
        append_settled(palette, line, service, widths);
        return;
    }
    if (service->reason.code == DS_REASON_PULLING) {
        append_pull(palette, line, service);
        return;
    }
    /* Why it failed stands above the block, with its last lines. */
    if (service->state == DS_STATE_FAILED || service_ended_early(service))
        return;
    ds_auto_free char *words = words_reason(service);
    palette_append(palette, line, STYLE_DIM, words);
}

static char *service_line(const struct ds_snapshot_service *service, size_t index,
                          const struct widths *widths, const struct block_options *options)
{
    const struct palette *palette = options->palette;
    enum style style = palette_state_style(service->state);
    const char *state = ds_state_name(service->state);
    ds_auto_text struct ds_text line = {0};
    ds_text_append(&line, "  ");
    palette_append(palette, &line, style, palette_glyph(palette, service->state, options->frame));
    ds_text_append(&line, " ");
    ds_text_append(&line, service->name);
    append_padding(&line, service->name, widths->name + 2);
    palette_append(palette, &line, style, state);
    append_padding(&line, state, widths->state + 3);
    append_time(&line, service, options->elapsed ? options->elapsed[index] : 0);
    ds_text_append(&line, "  ");
    append_detail(palette, &line, service, widths);
    while (line.length && line.data[line.length - 1] == ' ')
        line.data[--line.length] = '\0';
    struct ds_text fitted = {0};
    palette_append_fit(palette, &fitted, ds_text_string(&line), options->columns);
    return ds_text_take(&fitted);
}

/* Which lines are worth a row when there are too few: what is failing or under way, not what is
 * ready or has yet to begin. */
static unsigned interest(const struct ds_snapshot_service *service)
{
    switch (service->state) {
    case DS_STATE_FAILED:
    case DS_STATE_UNHEALTHY:
    case DS_STATE_RESTARTING:
        return 3;
    case DS_STATE_PREPARING:
    case DS_STATE_STARTING:
    case DS_STATE_STOPPING:
        return 2;
    case DS_STATE_WAITING:
        return 1;
    case DS_STATE_STOPPED:
    case DS_STATE_RUNNING:
    case DS_STATE_HEALTHY:
    case DS_STATE_COMPLETED:
        return 0;
    }
    return 0;
}

/* "… 12 more: 8 healthy, 4 waiting" */
static char *rest_line(const struct ds_snapshot *snapshot, const bool *shown,
                       const struct block_options *options)
{
    size_t counts[DS_STATE_COUNT] = {0}, hidden = 0;
    for (size_t i = 0; i < snapshot->service_count; i++)
        if (!shown[i]) {
            counts[snapshot->services[i].state]++;
            hidden++;
        }
    ds_auto_strings struct ds_strings parts = {0};
    for (size_t i = 0; i < DS_STATE_COUNT; i++)
        if (counts[i])
            ds_strings_addf(&parts, "%zu %s", counts[i], ds_state_name((enum ds_state)i));
    ds_auto_free char *list = ds_strings_join(&parts, ", ");
    ds_auto_free char *line =
        ds_printf("  %s %zu more: %s", palette_ellipsis(options->palette), hidden, list);
    struct ds_text fitted = {0};
    palette_append_fit(options->palette, &fitted, line, options->columns);
    return ds_text_take(&fitted);
}

static void choose(const struct ds_snapshot *snapshot, size_t room, bool *shown)
{
    for (unsigned level = 4; level-- > 0 && room;)
        for (size_t i = 0; i < snapshot->service_count && room; i++)
            if (interest(&snapshot->services[i]) == level) {
                shown[i] = true;
                room--;
            }
}

void block_render(const struct ds_snapshot *snapshot, const struct block_options *options,
                  struct ds_strings *lines)
{
    struct widths widths = measure(snapshot);
    bool all = !options->lines || snapshot->service_count <= options->lines;
    ds_auto_free bool *shown = ds_alloc(snapshot->service_count * sizeof(bool));
    choose(snapshot, all ? snapshot->service_count : options->lines - 1, shown);
    for (size_t i = 0; i < snapshot->service_count; i++)
        if (shown[i])
            ds_strings_take(lines, service_line(&snapshot->services[i], i, &widths, options));
    if (!all)
        ds_strings_take(lines, rest_line(snapshot, shown, options));
}
