/* The life of a call: whoever ends it, and wherever from, it is released once and told at most
 * once. */
#include "tests/unit/docker/scripted_calls.h"

#include "orchestrator/docker/internal.h"

struct subject {
    struct ds_engine_call call;
    unsigned *released;
    bool *answered;
    bool cancel_inside, again;
};

static void release(struct ds_engine_call *call)
{
    struct subject *subject = (struct subject *)call;
    ++*subject->released;
    free(subject);
}

static void on_answer(struct ds_engine_call *call, const struct ds_http_answer *answer)
{
    struct subject *subject = (struct subject *)call;
    if (subject->again && engine_answer_ok(answer)) {
        subject->again = false;
        engine_call_send(call, &(struct engine_request){
                                   .method = "GET", .path = "/second", .on_answer = on_answer});
        return;
    }
    *subject->answered = true;
    if (subject->cancel_inside)
        ds_engine_cancel(call);
    engine_call_end(call);
}

static struct subject *begin(struct scripted_engine *engine, unsigned *released, bool *answered)
{
    struct subject *subject = DS_NEW(struct subject);
    subject->released = released;
    subject->answered = answered;
    engine_call_begin(&subject->call, engine->engine, release);
    return subject;
}

static void send_first(struct ds_engine_call *call)
{
    engine_call_send(
        call, &(struct engine_request){.method = "GET", .path = "/first", .on_answer = on_answer});
}

static void requests_follow_each_other(void **state)
{
    unsigned released = 0;
    bool answered = false;
    struct scripted_engine *engine = SCRIPT(state, OK("{}"));
    struct subject *subject = begin(engine, &released, &answered);
    subject->again = true;
    engine_call_after(&subject->call, 0, send_first);
    assert_string_equal(script_asked(engine), "");
    assert_true(loop_run_until(engine->base, &answered));
    assert_string_equal(script_asked(engine), "GET /first\nGET /second\n");
    assert_int_equal(released, 1);
}

static void a_call_may_be_cancelled_from_inside(void **state)
{
    unsigned released = 0;
    bool answered = false;
    struct scripted_engine *engine = SCRIPT(state, OK("{}"));
    struct subject *subject = begin(engine, &released, &answered);
    subject->cancel_inside = true;
    send_first(&subject->call);
    assert_true(loop_run_until(engine->base, &answered));
    assert_int_equal(released, 1);
}

static void a_cancelled_call_is_released_at_once_and_never_told(void **state)
{
    unsigned released = 0;
    bool answered = false;
    struct scripted_engine *engine = SCRIPT(state, OK("{}"));
    struct subject *sent = begin(engine, &released, &answered);
    struct subject *delayed = begin(engine, &released, &answered);
    send_first(&sent->call);
    engine_call_after(&delayed->call, 0, send_first);
    ds_engine_cancel(&sent->call);
    ds_engine_cancel(&delayed->call);
    assert_int_equal(released, 2);
    assert_null(engine->engine->calls);
    ds_engine_image_present(engine->engine, "a", answer_present, &engine->answer);
    script_end(engine);
    assert_false(answered);
    ds_engine_cancel(NULL);
}

static void the_engine_takes_its_calls_along(void **state)
{
    unsigned released = 0;
    bool answered = false;
    struct scripted_engine *engine = SCRIPT(state, OK("{}"));
    for (int i = 0; i < 3; i++)
        send_first(&begin(engine, &released, &answered)->call);
    ds_engine_destroy(engine->engine);
    engine->engine = NULL;
    assert_int_equal(released, 3);
    assert_false(answered);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(requests_follow_each_other),
        TEST(a_call_may_be_cancelled_from_inside),
        TEST(a_cancelled_call_is_released_at_once_and_never_told),
        TEST(the_engine_takes_its_calls_along),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
