/* Credentials from the configuration and from helper programs. */
#include "tests/support/cmocka_headers.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "orchestrator/docker/credentials.h"
#include "devstack/base/file.h"
#include "orchestrator/docker/internal.h"
#include "tests/support/loop_fixture.h"

struct found {
    char *folder;
    struct ds_variables environment;
    bool done;
    unsigned count;
    char *auth; /* decoded */
    char *error;
};

static int setup(void **state)
{
    if (loop_fixture_setup(state) != 0)
        return -1;
    char folder[] = "/tmp/devstack-credentials-XXXXXX";
    struct found *found = DS_NEW(struct found);
    found->folder = ds_strdup(mkdtemp(folder));
    ds_variables_set(&found->environment, "DOCKER_CONFIG", found->folder);
    ds_variables_setf(&found->environment, "PATH", "%s:/usr/bin:/bin", found->folder);
    ((struct loop_fixture *)*state)->data = found;
    return 0;
}

static void forget(struct found *found)
{
    free(found->auth);
    free(found->error);
    found->auth = found->error = NULL;
    found->done = false;
}

static int teardown(void **state)
{
    struct found *found = ((struct loop_fixture *)*state)->data;
    int result = loop_fixture_teardown(state);
    ds_tree_remove(found->folder, NULL);
    forget(found);
    ds_variables_finish(&found->environment);
    free(found->folder);
    free(found);
    return result;
}

static void put(struct found *found, const char *name, const char *text, mode_t mode)
{
    ds_auto_free char *path = ds_path_join(found->folder, name);
    assert_true(ds_file_write(path, text, strlen(text), mode, NULL));
}

/* From the header's URL alphabet to JSON, through the standard one. */
static char *decode(const char *header)
{
    ds_auto_free char *standard = ds_strdup(header);
    for (char *c = standard; *c; c++)
        *c = *c == '-' ? '+' : *c == '_' ? '/' : *c;
    ds_auto_free char *path = ds_printf("printf %%s '%s' | base64 -d", standard);
    FILE *output = popen(path, "re");
    char buffer[1024];
    size_t got = fread(buffer, 1, sizeof(buffer) - 1, output);
    pclose(output);
    return ds_strndup(buffer, got);
}

static void on_found(void *data, const char *header, const struct ds_error *error)
{
    struct found *found = data;
    found->done = true;
    found->count++;
    found->auth = header ? decode(header) : NULL;
    found->error = error ? ds_strdup(error->message) : NULL;
}

static struct found *find(void **state, const char *registry)
{
    struct loop_fixture *fixture = *state;
    struct found *found = fixture->data;
    forget(found);
    credentials_find(&fixture->loop, &found->environment, registry, on_found, found);
    assert_false(found->done);
    assert_true(loop_run_until(fixture, &found->done));
    return found;
}

static void without_configuration_there_is_nothing(void **state)
{
    struct found *found = find(state, "docker.io");
    assert_null(found->auth);
    assert_null(found->error);
}

static void a_login_in_the_file_is_used(void **state)
{
    put(((struct loop_fixture *)*state)->data, "config.json",
        "{\"auths\":{\"https://index.docker.io/v1/\":{\"auth\":\"bWU6cGE6c3M=\"},"
        "\"https://r.example/v2/\":{\"username\":\"u\",\"password\":\"p\"},"
        "\"token.example\":{\"identitytoken\":\"tok\"},"
        "\"odd.example\":{\"auth\":\"***\"}}}",
        0600);
    assert_string_equal(find(state, "docker.io")->auth,
                        "{\"username\":\"me\",\"password\":\"pa:ss\","
                        "\"serveraddress\":\"https://index.docker.io/v1/\"}");
    assert_string_equal(find(state, "r.example")->auth,
                        "{\"username\":\"u\",\"password\":\"p\",\"serveraddress\":\"r.example\"}");
    assert_string_equal(find(state, "token.example")->auth,
                        "{\"identitytoken\":\"tok\",\"serveraddress\":\"token.example\"}");
    assert_null(find(state, "odd.example")->auth);
    assert_null(find(state, "other.example")->auth);
}

