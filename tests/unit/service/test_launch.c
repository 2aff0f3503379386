/* The end of a launch: what it frees, what it wipes, what it leaves alone. The linker puts the
 * recorder below in front of ds_wipe(). */
#include "tests/support/cmocka_headers.h"

#include <stdlib.h>
#include <string.h>

#include "devstack/base/memory.h"
#include "devstack/service/service.h"

void __real_ds_wipe(void *data, size_t length);
void __wrap_ds_wipe(void *data, size_t length);

static struct ds_strings wiped;

void __wrap_ds_wipe(void *data, size_t length)
{
    ds_strings_take(&wiped, ds_strndup(data, length));
    __real_ds_wipe(data, length);
}

static int forget_wiped(void **state)
{
    (void)state;
    ds_strings_finish(&wiped);
    return 0;
}

static void fill(struct ds_launch *launch)
{
    launch->executable = ds_strdup("/bin/server");
    ds_strings_add(&launch->argv, "--password=argv");
    ds_variables_set(&launch->environment, "PASSWORD", "environment");
    launch->folder = ds_strdup("/srv");
    launch->container_name = ds_strdup("shop-db");
    ds_strings_add(&launch->command, "--password=command");
    ds_strings_add(&launch->entrypoint, "--password=entrypoint");
    ds_variables_set(&launch->labels, "label", "of the container");
    launch->files_folder = ds_strdup("/run/files");
    launch->mounts = DS_NEW(struct ds_engine_mount);
    *launch->mounts =
        (struct ds_engine_mount){.source = ds_strdup("data"), .target = ds_strdup("/data")};
    launch->mount_count = 1;
    ds_variables_set(&launch->volume_labels, "label", "of the volume");
    launch->network = ds_strdup("shop");
    launch->network_alias = ds_strdup("db");
    launch->url = ds_strdup("https://me:url@example.test/");
    launch->ports = DS_NEW(struct ds_bound_port);
    *launch->ports = (struct ds_bound_port){.name = ds_strdup("admin"), .host = 8000};
    launch->port_count = 1;
    ds_variables_set(&launch->health_headers, "Authorization", "Bearer header");
    ds_strings_add(&launch->health_exec, "--password=check");
    launch->database = ds_strdup("the database");
    launch->user = ds_strdup("the user");
}

static void everything_is_let_go(void **state)
{
    (void)state;
    static const struct ds_launch empty;
    struct ds_launch launch = {0};
    fill(&launch);
    ds_launch_finish(&launch);
    assert_memory_equal(&launch, &empty, sizeof(launch));
    ds_launch_finish(&launch);
    assert_memory_equal(&launch, &empty, sizeof(launch));
}

static void what_may_hold_a_secret_is_wiped(void **state)
{
    (void)state;
    static const char *const secrets[] = {
        "--password=argv", "environment",      "--password=command",
        "Bearer header",   "--password=check", "--password=entrypoint",
        "the database",    "the user",         "https://me:url@example.test/",
    };
    struct ds_launch launch = {0};
    fill(&launch);
    assert_int_equal(wiped.count, 0);
    ds_launch_finish(&launch);
    for (size_t i = 0; i < DS_COUNT(secrets); i++) {
        if (!ds_strings_contain(&wiped, secrets[i]))
            fail_msg("\"%s\" was not wiped", secrets[i]);
    }
}

static void secrets_that_others_hold_live_on(void **state)
{
    (void)state;
    ds_auto_secret struct ds_secret *password = ds_secret_create("sesame", 6);
    ds_auto_secret struct ds_secret *file = ds_secret_create("contents", 8);
    struct ds_launch launch = {0};
    launch.password = ds_secret_ref(password);
    launch.files = DS_NEW(struct ds_launch_file);
    *launch.files =
        (struct ds_launch_file){.target = ds_strdup("/run/f"), .contents = ds_secret_ref(file)};
    launch.file_count = 1;
    ds_launch_finish(&launch);
    assert_string_equal(ds_secret_bytes(password), "sesame");
    assert_string_equal(ds_secret_bytes(file), "contents");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(everything_is_let_go, forget_wiped),
        cmocka_unit_test_teardown(what_may_hold_a_secret_is_wiped, forget_wiped),
        cmocka_unit_test_teardown(secrets_that_others_hold_live_on, forget_wiped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
