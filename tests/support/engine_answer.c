/* Noting answers. */
#include "tests/support/engine_answer.h"

#include <stdlib.h>

#include "devstack/base/memory.h"

void answer_reset(struct engine_answer *answer)
{
    free(answer->message);
    free(answer->hint);
    free(answer->id);
    free(answer->health);
    free(answer->state);
    *answer = (struct engine_answer){0};
}

void answer_note_error(struct engine_answer *answer, const struct ds_error *error)
{
    answer->done = true;
    answer->count++;
    if (!error)
        return;
    answer->failed = true;
    answer->code = error->code;
    free(answer->message);
    free(answer->hint);
    answer->message = ds_strdup(error->message);
    answer->hint = ds_strdup(error->hint);
}

void answer_done(void *data, const struct ds_error *error)
{
    answer_note_error(data, error);
}

void answer_connected(void *data, const struct ds_engine_info *info, const struct ds_error *error)
{
    struct engine_answer *answer = data;
    answer_note_error(answer, error);
    if (info)
        answer->id = ds_strdup(info->api_version);
}

void answer_present(void *data, bool present, const struct ds_error *error)
{
    struct engine_answer *answer = data;
    answer_note_error(answer, error);
    answer->present = present;
}

void answer_created(void *data, const char *id, const struct ds_error *error)
{
    struct engine_answer *answer = data;
    answer_note_error(answer, error);
    answer->id = ds_strdup(id);
}

void answer_inspected(void *data, const struct ds_container_state *container,
                      const struct ds_error *error)
{
    struct engine_answer *answer = data;
    answer_note_error(answer, error);
    if (!container)
        return;
    answer->id = ds_strdup(container->id);
    answer->running = container->running;
    answer->exit_code = container->exit_code;
    answer->pid = container->pid;
    answer->has_health = container->has_health;
    answer->health = ds_strdup(container->health);
    answer->state = ds_strdup(container->name);
    for (size_t i = 0; i < container->port_count && i < DS_COUNT(answer->ports); i++)
        answer->ports[answer->port_count++] = container->ports[i];
}

void answer_ended(void *data, int exit_code, const struct ds_error *error)
{
    struct engine_answer *answer = data;
    answer_note_error(answer, error);
    answer->exit_code = exit_code;
}

void answer_executed(void *data, int exit_code, const char *output, const struct ds_error *error)
{
    struct engine_answer *answer = data;
    answer_note_error(answer, error);
    answer->exit_code = exit_code;
    answer->id = ds_strdup(output);
}

void answer_listed(void *data, const struct ds_engine_item *items, size_t count,
                   const struct ds_error *error)
{
    struct engine_answer *answer = data;
    answer_note_error(answer, error);
    answer->item_count = count;
    if (!count)
        return;
    answer->id = ds_strdup(items[0].id);
    answer->state = ds_strdup(items[0].state);
    answer->host_port = items[0].host_port_count ? items[0].host_ports[0] : 0;
}

void answer_swept(void *data, const struct ds_sweep_result *result, const struct ds_error *error)
{
    struct engine_answer *answer = data;
    answer_note_error(answer, error);
    answer->swept = *result;
}
