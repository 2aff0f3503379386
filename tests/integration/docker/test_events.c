/* Events of a real engine: what happens to containers of the label, and nothing else. */
#include "tests/support/cmocka_headers.h"

#include <string.h>

#include "devstack/base/memory.h"
#include "tests/support/engine_fixture.h"

struct heard {
    struct ds_text actions;
    char *container;
    int exit_code;
    bool destroyed, strangers;
    unsigned interrupted;
};

static void on_event(void *data, const struct ds_engine_event *event)
{
    struct heard *heard = data;
    if (!event) {
        heard->interrupted++;
        return;
    }
    if (!heard->container)
        heard->container = ds_strdup(event->container);
    heard->strangers = heard->strangers || !ds_string_equal(heard->container, event->container);
    ds_text_appendf(&heard->actions, "%s ", event->action);
    if (ds_string_equal(event->action, "die"))
        heard->exit_code = event->exit_code;
    heard->destroyed = heard->destroyed || ds_string_equal(event->action, "destroy");
}

static void a_containers_life_is_heard(void **state)
{
    struct engine_fixture *fixture = *state;
    /* Static: when an assertion fails the subscription outlives this frame. */
    static struct heard heard = {.exit_code = -2};
    /* Asked for in the same moment as the container: nothing may be missed. */
    struct ds_engine_call *events =
        ds_engine_events(fixture->engine, fixture->label, on_event, &heard);
    ds_auto_free char *id = engine_run_shell(fixture, "exit 9");
    struct ds_variables nobody = {0};
    ds_variables_set(&nobody, "dev.devstack.run", "somebody-else");
    ds_auto_free char *other =
        engine_create(fixture, (struct ds_container_config){.labels = &nobody});
    ds_variables_finish(&nobody);
    assert_non_null(id);
    assert_non_null(other);
    answer_reset(&fixture->answer);
    ds_container_wait(fixture->engine, id, answer_ended, &fixture->answer);
    assert_true(engine_wait(fixture));
    const char *const both[] = {other, id};
    for (size_t i = 0; i < DS_COUNT(both); i++) {
        answer_reset(&fixture->answer);
        ds_container_remove(fixture->engine, both[i], answer_done, &fixture->answer);
        assert_true(engine_wait(fixture));
    }
    bool destroyed = loop_run_until(fixture->base, &heard.destroyed);
    ds_engine_cancel(events);
    ds_auto_free char *actions = ds_text_take(&heard.actions);
    ds_auto_free char *container = heard.container;
    assert_true(destroyed);
    assert_string_equal(container, id);
    assert_false(heard.strangers);
    assert_int_equal(heard.exit_code, 9);
    assert_int_equal(heard.interrupted, 0);
    assert_string_equal(actions, "create start die destroy ");
}

#define TEST(function)                                                                             \
    cmocka_unit_test_setup_teardown(function, engine_fixture_setup, engine_fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_containers_life_is_heard),
    };
    return cmocka_run_group_tests(tests, engine_fixture_need_image, NULL);
}
