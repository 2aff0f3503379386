/*
 * A process's output on its way to the log: a pipe (or a terminal's master side), read on the loop,
 * bytes given on to a log stream or collected.
 */
#ifndef DEVSTACK_ORCHESTRATOR_SERVICE_OUTPUT_H
#define DEVSTACK_ORCHESTRATOR_SERVICE_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

struct ds_output {
    uv_pipe_t pipe;
    bool open; /* reading; false after end of file or close */
    void (*on_bytes)(void *data, const char *bytes, size_t length);
    void (*on_end)(void *data);                              /* end of file, or an error */
    void (*on_closed)(struct ds_output *output, void *data); /* the handle is closed */
    void *data;
};

/* A pipe, both ends close-on-exec: the child gets a copy. 0, or a negative libuv error. */
int ds_output_pipe(int *ret_read_fd, int *ret_write_fd);
/* A pseudo-terminal in the same roles. */
int ds_output_terminal(int *ret_master_fd, int *ret_slave_fd);
/* Starts reading; takes the descriptor. The callbacks and `data` were set before. */
void ds_output_open(struct ds_output *output, uv_loop_t *loop, int fd);
void ds_output_close(struct ds_output *output);

#endif
