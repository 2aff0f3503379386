/* Where concrete parts are wired together: the orchestrator gets its HTTP server here. */
#include "devstack/server.h"
#include "devstack/stack/start.h"
#include "verb.h"

static void *open_server(void *loop, struct ds_stack *stack, const char *path, struct ds_error *err)
{
    return ds_server_open(loop, stack, path, err);
}

static void close_server(void *server, void (*on_closed)(void *data), void *data)
{
    ds_server_close(server, on_closed, data);
}

int main(int argc, char **argv)
{
    static const struct ds_stack_server server = {.open = open_server, .close = close_server};
    return cli_run(argc, argv, &server);
}
