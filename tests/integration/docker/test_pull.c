/*
 * Pulling from a real registry (Debian's docker-registry) on the loopback address, which wants a
 * password. The image is made here, of random bytes, so that there is something to download.
 */
#include "tests/support/cmocka_headers.h"

#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "orchestrator/docker/archive.h"
#include "orchestrator/docker/base64.h"
#include "devstack/base/file.h"
#include "devstack/base/memory.h"
#include "devstack/base/secret.h"
#include "tests/support/engine_fixture.h"

#define LAYER_SIZE (3 * (size_t)1024 * 1024)
/* htpasswd -nbB devstack 'pull me' */
#define HTPASSWD "devstack:$2y$05$.oLyBn131qerMlfKbpbpkOXhfDh96ZQPFcJlZB7K8JIcgq.KasiD6\n"
#define LOGIN    "devstack:pull me"

struct registry {
    uv_process_t process;
    bool running, exited, closed;
    char *folder;
    int port;
    char *host, *image; /* "127.0.0.1:port", "127.0.0.1:port/devstack-test/blob:1" */
    struct engine_fixture *fixture;
    struct ds_pull_progress last;
    unsigned updates;
    bool went_back;
};

static struct registry registry;

static void on_exited(uv_process_t *process, int64_t code, int signal_number)
{
    (void)process, (void)code, (void)signal_number;
    registry.exited = true;
}

static int free_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool bound = bind(fd, (struct sockaddr *)&address, length) == 0 &&
                 getsockname(fd, (struct sockaddr *)&address, &length) == 0;
    close(fd);
    return bound ? ntohs(address.sin_port) : -1;
}

static void put(const char *name, const char *text)
{
    ds_auto_free char *path = ds_path_join(registry.folder, name);
    assert_true(ds_file_write(path, text, strlen(text), 0600, NULL));
}

static void write_configuration(void)
{
    put("htpasswd", HTPASSWD);
    ds_auto_free char *configuration =
        ds_printf("version: 0.1\n"
                  "log: {level: error, accesslog: {disabled: true}}\n"
                  "storage: {filesystem: {rootdirectory: %s/data}}\n"
                  "http: {addr: '127.0.0.1:%d', secret: test}\n"
                  "auth: {htpasswd: {realm: test, path: %s/htpasswd}}\n",
                  registry.folder, registry.port, registry.folder);
    put("registry.yml", configuration);
}

struct plain {
    bool done;
    int status;
    struct ds_text body;
};

static void on_plain(void *data, const struct ds_http_answer *answer)
{
    struct plain *plain = data;
    plain->status = answer->status;
    ds_text_append_bytes(&plain->body, answer->body, answer->body_length);
    plain->done = true;
}

/* A request to the engine that the room has no call for. */
static int ask_engine(const char *method, const char *path, const struct ds_strings *headers,
                      const struct ds_text *body)
{
    struct plain plain = {0};
    ds_auto_free char *url = ds_printf("http://engine/v1.41%s", path);
    const char *address = ds_engine_address(registry.fixture->engine);
    struct ds_http_request request = {.method = method,
                                      .url = url,
                                      .unix_socket = address + strlen("unix://"),
                                      .headers = headers,
                                      .body = body ? body->data : NULL,
                                      .body_length = body ? body->length : 0,
                                      .content_type = "application/x-tar"};
    struct ds_http_events events = {.on_done = on_plain, .data = &plain};
    ds_http_send(registry.fixture->http, &request, &events);
    assert_true(loop_run_until(registry.fixture->base, &plain.done));
    bool failed = strstr(ds_text_string(&plain.body), "errorDetail") != NULL;
    if (failed)
        fprintf(stderr, "%s\n", ds_text_string(&plain.body));
    ds_text_finish(&plain.body);
    return failed ? 500 : plain.status;
}

static bool registry_answers(void)
{
    struct plain plain = {0};
    ds_auto_free char *url = ds_printf("http://%s/v2/", registry.host);
    struct ds_http_request request = {.url = url, .fresh_connection = true};
    struct ds_http_events events = {.on_done = on_plain, .data = &plain};
    ds_http_send(registry.fixture->http, &request, &events);
    bool answered = loop_run_until(registry.fixture->base, &plain.done);
    ds_text_finish(&plain.body);
    return answered && plain.status == 401;
}

