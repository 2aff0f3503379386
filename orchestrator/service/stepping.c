/*
 * What events do to a service. set_state() is the only place that writes its state: it arms the
 * deadline, starts and ends what belongs to a state, and marks the status as changed.
 */
#include <stdlib.h>
#include <string.h>

#include "internal.h"

static uint64_t now_of(const struct ds_service *service)
{
    return ds_clock_monotonic(service->host.clock);
}

/* Shows a reason (moved in), secrets masked. */
static void show(struct ds_service *service, struct ds_reason *reason)
{
    if (reason->text && service->host.logs) {
        char *masked = ds_log_store_masked(service->host.logs, reason->text);
        free(reason->text);
        reason->text = masked;
    }
    if (ds_reason_equal(reason, &service->status.reason)) {
        ds_reason_clear(reason);
        return;
    }
    ds_reason_clear(&service->status.reason);
    service->status.reason = *reason;
    *reason = (struct ds_reason){0};
    service->dirty = true;
}

static void show_code(struct ds_service *service, enum ds_reason_code code, const char *text)
{
    struct ds_reason reason = {.code = code, .text = ds_strdup(text)};
    show(service, &reason);
}

static void say(struct ds_service *service, const char *what)
{
    const char *why = service->status.reason.text;
    if (service->host.logs)
        ds_log_store_say(service->host.logs, service->spec->name, "%s%s%s", what, why ? ": " : "",
                         why ? why : "");
}

static void arm(struct ds_service *service, uint64_t ns)
{
    uv_timer_start(&service->deadline, ds_service_deadline, (ns + DS_NS_PER_MS - 1) / DS_NS_PER_MS,
                   0);
}

void ds_service_deadline(uv_timer_t *timer)
{
    struct ds_service *service = timer->data;
    bool backoff = service->machine.state == DS_STATE_RESTARTING;
    ds_service_post_event(service, backoff ? DS_EVENT_BACKOFF_OVER : DS_EVENT_OVERDUE,
                          service->start_number);
}

static void end_start(struct ds_service *service)
{
    ds_start_close(ds_steal(service->start));
    service->status.pid = 0;
    service->status.owner_unknown = false;
    if (!service->status.times.ended)
        service->status.times.ended = now_of(service);
}

static void enter_waiting(struct ds_service *service, bool automatic)
{
    end_start(service);
    service->automatic = automatic;
    service->status.times = (struct ds_service_times){.requested = now_of(service)};
    free(ds_steal(service->container));
    service->status.container = NULL;
    service->status.address = NULL;
    free(ds_steal(service->last_probe));
    service->status.last_probe = NULL;
    free(ds_steal(service->probe_text));
    show_code(service, DS_REASON_NONE, NULL);
}

static void enter_preparing(struct ds_service *service)
{
    service->status.times.released = now_of(service);
    service->status.starts++;
    if (service->automatic)
        service->status.restarts++;
    service->start = ds_start_create(service, ++service->start_number);
    if (service->spec->kind == DS_KIND_CONTAINER)
        show_code(service, DS_REASON_CREATING, "creating the container");
    else
        show_code(service, DS_REASON_NONE, NULL);
}

static void enter_starting(struct ds_service *service)
{
    const struct ds_runner *runner = service->start->runner;
    service->status.times.spawned = now_of(service);
    service->status.pid = runner->pid;
    free(service->container);
    service->container = ds_strdup(runner->container);
    service->status.container = service->container;
    if (service->rules.task) {
        show_code(service, DS_REASON_NONE, NULL);
        return;
    }
    if (!ds_start_probe(service->start)) {
        ds_service_post_event(service, DS_EVENT_RUNS, service->start_number);
        return;
    }
    show_code(service, DS_REASON_PROBING, "not probed yet");
    arm(service, service->spec->health.start_timeout);
}

static void enter_ready(struct ds_service *service)
{
    if (!service->status.times.ready)
        service->status.times.ready = now_of(service);
    show_code(service, DS_REASON_NONE, NULL);
}

