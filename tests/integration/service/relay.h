/*
 * Stands between a client and the engine's socket, and can go away and come back as an engine that
 * restarts does.
 */
#ifndef TESTS_INTEGRATION_SERVICE_RELAY_H
#define TESTS_INTEGRATION_SERVICE_RELAY_H

#include <uv.h>

struct relay;

/* Listens at `path` and passes everything to `engine`, both unix sockets. */
struct relay *relay_open(uv_loop_t *loop, const char *path, const char *engine);
/* Breaks off every connection; its socket is gone. */
void relay_cut(struct relay *relay);
void relay_restore(struct relay *relay);
/* The same for the engine's events alone. */
void relay_cut_events(struct relay *relay);
void relay_restore_events(struct relay *relay);
/* Cuts, and frees once everything is closed. */
void relay_close(struct relay *relay);

#endif
