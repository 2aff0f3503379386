/*
 * Does anybody accept a TCP connection there, and keep it? A proxy in front of a server that is not
 * up accepts and closes at once.
 */
#ifndef DEVSTACK_ORCHESTRATOR_SERVICE_CONNECT_H
#define DEVSTACK_ORCHESTRATOR_SERVICE_CONNECT_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

enum ds_connect_result {
    DS_CONNECT_OPEN,    /* accepted; sent something or stayed open for 50 ms */
    DS_CONNECT_CLOSED,  /* accepted and closed */
    DS_CONNECT_REFUSED, /* nobody listens */
    DS_CONNECT_FAILED,  /* `message` says why: no such host, unreachable … */
};

struct ds_connect;

/* `done` fires once, from the loop; after it the connect is gone. */
struct ds_connect *ds_connect_start(uv_loop_t *loop, const char *host, uint16_t port,
                                    void (*done)(void *data, enum ds_connect_result result,
                                                 const char *message),
                                    void *data);
/* No callback follows. Its handles close by themselves. */
void ds_connect_cancel(struct ds_connect *connect);

/* Host (without brackets) and port of a URL; the port is the scheme's own when none is given. The
 * caller frees `*ret_host`. */
bool ds_url_authority(const char *url, char **ret_host, uint16_t *ret_port);

#endif
