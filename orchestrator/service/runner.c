/* What all runners share. */
#include "runner.h"

void ds_runner_stop(struct ds_runner *runner)
{
    if (!runner->closing)
        runner->ops->stop(runner);
}

void ds_runner_kill(struct ds_runner *runner)
{
    if (!runner->closing)
        runner->ops->kill(runner);
}

void ds_runner_close(struct ds_runner *runner, void (*on_closed)(void *data), void *data)
{
    runner->closing = true;
    runner->on_closed = on_closed;
    runner->closed_data = data;
    runner->ops->close(runner);
}
