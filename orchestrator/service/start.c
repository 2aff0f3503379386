/* One start: what runs and what probes, from its launch to the moment when its last handle is
 * closed. Its callbacks post to the service under the start's number, so that what an old start
 * still says cannot touch a new one. */
#include <stdlib.h>

#include "internal.h"

static void post(const struct ds_start *start, struct ds_post *post)
{
    post->start = start->number;
    if (start->closing)
        ds_reason_clear(&post->reason);
    else
        ds_service_post(start->service, post);
}

static void on_noted(void *data, const struct ds_reason *reason)
{
    struct ds_post note = {.kind = DS_POST_NOTE};
    ds_reason_copy(&note.reason, reason);
    post(data, &note);
}

static void on_spawned(void *data)
{
    post(data, &(struct ds_post){.kind = DS_POST_EVENT, .event = DS_EVENT_SPAWNED});
}

static void on_interrupted(void *data, const struct ds_reason *reason)
{
    struct ds_post sick = {.kind = DS_POST_EVENT, .event = DS_EVENT_SICK};
    ds_reason_copy(&sick.reason, reason);
    post(data, &sick);
}

static void on_resumed(void *data)
{
    post(data, &(struct ds_post){.kind = DS_POST_RESUMED});
}

static void on_ended(void *data, const struct ds_runner_end *end)
{
    struct ds_post over = {.kind = DS_POST_EVENT,
                           .event = end->refused ? DS_EVENT_REFUSED
                                    : end->well  ? DS_EVENT_ENDED
                                                 : DS_EVENT_FAILED,
                           .has_exit = end->has_exit,
                           .exit_status = end->exit_status};
    ds_reason_copy(&over.reason, &end->reason);
    post(data, &over);
}

static void on_answer(void *data, enum ds_verdict verdict, const struct ds_probe_answer *answer,
                      uint64_t took)
{
    struct ds_post told = {.kind = DS_POST_ANSWER,
                           .verdict = verdict,
                           .passed = answer->passed,
                           .hopeless = answer->hopeless,
                           .owner_unknown = answer->owner_unknown,
                           .address = answer->address,
                           .took = took};
    told.reason.code = answer->code;
    told.reason.text = ds_strdup(answer->text);
    told.reason.subject = ds_strdup(answer->subject);
    told.reason.hint = ds_strdup(answer->hint);
    post(data, &told);
}

struct ds_start *ds_start_create(struct ds_service *service, unsigned number)
{
    struct ds_start *start = DS_NEW(struct ds_start);
    start->service = service;
    start->number = number;
    service->open++;
    return start;
}

void ds_start_begin(struct ds_start *start)
{
    const struct ds_service_host *host = &start->service->host;
    const struct ds_service_spec *spec = start->service->spec;
    ds_auto_error struct ds_error err = {0};
    if (!host->launch(host->data, spec, &start->launch, &err)) {
        struct ds_runner_end end = {.refused = true};
        ds_reason_set(&end.reason, DS_REASON_LAUNCH, "%s",
                      err.message ? err.message : "it could not be prepared");
        end.reason.hint = ds_strdup(err.hint);
        on_ended(start, &end);
        ds_reason_clear(&end.reason);
        return;
    }
    struct ds_run run = {
        .host = host, .spec = spec, .launch = &start->launch, .began = ds_clock_wall(host->clock)};
    struct ds_runner_events events = {.noted = on_noted,
                                      .spawned = on_spawned,
                                      .interrupted = on_interrupted,
                                      .resumed = on_resumed,
                                      .ended = on_ended,
                                      .data = start};
    start->open++;
    switch (spec->kind) {
    case DS_KIND_PROCESS:
    case DS_KIND_TASK:
        start->runner = ds_process_runner_start(&run, &events);
        break;
    case DS_KIND_CONTAINER:
        start->runner = ds_container_runner_start(&run, &events);
        break;
    case DS_KIND_EXTERNAL:
        start->runner = ds_external_runner_start(&run, &events);
        break;
    }
}

bool ds_start_probe(struct ds_start *start)
{
    start->prober = ds_prober_create(start->runner, on_answer, start);
    if (start->prober)
        start->open++;
    return start->prober != NULL;
}

static void free_when_closed(struct ds_start *start)
{
    if (!start->closing || start->open)
        return;
    struct ds_service *service = start->service;
    ds_launch_finish(&start->launch);
    free(start);
    ds_service_part_closed(service);
}

static void on_part_closed(void *data)
{
    struct ds_start *start = data;
    start->open--;
    free_when_closed(start);
}

void ds_start_stop_probing(struct ds_start *start)
{
    if (start->prober)
        ds_prober_close(ds_steal(start->prober), on_part_closed, start);
}

void ds_start_close(struct ds_start *start)
{
    if (!start)
        return;
    start->closing = true;
    ds_start_stop_probing(start);
    if (start->runner)
        ds_runner_close(ds_steal(start->runner), on_part_closed, start);
    free_when_closed(start);
}
