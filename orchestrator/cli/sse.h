/* A parser of server-sent events (WHATWG HTML, 9.2.6), fed with bytes cut anywhere. */
#ifndef CLI_SSE_H
#define CLI_SSE_H

#include "devstack/base/text.h"

struct sse {
    struct ds_text line;
    struct ds_text name;
    struct ds_text payload;
    bool has_payload;
    /* `payload` is NUL-terminated and borrowed; the parser must not be touched from inside. */
    void (*on_event)(void *data, const char *name, const char *payload, size_t length);
    void *data;
};

void sse_finish(struct sse *sse);
void sse_feed(struct sse *sse, const char *bytes, size_t length);

#endif