static void enter_stopping(struct ds_service *service, struct ds_post *post)
{
    ds_start_stop_probing(service->start);
    switch (service->machine.after_stop) {
    case DS_AFTER_STOP_REST:
        show_code(service, DS_REASON_STOP_REQUESTED, "asked to stop");
        return;
    case DS_AFTER_STOP_AGAIN:
        show_code(service, DS_REASON_STOP_REQUESTED, "asked to restart");
        return;
    case DS_AFTER_STOP_JUDGE: {
        ds_auto_free char *limit = ds_duration_format(service->spec->health.start_timeout);
        const char *last = service->probe_text;
        struct ds_reason reason = {0};
        ds_reason_set(&reason, DS_REASON_START_TIMEOUT, "not ready within %s%s%s", limit,
                      last ? ": " : "", last ? last : "");
        reason.subject = ds_strdup(service->status.reason.subject);
        reason.hint = ds_strdup(service->status.reason.hint);
        show(service, &reason);
        say(service, "stopping it");
        return;
    }
    case DS_AFTER_STOP_FAIL:
        show(service, &post->reason);
        say(service, "stopping it");
        return;
    }
}

static void enter_restarting(struct ds_service *service, enum ds_state from, struct ds_post *post)
{
    if (from != DS_STATE_STOPPING) /* else the start timeout is the reason that stays */
        show(service, &post->reason);
    end_start(service);
    service->status.next_start = now_of(service) + service->machine.backoff;
    arm(service, service->machine.backoff);
    ds_auto_free char *wait = ds_duration_format(service->machine.backoff);
    ds_auto_free char *what = ds_printf("starting again in %s", wait);
    say(service, what);
}

static void enter_failed(struct ds_service *service, enum ds_state from, struct ds_post *post,
                         bool gave_up)
{
    struct ds_reason reason = {0};
    ds_reason_copy(&reason, from == DS_STATE_STOPPING ? &service->status.reason : &post->reason);
    if (gave_up) {
        ds_auto_free char *cause = ds_steal(reason.text);
        reason.code = DS_REASON_GAVE_UP;
        reason.number = (int)service->machine.failed_starts;
        reason.text = ds_printf("gave up after %d starts in a row that never became ready; the "
                                "last one: %s",
                                reason.number, cause ? cause : "no reason is known");
    }
    show(service, &reason);
    end_start(service);
    say(service, "failed");
}

static void enter_stopped(struct ds_service *service, enum ds_state from, struct ds_post *post)
{
    /* One that ended by itself shows how; one that was stopped shows that, unless its container
     * could not be removed. */
    if (from == DS_STATE_STOPPING && post->reason.code == DS_REASON_LEFT_BEHIND)
        show(service, &post->reason);
    else if (ds_state_is_over(from) || from == DS_STATE_WAITING || from == DS_STATE_RESTARTING ||
             from == DS_STATE_STOPPING)
        show_code(service, DS_REASON_STOP_REQUESTED, "stopped on request");
    else
        show(service, &post->reason);
    end_start(service);
}

static void enter(struct ds_service *service, enum ds_state from, struct ds_post *post,
                  bool gave_up)
{
    switch (service->machine.state) {
    case DS_STATE_STOPPED:
        enter_stopped(service, from, post);
        return;
    case DS_STATE_WAITING:
        enter_waiting(service, post->event == DS_EVENT_BACKOFF_OVER);
        return;
    case DS_STATE_PREPARING:
        enter_preparing(service);
        return;
    case DS_STATE_STARTING:
        enter_starting(service);
        return;
    case DS_STATE_RUNNING:
    case DS_STATE_HEALTHY:
        enter_ready(service);
        return;
    case DS_STATE_UNHEALTHY:
        show(service, &post->reason);
        say(service, "unhealthy");
        return;
    case DS_STATE_RESTARTING:
        enter_restarting(service, from, post);
        return;
    case DS_STATE_STOPPING:
        enter_stopping(service, post);
        return;
    case DS_STATE_COMPLETED:
        service->status.times.ready = now_of(service);
        show(service, &post->reason);
        end_start(service);
        return;
    case DS_STATE_FAILED:
        enter_failed(service, from, post, gave_up);
        return;
    }
}

/* Takes the machine's step: the one writer of the state. */
static void set_state(struct ds_service *service, const struct ds_machine_step *step,
                      struct ds_post *post)
{
    enum ds_state from = service->machine.state;
    service->machine = step->next;
    service->status.failed_starts = step->next.failed_starts;
    if (post->has_exit) {
        service->status.has_exit = true;
        service->status.exit_status = post->exit_status;
    }
    if (step->next.state == from) {
        if (from == DS_STATE_STOPPING) /* stop became restart, or the other way round */
            enter_stopping(service, post);
        return;
    }
    uv_timer_stop(&service->deadline);
    service->status.next_start = 0;
    service->status.state = step->next.state;
    service->dirty = true;
    enter(service, from, post, step->gave_up);
}

