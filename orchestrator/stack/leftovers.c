/* At a start: removing the containers and networks that dead runs of this stack left in the engine.
 */
#include "leftovers.h"

#include <stdlib.h>

#include "devstack/base/memory.h"
#include "devstack/docker/labels.h"
#include "ownership.h"

struct leftovers {
    struct ds_engine *engine;
    ds_engine_done_fn done;
    void *data;
    const struct ds_identity *identity;
    size_t pending;
    bool networks; /* the second round */
};

static void list_round(struct leftovers *leftovers);

static enum ds_engine_object kind(const struct leftovers *leftovers)
{
    return leftovers->networks ? DS_ENGINE_NETWORKS : DS_ENGINE_CONTAINERS;
}

static void finish(struct leftovers *leftovers, const struct ds_error *error)
{
    ds_engine_done_fn done = leftovers->done;
    void *data = leftovers->data;
    free(leftovers);
    done(data, error);
}

static void round_over(struct leftovers *leftovers)
{
    if (leftovers->networks) {
        finish(leftovers, NULL);
        return;
    }
    /* A network goes only when nothing is connected to it any more. */
    leftovers->networks = true;
    list_round(leftovers);
}

static void on_removed(void *data, const struct ds_error *error)
{
    struct leftovers *leftovers = data;
    (void)error; /* one that cannot be removed shows when its name is wanted */
    if (--leftovers->pending == 0)
        round_over(leftovers);
}

static void on_listed(void *data, const struct ds_engine_item *items, size_t count,
                      const struct ds_error *error)
{
    struct leftovers *leftovers = data;
    if (error) {
        finish(leftovers, error);
        return;
    }
    leftovers->pending = 1;
    for (size_t i = 0; i < count; i++) {
        if (!ownership_is_dead(leftovers->identity, &items[i].labels))
            continue;
        leftovers->pending++;
        ds_engine_remove(leftovers->engine, kind(leftovers), items[i].id, on_removed, leftovers);
    }
    on_removed(leftovers, NULL);
}

static void list_round(struct leftovers *leftovers)
{
    ds_auto_free char *label = ds_printf(DS_LABEL_STACK "=%s", leftovers->identity->id);
    ds_engine_list(leftovers->engine, kind(leftovers), label, on_listed, leftovers);
}

void leftovers_remove(struct ds_engine *engine, const struct ds_identity *identity,
                      ds_engine_done_fn done, void *data)
{
    struct leftovers *leftovers = DS_NEW(struct leftovers);
    *leftovers =
        (struct leftovers){.engine = engine, .done = done, .data = data, .identity = identity};
    list_round(leftovers);
}
