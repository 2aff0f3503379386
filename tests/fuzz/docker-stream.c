/* The frames in which a container's output comes. The first byte says where the stream is split;
 * both ways of reading must give the same bytes. */
#include <stdlib.h>
#include <string.h>

#include "devstack/base/text.h"
#include "orchestrator/docker/log_stream.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool take(void *data, bool is_stderr, const char *bytes, size_t length)
{
    struct ds_text *streams = data;
    if (length == 0)
        abort();
    ds_text_append_bytes(&streams[is_stderr], bytes, length);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    const char *bytes = (const char *)data + 1;
    size_t length = size - 1, split = length ? data[0] % length : 0;
    struct ds_text whole[2] = {{0}}, halves[2] = {{0}};
    struct log_stream one = {.output = take, .data = whole}, two = {.output = take, .data = halves};
    enum log_stream_result first = log_stream_feed(&one, bytes, length);
    enum log_stream_result second = log_stream_feed(&two, bytes, split);
    if (second == LOG_STREAM_MORE)
        second = log_stream_feed(&two, bytes + split, length - split);
    if (first != second)
        abort();
    for (int i = 0; i < 2; i++) {
        if (whole[i].length != halves[i].length ||
            (whole[i].length && memcmp(whole[i].data, halves[i].data, whole[i].length) != 0))
            abort();
        ds_text_finish(&whole[i]);
        ds_text_finish(&halves[i]);
    }
    return 0;
}
