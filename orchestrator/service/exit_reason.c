/* Exit codes and signals in words. */
#include "exit_reason.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "devstack/base/memory.h"

char *ds_signal_name(int number)
{
    const char *name = sigabbrev_np(number);
    return name ? ds_printf("SIG%s", name) : ds_printf("signal %d", number);
}

/* What shells, env(1) and container engines mean by their codes; the caller frees. */
static char *code_meaning(int code)
{
    if (code == 126)
        return ds_strdup(" (a command could not be executed)");
    if (code == 127)
        return ds_strdup(" (a command was not found)");
    const char *name = code > 128 ? sigabbrev_np(code - 128) : NULL;
    return name ? ds_printf(" (as after SIG%s)", name) : ds_strdup("");
}

void ds_exit_reason(struct ds_reason *reason, int wait_status)
{
    if (WIFSIGNALED(wait_status)) {
        int number = WTERMSIG(wait_status);
        ds_auto_free char *name = ds_signal_name(number);
        ds_reason_set(reason, DS_REASON_SIGNALED, "killed by %s%s", name,
                      WCOREDUMP(wait_status) ? " (core dumped)" : "");
        reason->number = number;
        return;
    }
    int code = WEXITSTATUS(wait_status);
    ds_auto_free char *meaning = code_meaning(code);
    ds_reason_set(reason, DS_REASON_EXITED, "exited with code %d%s", code, meaning);
    reason->number = code;
}
