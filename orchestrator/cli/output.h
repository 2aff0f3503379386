/* Writing to a terminal, pipe or file that may block, without blocking the loop and without a
 * queue that grows: the caller looks at output_waiting() and holds its source up. */
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

#include <uv.h>

#include "devstack/base/text.h"

struct output {
    uv_loop_t *loop;
    int fd;
    uv_fs_t request;
    struct ds_text waiting; /* not handed over yet */
    struct ds_text writing; /* in the hands of the thread pool */
    size_t written;         /* of it */
    bool busy;
    bool failed; /* nobody reads it any more */
    /* All that was given is written, or the output failed. */
    void (*on_idle)(void *data);
    void *data;
};

void output_init(struct output *output, uv_loop_t *loop, int fd, void (*on_idle)(void *data),
                 void *data);
/* Only when it is not busy. */
void output_finish(struct output *output);
/* Takes the text over and leaves it empty. */
void output_take(struct output *output, struct ds_text *text);
size_t output_waiting(const struct output *output);

#endif
