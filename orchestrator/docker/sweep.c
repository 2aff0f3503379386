/*
 * The sweep goes in rounds: list containers and networks, remove the containers, then the networks
 * (which the engine does not remove from under a container), look again. When two rounds in a row
 * have found nothing, the ephemeral volumes go.
 */
#include "devstack/docker/sweep.h"

#include "internal.h"

#define BETWEEN_EMPTY_MS    250
#define BETWEEN_TRIES_MS    20
#define LATE_LIMIT_NS       (1500 * DS_NS_PER_MS)
#define WHOLE_LIMIT_NS      (10 * DS_NS_PER_S)
#define EMPTY_ROUNDS_NEEDED 2

enum phase { PHASE_CONTAINERS, PHASE_NETWORKS, PHASE_VOLUMES };

struct removal;

struct sweep_call {
    struct ds_engine_call call;
    char *label;
    enum phase phase;
    DS_VEC(struct removal *) removals; /* all ever started: freed with the sweep */
    struct ds_engine_call *listing;
    size_t under_way;
    unsigned found; /* in this round */
    unsigned empty_rounds;
    uint64_t started, first_empty; /* monotonic; first_empty 0: not yet */
    struct ds_error error;         /* the first of this round */
    struct ds_sweep_result result;
    void (*done)(void *data, const struct ds_sweep_result *result, const struct ds_error *error);
    void *data;
};

struct removal {
    struct sweep_call *sweep;
    struct ds_engine_call *call; /* NULL once it has finished */
};

static void begin_phase(struct sweep_call *sweep, enum phase phase);

static void release(struct ds_engine_call *call)
{
    struct sweep_call *sweep = (struct sweep_call *)call;
    ds_engine_cancel(sweep->listing);
    for (size_t i = 0; i < sweep->removals.count; i++) {
        ds_engine_cancel(sweep->removals.items[i]->call);
        free(sweep->removals.items[i]);
    }
    free(sweep->removals.items);
    ds_error_clear(&sweep->error);
    free(sweep->label);
    free(sweep);
}

static void finish(struct sweep_call *sweep)
{
    engine_call_end(&sweep->call);
    sweep->done(sweep->data, &sweep->result, sweep->error.message ? &sweep->error : NULL);
}

static uint64_t now(void)
{
    return ds_clock_monotonic(ds_clock_system());
}

static void note_error(struct sweep_call *sweep, const struct ds_error *error)
{
    if (sweep->error.message)
        return;
    ds_error_set(&sweep->error, error->code, "%s", error->message);
    if (error->hint)
        ds_error_hint(&sweep->error, "%s", error->hint);
}

static void next_round(struct ds_engine_call *call)
{
    struct sweep_call *sweep = (struct sweep_call *)call;
    sweep->found = 0;
    ds_error_clear(&sweep->error);
    begin_phase(sweep, PHASE_CONTAINERS);
}

static bool is_over(const struct sweep_call *sweep)
{
    uint64_t time = now();
    return time - sweep->started > WHOLE_LIMIT_NS ||
           (sweep->first_empty && time - sweep->first_empty > LATE_LIMIT_NS);
}

static void end_round(struct sweep_call *sweep)
{
    bool clean = sweep->found == 0 && !sweep->error.message;
    sweep->empty_rounds = clean ? sweep->empty_rounds + 1 : 0;
    if (clean && !sweep->first_empty)
        sweep->first_empty = now();
    if (sweep->empty_rounds == EMPTY_ROUNDS_NEEDED) {
        begin_phase(sweep, PHASE_VOLUMES);
    } else if (is_over(sweep)) {
        if (!sweep->error.message && !clean)
            ds_error_set(&sweep->error, DS_ERROR_FAILED,
                         "Containers of %s appear as fast as they are removed", sweep->label);
        if (sweep->error.message)
            finish(sweep);
        else
            begin_phase(sweep, PHASE_VOLUMES);
    } else {
        engine_call_after(&sweep->call, clean ? BETWEEN_EMPTY_MS : BETWEEN_TRIES_MS, next_round);
    }
}

static void end_phase(struct sweep_call *sweep)
{
    switch (sweep->phase) {
    case PHASE_CONTAINERS:
        begin_phase(sweep, PHASE_NETWORKS);
        return;
    case PHASE_NETWORKS:
        end_round(sweep);
        return;
    case PHASE_VOLUMES:
        finish(sweep);
        return;
    }
    abort();
}

static void count_removed(struct sweep_call *sweep)
{
    switch (sweep->phase) {
    case PHASE_CONTAINERS:
        sweep->result.containers++;
        return;
    case PHASE_NETWORKS:
        sweep->result.networks++;
        return;
    case PHASE_VOLUMES:
        sweep->result.volumes++;
        return;
    }
    abort();
}

static void on_removed(void *data, const struct ds_error *error)
{
    struct removal *removal = data;
    struct sweep_call *sweep = removal->sweep;
    removal->call = NULL;
    if (error)
        note_error(sweep, error);
    else
        count_removed(sweep);
    engine_call_enter(&sweep->call);
    if (--sweep->under_way == 0)
        end_phase(sweep);
    engine_call_leave(&sweep->call);
}

static enum ds_engine_object kind_of(enum phase phase)
{
    switch (phase) {
    case PHASE_CONTAINERS:
        return DS_ENGINE_CONTAINERS;
    case PHASE_NETWORKS:
        return DS_ENGINE_NETWORKS;
    case PHASE_VOLUMES:
        return DS_ENGINE_VOLUMES;
    }
    abort();
}

static bool is_ours_to_remove(const struct sweep_call *sweep, const struct ds_engine_item *item)
{
    return sweep->phase != PHASE_VOLUMES ||
           ds_string_equal(ds_variables_get(&item->labels, DS_LABEL_EPHEMERAL), "true");
}

static void remove_all(struct sweep_call *sweep, const struct ds_engine_item *items, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!is_ours_to_remove(sweep, &items[i]))
            continue;
        struct removal *removal = DS_NEW(struct removal);
        *DS_VEC_PUSH(&sweep->removals) = removal;
        removal->sweep = sweep;
        sweep->found++;
        sweep->under_way++;
        removal->call = ds_engine_remove(sweep->call.engine, kind_of(sweep->phase), items[i].id,
                                         on_removed, removal);
    }
}

static void on_listed(void *data, const struct ds_engine_item *items, size_t count,
                      const struct ds_error *error)
{
    struct sweep_call *sweep = data;
    sweep->listing = NULL;
    engine_call_enter(&sweep->call);
    if (error) { /* without listings there is nothing that another round could do */
        ds_error_clear(&sweep->error);
        note_error(sweep, error);
        finish(sweep);
    } else {
        remove_all(sweep, items, count);
        if (sweep->under_way == 0)
            end_phase(sweep);
    }
    engine_call_leave(&sweep->call);
}

static void begin_phase(struct sweep_call *sweep, enum phase phase)
{
    sweep->phase = phase;
    sweep->listing =
        ds_engine_list(sweep->call.engine, kind_of(phase), sweep->label, on_listed, sweep);
}

struct ds_engine_call *ds_engine_sweep(struct ds_engine *engine, const char *label,
                                       void (*done)(void *data,
                                                    const struct ds_sweep_result *result,
                                                    const struct ds_error *error),
                                       void *data)
{
    struct sweep_call *sweep = DS_NEW(struct sweep_call);
    sweep->label = ds_strdup(label);
    sweep->done = done;
    sweep->data = data;
    sweep->started = now();
    engine_call_begin(&sweep->call, engine, release);
    begin_phase(sweep, PHASE_CONTAINERS);
    return &sweep->call;
}
