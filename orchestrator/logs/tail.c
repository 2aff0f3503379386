/* Keeps the last lines of what passes. */
#include "tail.h"

#include <string.h>

#include "devstack/base/memory.h"

void ds_log_tail_init(struct ds_log_tail *tail, size_t count)
{
    *tail = (struct ds_log_tail){.count = count};
}

void ds_log_tail_finish(struct ds_log_tail *tail)
{
    for (size_t i = 0; i < tail->held; i++)
        ds_text_finish(&tail->lines[i]);
    free(tail->lines);
    ds_text_finish(&tail->unfinished[0]);
    ds_text_finish(&tail->unfinished[1]);
    *tail = (struct ds_log_tail){0};
}

static void keep_line(struct ds_log_tail *tail, struct ds_text *line)
{
    if (tail->held < tail->count) {
        tail->lines = ds_realloc_array(tail->lines, tail->held + 1, sizeof(*tail->lines));
        tail->lines[tail->held++] = *line;
        *line = (struct ds_text){0};
        return;
    }
    if (tail->count == 0) {
        ds_text_clear(line);
        return;
    }
    struct ds_text *slot = &tail->lines[tail->oldest];
    ds_text_finish(slot);
    *slot = *line;
    *line = (struct ds_text){0};
    tail->oldest = (tail->oldest + 1) % tail->count;
}

static void append_shown(struct ds_text *to, const char *text, size_t length)
{
    while (length > 0) {
        const char *nul = memchr(text, '\0', length);
        size_t plain = nul ? (size_t)(nul - text) : length;
        ds_text_append_bytes(to, text, plain);
        if (nul)
            ds_text_append(to, "\xef\xbf\xbd");
        text += plain + (nul ? 1 : 0);
        length -= plain + (nul ? 1 : 0);
    }
}

void ds_log_tail_add(struct ds_log_tail *tail, const struct ds_log_entry *entry)
{
    struct ds_text *line = &tail->unfinished[entry->source == DS_LOG_STDOUT ? 0 : 1];
    append_shown(line, entry->text, entry->length);
    if (!entry->partial)
        keep_line(tail, line);
}

char *ds_log_tail_take(struct ds_log_tail *tail)
{
    for (size_t i = 0; i < DS_COUNT(tail->unfinished); i++)
        if (tail->unfinished[i].length > 0)
            keep_line(tail, &tail->unfinished[i]);
    struct ds_text out = {0};
    for (size_t i = 0; i < tail->held; i++) {
        const struct ds_text *line = &tail->lines[(tail->oldest + i) % tail->held];
        if (i > 0)
            ds_text_append_char(&out, '\n');
        ds_text_append(&out, ds_text_string(line));
    }
    return ds_text_take(&out);
}