static void act(struct ds_service *service, unsigned actions)
{
    if (actions & DS_ACTION_BEGIN)
        ds_start_begin(service->start);
    if (actions && !service->start)
        return;
    struct ds_runner *runner = actions ? service->start->runner : NULL;
    if ((actions & DS_ACTION_STOP) && runner)
        ds_runner_stop(runner);
    if ((actions & DS_ACTION_KILL) && runner)
        ds_runner_kill(runner);
}

static void handle_event(struct ds_service *service, struct ds_post *post)
{
    uint64_t ready = service->status.times.ready;
    uint64_t lived = ready ? now_of(service) - ready : 0;
    struct ds_machine_step step =
        ds_machine_step(&service->machine, &service->rules, post->event, lived);
    if (step.known) {
        set_state(service, &step, post);
        act(service, step.actions);
    } else if (post->event == DS_EVENT_SICK && post->reason.code) {
        show(service, &post->reason); /* the engine went away before it was ready */
    }
}

/* Keeps "HTTP 503 after 12 ms"; only another text is news, another time is not. */
static void keep_answer(struct ds_service *service, const struct ds_post *post)
{
    const char *raw = post->reason.text ? post->reason.text : "no answer";
    ds_auto_free char *text =
        service->host.logs ? ds_log_store_masked(service->host.logs, raw) : ds_strdup(raw);
    if (!ds_string_equal(text, service->probe_text)) {
        free(service->probe_text);
        service->probe_text = ds_strdup(text);
        service->dirty = true;
    }
    free(service->last_probe);
    service->last_probe = post->took ? ds_printf("%s after %.1f ms", text, (double)post->took / 1e6)
                                     : ds_strdup(text);
    service->status.last_probe = service->last_probe;
}

static void handle_failed_answer(struct ds_service *service, struct ds_post *post)
{
    enum ds_state state = service->machine.state;
    if (state == DS_STATE_STARTING && post->hopeless) {
        post->event = DS_EVENT_HOPELESS;
        handle_event(service, post);
        return;
    }
    if (state == DS_STATE_STARTING) {
        if (!post->reason.code)
            post->reason.code = DS_REASON_PROBING;
        show(service, &post->reason);
        return;
    }
    if (!post->reason.code)
        post->reason.code = DS_REASON_PROBE_FAILED;
    if (post->verdict == DS_VERDICT_SICK) {
        post->event = DS_EVENT_SICK;
        handle_event(service, post);
    } else if (state == DS_STATE_UNHEALTHY && service->status.reason.code != DS_REASON_ENGINE) {
        show(service, &post->reason);
    }
}

static void handle_answer(struct ds_service *service, struct ds_post *post)
{
    if (!service->start || !service->start->prober)
        return;
    keep_answer(service, post);
    if (!post->passed) {
        handle_failed_answer(service, post);
        return;
    }
    if (!ds_string_equal(service->status.address, post->address) ||
        service->status.owner_unknown != post->owner_unknown)
        service->dirty = true;
    service->status.address = post->address;
    service->status.owner_unknown = post->owner_unknown;
    if (post->verdict == DS_VERDICT_READY) {
        post->event = DS_EVENT_READY;
        handle_event(service, post);
    }
}

static void handle_note(struct ds_service *service, struct ds_post *post)
{
    enum ds_state state = service->machine.state;
    /* A dependency's word is for one that waits, a runner's for one that prepares. */
    if (state == (post->start ? DS_STATE_PREPARING : DS_STATE_WAITING))
        show(service, &post->reason);
}

void ds_service_handle(struct ds_service *service, struct ds_post *post)
{
    if (post->start && post->start != service->start_number)
        return;
    switch (post->kind) {
    case DS_POST_EVENT:
        handle_event(service, post);
        return;
    case DS_POST_NOTE:
        handle_note(service, post);
        return;
    case DS_POST_ANSWER:
        handle_answer(service, post);
        return;
    case DS_POST_RESUMED:
        if (service->start && service->machine.state == DS_STATE_UNHEALTHY &&
            service->status.reason.code == DS_REASON_ENGINE) {
            post->event = service->start->prober ? DS_EVENT_READY : DS_EVENT_RUNS;
            handle_event(service, post);
        }
        return;
    }
}