static void start_registry(void)
{
    ds_auto_free char *configuration = ds_path_join(registry.folder, "registry.yml");
    char *words[] = {(char *)"docker-registry", (char *)"serve", configuration, NULL};
    uv_process_options_t options = {.file = words[0], .args = words, .exit_cb = on_exited};
    int result = uv_spawn(&registry.fixture->base->loop, &registry.process, &options);
    if (result != 0)
        fail_msg("docker-registry: %s (apt-get install docker-registry)", uv_strerror(result));
    registry.running = true;
    uint64_t deadline = uv_hrtime() + UINT64_C(20000000000);
    while (!registry_answers())
        if (registry.exited || uv_hrtime() > deadline)
            fail_msg("docker-registry does not answer");
}

static void note_closed(uv_handle_t *handle)
{
    (void)handle;
    registry.closed = true;
}

static void stop_registry(void)
{
    if (!registry.running)
        return;
    if (!registry.exited)
        uv_process_kill(&registry.process, SIGKILL);
    loop_run_until(registry.fixture->base, &registry.exited);
    uv_close((uv_handle_t *)&registry.process, note_closed);
    loop_run_until(registry.fixture->base, &registry.closed);
    registry.running = false;
}

/* Imports an image of one random file and pushes it. */
static void publish_image(void)
{
    char *bytes = ds_alloc(LAYER_SIZE);
    ds_random_bytes(bytes, LAYER_SIZE);
    ds_auto_text struct ds_text archive = {0};
    struct archive_file file = {.contents = bytes, .length = LAYER_SIZE, .mode = 0644};
    assert_true(archive_write(&archive, "blob", &file, NULL));
    free(bytes);
    ds_auto_free char *import =
        ds_printf("/images/create?fromSrc=-&repo=%s/devstack-test/blob&tag=1", registry.host);
    assert_int_equal(ask_engine("POST", import, NULL, &archive), 200);
    static const char login[] = "{\"username\":\"devstack\",\"password\":\"pull me\"}";
    ds_auto_free char *encoded = base64url_encode(login, strlen(login));
    ds_auto_strings struct ds_strings headers = {0};
    ds_strings_addf(&headers, "X-Registry-Auth: %s", encoded);
    ds_auto_free char *push = ds_printf("/images/%s/devstack-test/blob/push?tag=1", registry.host);
    assert_int_equal(ask_engine("POST", push, &headers, NULL), 200);
}

static void forget_image(void)
{
    ds_auto_free char *path = ds_printf("/images/%s?force=1", registry.image);
    ask_engine("DELETE", path, NULL, NULL);
}

static int setup(void **state)
{
    char folder[] = "/tmp/devstack-registry-XXXXXX";
    registry = (struct registry){.folder = ds_strdup(mkdtemp(folder)), .port = free_port()};
    registry.host = ds_printf("127.0.0.1:%d", registry.port);
    registry.image = ds_printf("%s/devstack-test/blob:1", registry.host);
    /* The fixture's engine reads the Docker configuration of this folder. */
    setenv("DOCKER_CONFIG", registry.folder, 1);
    ds_auto_free char *path = ds_printf("%s:%s", registry.folder, getenv("PATH"));
    setenv("PATH", path, 1);
    if (engine_fixture_setup(state) != 0)
        return -1;
    registry.fixture = *state;
    write_configuration();
    start_registry();
    publish_image();
    forget_image();
    return 0;
}

static int teardown(void **state)
{
    forget_image();
    stop_registry();
    int result = engine_fixture_teardown(state);
    ds_tree_remove(registry.folder, NULL);
    free(registry.folder);
    free(registry.host);
    free(registry.image);
    return result;
}

static void on_progress(void *data, const struct ds_pull_progress *progress)
{
    (void)data;
    registry.went_back = registry.went_back || progress->bytes_done < registry.last.bytes_done;
    registry.last = *progress;
    registry.updates++;
}

