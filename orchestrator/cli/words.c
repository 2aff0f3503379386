/* What is said of a service. */
#include "words.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "devstack/base/memory.h"
#include "logline.h"
#include "progress.h"

static const char *subject_or(const struct ds_reason *reason, const char *otherwise)
{
    return reason->subject ? reason->subject : otherwise;
}

/* For reasons that came without a sentence of their own. */
static char *derive(const struct ds_reason *reason)
{
    switch (reason->code) {
    case DS_REASON_NONE:
        return ds_strdup("");
    case DS_REASON_NOT_STARTED:
        return ds_strdup("not started");
    case DS_REASON_DEPENDENCY:
        return ds_printf("for %s", subject_or(reason, "what it needs"));
    case DS_REASON_DEPENDENCY_FAILED:
        return ds_printf("%s failed", subject_or(reason, "what it needs"));
    case DS_REASON_PULLING:
        return ds_printf("pulling %s", subject_or(reason, "its image"));
    case DS_REASON_CREATING:
        return ds_strdup("creating");
    case DS_REASON_PROBING:
        return ds_strdup("not ready yet");
    case DS_REASON_PROBE_FAILED:
        return ds_strdup("its check fails");
    case DS_REASON_START_TIMEOUT:
        return ds_strdup("did not become ready in time");
    case DS_REASON_EXITED:
        return ds_printf("exit %d", reason->number);
    case DS_REASON_LOGIN:
        return ds_strdup("refuses the login");
    case DS_REASON_SIGNALED:
        return ds_printf("killed by SIG%s",
                         sigabbrev_np(reason->number) ? sigabbrev_np(reason->number) : "?");
    case DS_REASON_OUT_OF_MEMORY:
        return ds_strdup("out of memory");
    case DS_REASON_LEFT_BEHIND:
        return ds_strdup("its container could not be removed");
    case DS_REASON_COMMAND_NOT_FOUND:
        return ds_printf("command not found: %s", subject_or(reason, "?"));
    case DS_REASON_SPAWN_FAILED:
        return ds_strdup("could not be started");
    case DS_REASON_PORT_STRANGER:
        return ds_printf("its port belongs to %s", subject_or(reason, "somebody else"));
    case DS_REASON_PORT_TAKEN:
        return ds_strdup("its port is taken");
    case DS_REASON_DAEMONIZED:
        return ds_strdup("went into the background; run it in the foreground");
    case DS_REASON_IMAGE:
        return ds_printf("its image cannot be had: %s", subject_or(reason, "?"));
    case DS_REASON_ENGINE:
        return ds_strdup("the engine failed");
    case DS_REASON_LAUNCH:
        return ds_strdup("could not be prepared");
    case DS_REASON_LOST:
        return ds_strdup("its supervisor was killed");
    case DS_REASON_STOP_REQUESTED:
        return ds_strdup("");
    case DS_REASON_GAVE_UP:
        return ds_printf("gave up after %d starts", reason->number);
    }
    return ds_strdup("");
}

/* What a probe of something that has only just begun to come up says in its own language. */
static bool is_silence(const char *text)
{
    static const char *const silences[] = {
        "not probed yet",
        "no answer",
        "connection refused",
        "connection reset",
        "server closed the connection unexpectedly",
        "the connection was closed without an answer",
        "the connection was accepted and closed at once",
    };
    for (size_t i = 0; i < DS_COUNT(silences); i++)
        if (strncasecmp(text, silences[i], strlen(silences[i])) == 0)
            return true;
    return false;
}

char *words_reason(const struct ds_snapshot_service *service)
{
    const struct ds_reason *reason = &service->reason;
    if (service->state == DS_STATE_COMPLETED)
        return ds_strdup("");
    if (reason->code == DS_REASON_PROBING && reason->text && is_silence(reason->text))
        return ds_strdup("not answering yet");
    if (service_ended_early(service))
        return ds_printf("exited with code %d before it was ready", reason->number);
    bool derived = reason->code == DS_REASON_PULLING || reason->code == DS_REASON_DEPENDENCY ||
                   reason->code == DS_REASON_STOP_REQUESTED;
    if (reason->text && *reason->text && !derived)
        return logline_clean(reason->text);
    ds_auto_free char *words = derive(reason);
    return logline_clean(words);
}

