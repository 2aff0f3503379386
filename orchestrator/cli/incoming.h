/* Events of the stream that carry log lines, handed to the view. */
#ifndef CLI_INCOMING_H
#define CLI_INCOMING_H

#include "view.h"

/* `json` is the event's data; what cannot be read is left out. */
void incoming_log(struct view *view, const char *json, size_t length);
void incoming_gap(struct view *view, const char *json, size_t length);

#endif
