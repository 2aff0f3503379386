/*
 * The shapes in which a secret value shows up in output: as it is, percent-encoded, in base64, and
 * escaped for JSON.
 */
#ifndef ORCHESTRATOR_LOGS_FORMS_H
#define ORCHESTRATOR_LOGS_FORMS_H

#include "devstack/base/secret.h"

/* Calls on_form for each shape; the same bytes may come more than once. The form is borrowed and
 * wiped after the call. */
void log_forms(const struct ds_secret *secret,
               void (*on_form)(void *data, const char *bytes, size_t length), void *data);

#endif
