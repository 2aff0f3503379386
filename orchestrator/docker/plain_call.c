/* Operations of one request whose only news is whether it worked. */
#include "internal.h"

struct plain_call {
    struct ds_engine_call call;
    char *what;
    int also_fine[4]; /* 0-terminated */
    ds_engine_done_fn done;
    void *data;
};

static void release(struct ds_engine_call *call)
{
    struct plain_call *plain = (struct plain_call *)call;
    free(plain->what);
    free(plain);
}

static bool is_fine(const struct plain_call *plain, const struct ds_http_answer *answer)
{
    if (engine_answer_ok(answer))
        return true;
    for (const int *status = plain->also_fine; *status; status++)
        if (answer->outcome == DS_HTTP_ANSWERED && answer->status == *status)
            return true;
    return false;
}

static void on_answer(struct ds_engine_call *call, const struct ds_http_answer *answer)
{
    struct plain_call *plain = (struct plain_call *)call;
    ds_auto_error struct ds_error error = {0};
    bool fine = is_fine(plain, answer);
    if (!fine)
        engine_fault(call->engine, answer, plain->what, &error);
    engine_call_end(call);
    plain->done(plain->data, fine ? NULL : &error);
}

struct ds_engine_call *engine_plain_call(struct ds_engine *engine, struct engine_request *request,
                                         char *what, const int *also_fine, ds_engine_done_fn done,
                                         void *data)
{
    struct plain_call *plain = DS_NEW(struct plain_call);
    plain->what = what;
    for (size_t i = 0; also_fine && also_fine[i]; i++)
        plain->also_fine[i] = also_fine[i];
    plain->done = done;
    plain->data = data;
    engine_call_begin(&plain->call, engine, release);
    request->on_answer = on_answer;
    engine_call_send(&plain->call, request);
    return &plain->call;
}
