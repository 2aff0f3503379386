/* The session bus: its address, and a bus that is not there. */
#include "no_bus_fixture.h"

#include "orchestrator/secrets/session.h"

static void an_address_never_starts_a_bus(void **state)
{
    (void)state;
    static const struct {
        const char *given, *kept;
    } cases[] = {{"unix:path=/a", "unix:path=/a"},
                 {"autolaunch:", NULL},
                 {"autolaunch:;unix:path=/a", "unix:path=/a"},
                 {"unix:path=/a;unix:path=/b", "unix:path=/a;unix:path=/b"}};
    for (size_t i = 0; i < DS_COUNT(cases); i++) {
        setenv("DBUS_SESSION_BUS_ADDRESS", cases[i].given, 1);
        g_autofree char *address = keyring_bus_address();
        assert_true(ds_string_equal(address, cases[i].kept));
    }
}

static void the_runtime_folder_may_hold_the_bus(void **state)
{
    assert_null(keyring_bus_address());
    ds_auto_free char *path = ds_path_join(*state, "bus");
    assert_true(ds_file_write(path, "", 0, 0600, NULL));
    ds_auto_free char *expected = ds_printf("unix:path=%s", path);
    g_autofree char *address = keyring_bus_address();
    assert_string_equal(address, expected);
}

static void a_bus_that_is_not_there_is_told(void **state)
{
    struct keyring_session session;
    GCancellable *cancel = g_cancellable_new();
    ds_auto_free char *address = ds_printf("unix:path=%s/none", (const char *)*state);
    keyring_session_init(&session, cancel, UINT64_C(10000000000));
    assert_false(keyring_session_open(&session, address));
    assert_int_equal(session.outcome, DS_SECRET_UNAVAILABLE);
    assert_non_null(session.error.message);
    assert_non_null(session.error.hint);
    keyring_session_finish(&session);
    g_object_unref(cancel);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_address_never_starts_a_bus, setup_no_bus,
                                        teardown_no_bus),
        cmocka_unit_test_setup_teardown(the_runtime_folder_may_hold_the_bus, setup_no_bus,
                                        teardown_no_bus),
        cmocka_unit_test_setup_teardown(a_bus_that_is_not_there_is_told, setup_no_bus,
                                        teardown_no_bus),
    };
    return cmocka_run_group_tests_name("secrets/session", tests, NULL, NULL);
}