static void a_helper_is_asked(void **state)
{
    struct found *found = ((struct loop_fixture *)*state)->data;
    put(found, "config.json",
        "{\"credsStore\":\"common\",\"credHelpers\":{\"own.example\":\"own\"}}", 0600);
    put(found, "docker-credential-common",
        "#!/bin/sh\nread -r server\n[ \"$1\" = get ] || exit 9\n"
        "printf '{\"ServerURL\":\"%s\",\"Username\":\"common\",\"Secret\":\"for %s\"}' \"$server\" "
        "\"$server\"\n",
        0700);
    put(found, "docker-credential-own",
        "#!/bin/sh\ncat >/dev/null\nprintf '{\"Username\":\"<token>\",\"Secret\":\"t\"}'\n", 0700);
    assert_string_equal(find(state, "any.example")->auth,
                        "{\"username\":\"common\",\"password\":\"for any.example\","
                        "\"serveraddress\":\"any.example\"}");
    assert_string_equal(find(state, "own.example")->auth,
                        "{\"identitytoken\":\"t\",\"serveraddress\":\"own.example\"}");
}

static void a_helper_that_knows_nothing_is_no_error(void **state)
{
    struct found *found = ((struct loop_fixture *)*state)->data;
    put(found, "config.json",
        "{\"credsStore\":\"x\",\"auths\":{\"r.example\":{\"auth\":\"YTpi\"}}}", 0600);
    put(found, "docker-credential-x",
        "#!/bin/sh\necho credentials not found in native keychain\nexit 1\n", 0700);
    assert_null(find(state, "other.example")->auth);
    assert_null(found->error);
    assert_non_null(find(state, "r.example")->auth);
}

/* It may end before it was given anything to read: that must not be a SIGPIPE for us. */
static void a_helper_that_does_not_read_does_no_harm(void **state)
{
    struct found *found = ((struct loop_fixture *)*state)->data;
    put(found, "config.json", "{\"credsStore\":\"x\"}", 0600);
    put(found, "docker-credential-x", "#!/bin/sh\nexec 0<&-\nexit 3\n", 0700);
    for (int i = 0; i < 30; i++)
        assert_non_null(find(state, "r.example")->error);
    assert_int_equal(found->count, 30);
}

static void a_helper_that_fails_is_told(void **state)
{
    struct found *found = ((struct loop_fixture *)*state)->data;
    put(found, "config.json", "{\"credsStore\":\"x\"}", 0600);
    assert_string_equal(find(state, "r.example")->error, "docker-credential-x is not on PATH");
    put(found, "docker-credential-x", "#!/bin/sh\necho the vault is sealed\nexit 2\n", 0700);
    assert_string_equal(find(state, "r.example")->error,
                        "docker-credential-x: the vault is sealed");
    put(found, "docker-credential-x", "#!/bin/sh\nkill -9 $$\n", 0700);
    assert_string_equal(find(state, "r.example")->error,
                        "docker-credential-x was ended by signal 9");
    put(found, "docker-credential-x", "#!/bin/sh\necho 'hunter2 not json'\n", 0700);
    assert_null(strstr(find(state, "r.example")->error, "hunter2"));
    put(found, "docker-credential-x", "not a program\n", 0700);
    assert_non_null(find(state, "r.example")->error);
}

static void a_broken_configuration_is_told(void **state)
{
    put(((struct loop_fixture *)*state)->data, "config.json", "{", 0600);
    assert_non_null(strstr(find(state, "r.example")->error, "config.json:1:"));
}

static bool is_alive(const char *pid_file)
{
    ds_auto_free char *text = NULL;
    size_t length;
    if (!ds_file_read(pid_file, 64, &text, &length, NULL) || length == 0)
        return false;
    return kill((pid_t)strtol(text, NULL, 10), 0) == 0;
}

static void cancelling_kills_the_helper_and_tells_nobody(void **state)
{
    struct loop_fixture *fixture = *state;
    struct found *found = fixture->data;
    put(found, "config.json", "{\"credsStore\":\"x\"}", 0600);
    ds_auto_free char *pid_file = ds_path_join(found->folder, "pid");
    ds_auto_free char *script = ds_printf("#!/bin/sh\necho $$ >%s\nexec sleep 1000\n", pid_file);
    put(found, "docker-credential-x", script, 0700);
    struct credentials_lookup *lookup =
        credentials_find(&fixture->loop, &found->environment, "r.example", on_found, found);
    loop_fixture_arm(fixture);
    while (!is_alive(pid_file) && !fixture->expired)
        uv_run(&fixture->loop, UV_RUN_NOWAIT);
    credentials_cancel(lookup);
    assert_true(loop_drain(fixture));
    assert_false(is_alive(pid_file));
    assert_false(found->done);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(without_configuration_there_is_nothing),
        TEST(a_login_in_the_file_is_used),
        TEST(a_helper_is_asked),
        TEST(a_helper_that_knows_nothing_is_no_error),
        TEST(a_helper_that_does_not_read_does_no_harm),
        TEST(a_helper_that_fails_is_told),
        TEST(a_broken_configuration_is_told),
        TEST(cancelling_kills_the_helper_and_tells_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
