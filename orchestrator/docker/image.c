/* Is an image there? */
#include "internal.h"

#define STATUS_NOT_FOUND 404

struct present_call {
    struct ds_engine_call call;
    char *what;
    void (*done)(void *data, bool present, const struct ds_error *error);
    void *data;
};

static void release(struct ds_engine_call *call)
{
    struct present_call *present = (struct present_call *)call;
    free(present->what);
    free(present);
}

static void on_answer(struct ds_engine_call *call, const struct ds_http_answer *answer)
{
    struct present_call *present = (struct present_call *)call;
    ds_auto_error struct ds_error error = {0};
    bool is_there = engine_answer_ok(answer);
    bool known =
        is_there || (answer->outcome == DS_HTTP_ANSWERED && answer->status == STATUS_NOT_FOUND);
    if (!known)
        engine_fault(call->engine, answer, present->what, &error);
    engine_call_end(call);
    present->done(present->data, is_there, known ? NULL : &error);
}

struct ds_engine_call *ds_engine_image_present(struct ds_engine *engine, const char *image,
                                               void (*done)(void *data, bool present,
                                                            const struct ds_error *error),
                                               void *data)
{
    struct present_call *present = DS_NEW(struct present_call);
    present->what = ds_printf("look for image %s", image);
    present->done = done;
    present->data = data;
    ds_auto_free char *encoded = ds_percent_encode(image);
    ds_auto_free char *path = ds_printf("/images/%s/json", encoded);
    engine_call_begin(&present->call, engine, release);
    engine_call_send(&present->call, &(struct engine_request){
                                         .method = "GET", .path = path, .on_answer = on_answer});
    return &present->call;
}
