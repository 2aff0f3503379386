/* `stop_signal:`: the signals that a service can be asked to stop with. */
#include <signal.h>
#include <string.h>

#include "devstack/base/memory.h"
#include "keys.h"

static const struct {
    const char *name;
    int number;
} signals[] = {
    {"SIGHUP", SIGHUP},   {"SIGINT", SIGINT},   {"SIGQUIT", SIGQUIT}, {"SIGKILL", SIGKILL},
    {"SIGTERM", SIGTERM}, {"SIGUSR1", SIGUSR1}, {"SIGUSR2", SIGUSR2}, {"SIGWINCH", SIGWINCH},
};

const char *ds_stop_signal_name(int number)
{
    for (size_t i = 0; i < DS_COUNT(signals); i++)
        if (signals[i].number == number)
            return signals[i].name;
    return "SIGTERM";
}

void ds_read_signal(struct ds_reader *reader, const struct ds_node *node, void *number)
{
    ds_auto_free char *text = NULL;
    if (!ds_read_text(reader, node, &text))
        return;
    for (size_t i = 0; i < DS_COUNT(signals); i++) {
        if (strcmp(signals[i].name, text) == 0 || strcmp(signals[i].name + 3, text) == 0) {
            *(int *)number = signals[i].number;
            return;
        }
    }
    ds_read_refuse(reader, node,
                   "a signal (SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGUSR1, SIGUSR2, SIGWINCH, "
                   "SIGKILL)");
}