static bool pull(const char *image)
{
    struct engine_fixture *fixture = registry.fixture;
    answer_reset(&fixture->answer);
    ds_engine_pull(fixture->engine, image, NULL, on_progress, answer_done, &fixture->answer);
    return engine_wait(fixture);
}

static bool present(void)
{
    struct engine_fixture *fixture = registry.fixture;
    answer_reset(&fixture->answer);
    ds_engine_image_present(fixture->engine, registry.image, answer_present, &fixture->answer);
    return engine_wait(fixture) && fixture->answer.present;
}

static bool available(const char *image)
{
    struct engine_fixture *fixture = registry.fixture;
    answer_reset(&fixture->answer);
    ds_engine_image_available(fixture->engine, image, answer_done, &fixture->answer);
    return engine_wait(fixture);
}

static void without_a_login_it_says_which(void)
{
    struct engine_answer *answer = &registry.fixture->answer;
    ds_auto_free char *hint = ds_printf("docker login %s", registry.host);
    assert_false(pull(registry.image));
    assert_int_equal(answer->code, DS_ERROR_MISSING);
    assert_string_equal(answer->hint, hint);
    assert_false(available(registry.image));
    assert_int_equal(answer->code, DS_ERROR_MISSING);
    assert_string_equal(answer->hint, hint);
    assert_false(present());
}

static void with_a_login_it_comes_with_its_bytes_counted(void)
{
    ds_auto_free char *auth = base64url_encode(LOGIN, strlen(LOGIN));
    ds_auto_free char *configuration =
        ds_printf("{\"auths\":{\"%s\":{\"auth\":\"%s\"}}}", registry.host, auth);
    put("config.json", configuration);
    assert_true(available(registry.image)); /* and is not fetched by that */
    assert_false(present());
    assert_true(pull(registry.image));
    assert_true(present());
    assert_true(registry.updates > 1);
    assert_false(registry.went_back);
    assert_int_equal(registry.last.layers_total, 1);
    assert_int_equal(registry.last.layers_done, 1);
    assert_true(registry.last.bytes_total >= LAYER_SIZE); /* random bytes do not shrink */
    assert_int_equal(registry.last.bytes_done, registry.last.bytes_total);
    assert_true(pull(registry.image)); /* once more finds all of it there */
    forget_image();
}

static void a_helper_gives_the_login(void)
{
    put("config.json", "{\"credsStore\":\"devstack-test\"}");
    ds_auto_free char *path = ds_path_join(registry.folder, "docker-credential-devstack-test");
    static const char script[] =
        "#!/bin/sh\nread -r server\n"
        "printf '{\"ServerURL\":\"%s\",\"Username\":\"devstack\",\"Secret\":\"pull me\"}' "
        "\"$server\"\n";
    assert_true(ds_file_write(path, script, strlen(script), 0700, NULL));
    assert_true(pull(registry.image));
    assert_true(present());
}

static void an_unknown_tag_and_a_dead_registry_are_told_apart(void)
{
    struct engine_answer *answer = &registry.fixture->answer;
    ds_auto_free char *other = ds_printf("%s/devstack-test/blob:2", registry.host);
    assert_false(pull(other));
    assert_non_null(strstr(answer->message, "manifest unknown"));
    assert_string_equal(answer->hint, "check the image's name and tag");
    assert_false(available(other));
    assert_non_null(strstr(answer->message, "manifest unknown"));
    assert_string_equal(answer->hint, "check the image's name and tag");
    stop_registry();
    assert_true(available(registry.image)); /* it is here */
    assert_false(available(other));
    assert_non_null(strstr(answer->message, "cannot be reached"));
    assert_int_equal(answer->code, DS_ERROR_MISSING);
    assert_false(pull(registry.image));
    assert_non_null(strstr(answer->message, "cannot be reached"));
    assert_non_null(strstr(answer->message, registry.host));
}

static void pulls_from_a_registry_with_a_login(void **state)
{
    (void)state;
    without_a_login_it_says_which();
    with_a_login_it_comes_with_its_bytes_counted();
    a_helper_gives_the_login();
    an_unknown_tag_and_a_dead_registry_are_told_apart();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(pulls_from_a_registry_with_a_login, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
