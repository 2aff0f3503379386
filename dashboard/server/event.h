/* Server-sent events (WHATWG HTML, "Server-sent events") and the JSON in them. */
#ifndef SERVER_EVENT_H
#define SERVER_EVENT_H

#include <stddef.h>

#include "devstack/base/text.h"
#include "devstack/logs/store.h"

/* A JSON string with its quotes. Bytes that are no UTF-8 become U+FFFD, so any log line may be
 * given. */
void event_append_json_string(struct ds_text *text, const char *bytes, size_t length);
/* {"seq":1,"time":"…","service":"api","stream":"stdout","partial":false,"text":"…"} */
void event_append_log_json(struct ds_text *text, const struct ds_log_entry *entry);
/* event: <name>\ndata: <json>\n\n; `json` holds no newline. `id` 0: no id line. */
void event_append(struct ds_text *text, const char *name, uint64_t id, const char *json);

#endif
