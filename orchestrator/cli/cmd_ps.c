/* devstack ps: the services of a running stack. */
#include <string.h>

#include "ask.h"
#include "devstack/base/clock.h"
#include "devstack/base/memory.h"
#include "devstack/stack.h"
#include "project.h"
#include "table.h"
#include "words.h"

static void add_service(struct table *table, const struct ds_snapshot_service *service, int64_t now)
{
    ds_auto_free char *reason = words_reason(service);
    ds_auto_free char *since = service->started_at && now > service->started_at
                                   ? ds_duration_format((uint64_t)(now - service->started_at))
                                   : NULL;
    const char *cells[] = {service->name, ds_state_name(service->state), since, service->url,
                           *reason ? reason : NULL};
    table_add(table, cells);
}

static void print_table(const struct context *context, const struct ds_snapshot *snapshot)
{
    static const char *const heading[] = {"NAME", "STATE", "SINCE", "URL", "REASON"};
    struct table table = {.columns = DS_COUNT(heading)};
    table_add(&table, heading);
    int64_t now = ds_clock_wall(ds_clock_system());
    for (size_t i = 0; i < snapshot->service_count; i++)
        add_service(&table, &snapshot->services[i], now);
    const struct ds_terminal *terminal = &context->terminal;
    struct palette palette = {.color = terminal->color, .utf8 = terminal->utf8};
    ds_auto_text struct ds_text text = {0};
    table_render(&table, &palette, terminal->interactive ? terminal->columns : 0, &text);
    fputs(ds_text_string(&text), stdout);
    table_finish(&table);
    if (snapshot->problem)
        fprintf(stderr, "%s\n", snapshot->problem);
}

static int show(const struct context *context, const struct project *project)
{
    ds_auto_error struct ds_error err = {0};
    ds_auto_free char *json = ask_stack(&project->identity, "/api/v1/stack", &err);
    if (!json)
        return report(&err);
    struct ds_snapshot *snapshot = ds_snapshot_from_json(json, strlen(json), &err);
    if (!snapshot)
        return report(&err);
    if (context_has(context, FLAG_JSON))
        printf("%s\n", json);
    else
        print_table(context, snapshot);
    ds_snapshot_unref(snapshot);
    return DS_OK;
}

int cmd_ps(struct context *context)
{
    struct project project;
    int code = project_identify(context, &project);
    if (code == DS_OK)
        code = show(context, &project);
    project_finish(&project);
    return code;
}
