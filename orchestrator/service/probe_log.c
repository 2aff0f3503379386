/* Ready when a line of its output matches a pattern; from then on it stays so. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "probe.h"

#include <pcre2.h>
#include <stdlib.h>
#include <string.h>

#include "devstack/base/memory.h"

#define LINE_LIMIT 65536 /* of a line that comes in parts, as much is matched */

struct log_probe {
    struct ds_probe base;
    pcre2_code *pattern;
    pcre2_match_data *match;
    struct ds_log_subscription *subscription;
    struct ds_text line[2]; /* parts so far, of stdout and stderr */
    bool matched;
};

static bool take_entry(struct log_probe *probe, const struct ds_log_entry *entry)
{
    if (probe->matched || entry->source == DS_LOG_SYSTEM ||
        entry->time < probe->base.runner->run.began ||
        strcmp(entry->service, probe->base.runner->run.spec->name) != 0)
        return false;
    struct ds_text *line = &probe->line[entry->source == DS_LOG_STDERR];
    if (line->length + entry->length <= LINE_LIMIT)
        ds_text_append_bytes(line, entry->text, entry->length);
    /* What is visible of a line counts, also when its end has not come: a prompt, say. */
    probe->matched = pcre2_match(probe->pattern, (PCRE2_SPTR)ds_text_string(line), line->length, 0,
                                 0, probe->match, NULL) >= 0;
    if (!entry->partial)
        ds_text_clear(line);
    return probe->matched;
}

static void on_entry(void *data, const struct ds_log_entry *entry)
{
    struct log_probe *probe = data;
    if (take_entry(probe, entry))
        ds_probe_pass(&probe->base, "a line matched", NULL, false);
}

static bool on_recent(void *data, const struct ds_log_entry *entry)
{
    struct log_probe *probe = data;
    take_entry(probe, entry);
    return !probe->matched;
}

static void look(struct ds_probe *base, uint64_t timeout)
{
    struct log_probe *probe = (struct log_probe *)base;
    const struct ds_run *run = &base->runner->run;
    (void)timeout;
    int code = 0;
    size_t offset = 0;
    probe->pattern = pcre2_compile((PCRE2_SPTR)run->spec->health.log_pattern, PCRE2_ZERO_TERMINATED,
                                   PCRE2_UTF | PCRE2_MATCH_INVALID_UTF, &code, &offset, NULL);
    if (!probe->pattern) {
        PCRE2_UCHAR why[256];
        pcre2_get_error_message(code, why, sizeof(why));
        ds_probe_fail(base, "its log pattern is no regular expression: %s at %zu", (char *)why,
                      offset);
        return;
    }
    probe->match = pcre2_match_data_create_from_pattern(probe->pattern, NULL);
    ds_log_store_recent(run->host->logs, run->spec->name, 0, on_recent, probe);
    if (probe->matched) {
        ds_probe_pass(base, "a line matched", NULL, false);
        return;
    }
    probe->subscription = ds_log_store_subscribe(run->host->logs, on_entry, probe);
    ds_probe_fail(base, "no line has matched %s yet", run->spec->health.log_pattern);
}

static void cancel(struct ds_probe *base)
{
    struct log_probe *probe = (struct log_probe *)base;
    if (probe->subscription)
        ds_log_store_unsubscribe(ds_steal(probe->subscription));
}

static void close_probe(struct ds_probe *base)
{
    struct log_probe *probe = (struct log_probe *)base;
    cancel(base);
    pcre2_match_data_free(probe->match);
    pcre2_code_free(probe->pattern);
    ds_text_finish(&probe->line[0]);
    ds_text_finish(&probe->line[1]);
    ds_probe_close_soon(base);
}

static const struct ds_probe_ops ops = {
    .look = look, .passive = true, .cancel = cancel, .close = close_probe};

struct ds_probe *ds_probe_log_create(struct ds_runner *runner)
{
    (void)runner;
    struct log_probe *probe = DS_NEW(struct log_probe);
    probe->base.ops = &ops;
    return &probe->base;
}