static const char *byte_unit(uint64_t bytes, double *ret_factor)
{
    static const char *const units[] = {"B", "kB", "MB", "GB", "TB"};
    size_t unit = 0;
    *ret_factor = 1;
    while ((double)bytes / *ret_factor >= 1000 && unit + 1 < DS_COUNT(units)) {
        *ret_factor *= 1000;
        unit++;
    }
    return units[unit];
}

static char *scaled(double value)
{
    return ds_printf(value < 100 && value > 0 ? "%.1f" : "%.0f", value);
}

char *words_progress(uint64_t done, uint64_t total)
{
    double factor;
    const char *unit = byte_unit(total ? total : done, &factor);
    ds_auto_free char *first = scaled((double)done / factor);
    if (!total)
        return ds_printf("%s %s", first, unit);
    ds_auto_free char *second = scaled((double)total / factor);
    return ds_printf("%s/%s %s", first, second, unit);
}

void words_append_bar(const struct palette *palette, struct ds_text *text, uint64_t done,
                      uint64_t total, int width)
{
    double part = total ? (double)done / (double)total : 0;
    int full = (int)((part > 1 ? 1 : part) * width);
    const char *on = palette->utf8 ? "█" : "#";
    const char *off = palette->utf8 ? "░" : ".";
    for (int i = 0; i < width; i++)
        ds_text_append(text, i < full ? on : off);
}

uint64_t words_start_time(const struct ds_snapshot_service *service)
{
    return service->prepared + service->probed;
}

int words_name_width(const struct ds_snapshot *snapshot)
{
    int width = 0;
    for (size_t i = 0; i < snapshot->service_count; i++) {
        int own = ds_terminal_width(snapshot->services[i].name);
        width = own > width ? own : width;
    }
    return width;
}

char *words_not_ready(const struct ds_snapshot *snapshot)
{
    ds_auto_strings struct ds_strings list = {0};
    for (size_t i = 0; i < snapshot->service_count; i++) {
        const struct ds_snapshot_service *service = &snapshot->services[i];
        if (ds_state_is_ready(service->state) || service->state == DS_STATE_COMPLETED ||
            service->reason.code == DS_REASON_NOT_STARTED)
            continue;
        /* Why it failed was said when it did. */
        bool told = service->state == DS_STATE_FAILED || service_ended_early(service);
        ds_auto_free char *reason = told ? ds_strdup("") : words_reason(service);
        ds_strings_addf(&list, "%s (%s%s%s)", service->name, ds_state_name(service->state),
                        *reason ? ": " : "", reason);
    }
    return ds_strings_join(&list, ", ");
}

char *words_left_behind(const struct ds_snapshot *snapshot)
{
    ds_auto_strings struct ds_strings lines = {0};
    for (size_t i = 0; i < snapshot->service_count; i++) {
        const struct ds_snapshot_service *service = &snapshot->services[i];
        if (service->reason.code != DS_REASON_LEFT_BEHIND)
            continue;
        ds_auto_free char *reason = words_reason(service);
        ds_strings_addf(&lines, "%s: %s", service->name, reason);
    }
    if (lines.count == 0)
        return NULL;
    ds_strings_add(&lines, "The processes have stopped; the next `devstack up` of this stack "
                           "removes what is left.");
    return ds_strings_join(&lines, "\n");
}

char *words_alive(const struct ds_snapshot *snapshot)
{
    ds_auto_strings struct ds_strings list = {0};
    for (size_t i = 0; i < snapshot->service_count; i++)
        if (!ds_state_is_over(snapshot->services[i].state) &&
            snapshot->services[i].state != DS_STATE_WAITING)
            ds_strings_add(&list, snapshot->services[i].name);
    return ds_strings_join(&list, ", ");
}
