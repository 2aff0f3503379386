/* Whole files: what the structs hold when a file is right. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "devstack/base/clock.h"
#include "devstack/base/file.h"
#include "devstack/base/memory.h"
#include "devstack/manifest/manifest.h"

/* Parses a text that must be right. */
static struct ds_manifest *parse_in(const char *environment, const char *text)
{
    ds_auto_variables struct ds_variables shell = {0};
    ds_variables_set(&shell, "HOME", "/home/dev");
    ds_variables_set(&shell, "PORT_OF_API", "8001");
    const struct ds_manifest_options options = {.environment = environment, .shell = &shell};
    struct ds_faults faults = {0};
    struct ds_manifest *manifest =
        ds_manifest_parse("services.yaml", "/project", text, strlen(text), &options, &faults);
    for (size_t i = 0; i < faults.count; i++) {
        ds_auto_free char *line = ds_fault_format(&faults.items[i]);
        print_error("%s\n", line);
    }
    assert_int_equal(faults.errors, 0);
    ds_faults_finish(&faults);
    assert_non_null(manifest);
    return manifest;
}

static struct ds_manifest *parse(const char *text)
{
    return parse_in(NULL, text);
}

static const struct ds_service_spec *service(const struct ds_manifest *manifest, const char *name)
{
    const struct ds_service_spec *spec = ds_manifest_service(manifest, name);
    assert_non_null(spec);
    return spec;
}

static char *source(const struct ds_template *template)
{
    return ds_template_source(template);
}

static void fills_in_the_defaults(void **state)
{
    (void)state;
    struct ds_manifest *manifest = parse("name: t\nservices: {a: {run: serve, port: 8000}}\n");
    const struct ds_service_spec *a = service(manifest, "a");
    assert_string_equal(manifest->environment, "local");
    assert_int_equal(a->kind, DS_KIND_PROCESS);
    assert_string_equal(a->kind_word, "run");
    assert_true(a->command.shell);
    assert_string_equal(a->working_dir, "/project");
    assert_string_equal(a->url_scheme, "http");
    assert_int_equal(a->ports[0].host, 8000);
    assert_int_equal(a->health.kind, DS_HEALTH_DEFAULT);
    assert_int_equal(a->health.interval, 5 * DS_NS_PER_S);
    assert_int_equal(a->health.timeout, 2 * DS_NS_PER_S);
    assert_int_equal(a->health.start_timeout, 60 * DS_NS_PER_S);
    assert_int_equal(a->health.retries, 3);
    assert_int_equal(a->restart, DS_RESTART_ON_FAILURE);
    assert_int_equal(a->backoff_initial, 100 * DS_NS_PER_MS);
    assert_int_equal(a->backoff_max, 10 * DS_NS_PER_S);
    assert_int_equal(a->stop_signal, SIGTERM);
    assert_int_equal(a->stop_grace, 10 * DS_NS_PER_S);
    assert_true(a->autostart);
    assert_false(a->disabled);
    ds_manifest_free(manifest);
}

static void lowers_postgres_to_a_container(void **state)
{
    (void)state;
    struct ds_manifest *manifest =
        parse("name: t\n"
              "secrets: {pw: {generate: {length: 24}}}\n"
              "services:\n"
              "  db:\n"
              "    postgres: {version: 17, database: shop, user: me, password: \"${secrets.pw}\",\n"
              "               settings: {max_connections: 200}}\n");
    const struct ds_service_spec *db = service(manifest, "db");
    assert_int_equal(db->kind, DS_KIND_CONTAINER);
    assert_string_equal(db->container.image, "postgres:17");
    assert_string_equal(db->url_scheme, "postgres");
    assert_int_equal(db->port_count, 1);
    assert_int_equal(db->ports[0].host, 0);
    assert_int_equal(db->ports[0].container, 5432);
    assert_int_equal(db->health.kind, DS_HEALTH_POSTGRES);
    assert_int_equal(db->stop_signal, SIGINT);
    assert_int_equal(db->container.mount_count, 1);
    assert_int_equal(db->container.mounts[0].type, DS_MOUNT_VOLUME);
    assert_string_equal(db->container.mounts[0].source, "db");
    assert_string_equal(db->container.mounts[0].target, "/var/lib/postgresql/data");
    assert_int_equal(db->container.file_count, 1);
    assert_string_equal(db->container.files[0].target, "/run/secrets/postgres_password");
    assert_true(db->container.files[0].value->tainted);
    assert_int_equal(db->container.command.count, 3);
    assert_string_equal(ds_template_literal(db->container.command.items[2]), "max_connections=200");
    assert_true(db->password->tainted);
    for (size_t i = 0; i < db->environment.count; i++)
        assert_false(db->environment.items[i].value->tainted);
    ds_manifest_free(manifest);
}

static void postgres_18_moved_its_data(void **state)
{
    (void)state;
    struct ds_manifest *manifest =
        parse("name: t\nservices:\n"
              "  a: {postgres: {version: 18, password: x}}\n"
              "  b: {postgres: {image: \"postgis/postgis:18-3.6\", password: x, data: tmpfs}}\n"
              "  c: {postgres: {version: 16-alpine, password: x, data: ./data}}\n");
    const struct ds_mount *a = service(manifest, "a")->container.mounts;
    const struct ds_mount *b = service(manifest, "b")->container.mounts;
    const struct ds_mount *c = service(manifest, "c")->container.mounts;
    assert_string_equal(a->target, "/var/lib/postgresql");
    assert_string_equal(b->target, "/var/lib/postgresql");
    assert_int_equal(b->type, DS_MOUNT_TMPFS);
    assert_string_equal(c->target, "/var/lib/postgresql/data");
    assert_int_equal(c->type, DS_MOUNT_BIND);
    assert_string_equal(c->source, "/project/data");
    ds_manifest_free(manifest);
}

static void reads_a_container(void **state)
{
    (void)state;
    struct ds_manifest *manifest =
        parse("name: t\n"
              "secrets: {token: }\n"
              "services:\n"
              "  web:\n"
              "    image: nginx:1\n"
              "    ports: [\"8080:80\", \"127.0.0.1:8443:443/tcp\"]\n"
              "    command: nginx -g 'daemon off;'\n"
              "    volumes: [\"data:/data\", \"./conf:/etc/app:ro\", \"~/x:/x\"]\n"
              "    tmpfs: /tmp\n"
              "    shm_size: 64m\n"
              "    cpus: 1.5\n"
              "    working_dir: /srv\n"
              "    secrets: [token, {source: token, target: other, mode: 0440, uid: 33}]\n"
              "    healthcheck: {http: {path: /ok, port: 443, status: 204}}\n");
    const struct ds_service_spec *web = service(manifest, "web");
    const struct ds_container *container = &web->container;
    assert_int_equal(web->port_count, 2);
    assert_string_equal(web->ports[0].name, "");
    assert_string_equal(web->ports[1].name, "443");
    assert_int_equal(web->ports[1].host, 8443);
    assert_int_equal(container->command.count, 3);
    assert_string_equal(ds_template_literal(container->command.items[2]), "daemon off;");
    assert_int_equal(container->mount_count, 4);
    assert_string_equal(container->mounts[1].source, "/project/conf");
    assert_true(container->mounts[1].read_only);
    assert_string_equal(container->mounts[2].source, "/home/dev/x");
    assert_int_equal(container->mounts[3].type, DS_MOUNT_TMPFS);
    assert_int_equal(container->shm_size, 64 << 20);
    assert_true(container->cpus > 1.4 && container->cpus < 1.6);
    assert_string_equal(web->working_dir, "/srv");
    assert_int_equal(container->file_count, 2);
    assert_string_equal(container->files[0].target, "/run/secrets/token");
    assert_int_equal(container->files[1].mode, 0440);
    assert_int_equal(container->files[1].uid, 33);
    assert_string_equal(web->health.port_name, "443");
    assert_int_equal(web->health.port, 0);
    assert_int_equal(web->health.status, 204);
    ds_manifest_free(manifest);
}

static void replaces_variables_and_keeps_references(void **state)
{
    (void)state;
    struct ds_manifest *manifest =
        parse("name: t\nservices:\n"
              "  api: {run: \"serve $PORT ${b.url} ${HOME}\", port: \"${PORT_OF_API}\"}\n"
              "  b: {run: [x, \"$HOME\", \"${api.port}\"], port: \"${NONE:-auto}\"}\n");
    const struct ds_service_spec *api = service(manifest, "api"), *b = service(manifest, "b");
    ds_auto_free char *line = source(api->command.items[0]);
    assert_string_equal(line, "serve $PORT ${b.url} ${HOME}");
    assert_int_equal(api->ports[0].host, 8001);
    assert_int_equal(b->ports[0].host, 0);
    assert_false(b->command.shell);
    assert_string_equal(ds_template_literal(b->command.items[1]), "/home/dev");
    assert_null(ds_template_literal(b->command.items[2]));
    ds_manifest_free(manifest);
}

static void an_environment_lies_over_the_file(void **state)
{
    (void)state;
    static const char text[] =
        "name: t\nservices:\n"
        "  db: {postgres: {password: x}}\n"
        "  api:\n"
        "    run: serve\n"
        "    port: 8000\n"
        "    depends_on: [db]\n"
        "    environment: [A=1, B=2]\n"
        "    healthcheck: {tcp: 8000, interval: 1s}\n"
        "  web: {run: w, port: 81, depends_on: [api, db]}\n"
        "environments:\n"
        "  remote:\n"
        "    url: https://e.example\n"
        "    protected: true\n"
        "    services:\n"
        "      db: {disabled: true}\n"
        "      api: {external: \"https://api.example\", healthcheck: {http: /ok}}\n"
        "  other:\n"
        "    services:\n"
        "      api: {environment: {B: 3, C: 4}, healthcheck: {http: /}}\n";
    struct ds_manifest *remote = parse_in("remote", text);
    const struct ds_service_spec *api = service(remote, "api");
    assert_true(remote->is_protected);
    assert_string_equal(remote->environment_url, "https://e.example");
    assert_int_equal(api->kind, DS_KIND_EXTERNAL);
    assert_string_equal(api->url_scheme, "https");
    assert_int_equal(api->command.count, 0);
    assert_int_equal(api->port_count, 0);
    assert_int_equal(api->health.kind, DS_HEALTH_HTTP);
    assert_int_equal(api->health.interval, DS_NS_PER_S);
    assert_int_equal(service(remote, "web")->depends_on_count, 1);
    assert_true(service(remote, "db")->disabled);
    ds_manifest_free(remote);

    struct ds_manifest *other = parse_in("other", text);
    api = service(other, "api");
    assert_int_equal(api->kind, DS_KIND_PROCESS);
    assert_int_equal(api->health.kind, DS_HEALTH_HTTP);
    assert_int_equal(api->environment.count, 3);
    assert_string_equal(api->environment.items[1].name, "B");
    assert_string_equal(ds_template_literal(api->environment.items[1].value), "3");
    assert_int_equal(other->environments.count, 3);
    ds_manifest_free(other);
}

static void secrets_taint_what_they_flow_into(void **state)
{
    (void)state;
    struct ds_manifest *manifest = parse(
        "name: t\nsecrets: {pw: }\nservices:\n"
        "  db: {postgres: {password: \"${secrets.pw}\"}}\n"
        "  x: {external: \"https://u:${secrets.pw}@x.example\"}\n"
        "  a: {run: x, environment: {U: \"${db.url}\", P: \"${db.port}\", S: \"${secrets.pw}\","
        " X: \"${x.url}\", N: \"${db.user}\"}}\n");
    const struct ds_settings *environment = &service(manifest, "a")->environment;
    assert_true(environment->items[0].value->tainted);
    assert_false(environment->items[1].value->tainted);
    assert_true(environment->items[2].value->tainted);
    assert_true(environment->items[3].value->tainted);
    assert_false(environment->items[4].value->tainted);
    ds_manifest_free(manifest);
}

static void an_environment_may_bring_services(void **state)
{
    (void)state;
    struct ds_manifest *manifest =
        parse_in("dev", "name: t\nservices: {a: {run: x, port: 80, labels: [l=1]}}\n"
                        "environments:\n"
                        "  dev:\n"
                        "    environment: {LEVEL: debug}\n"
                        "    services:\n"
                        "      a: {labels: {m: 2}, ports: {admin: 81}, depends_on: [extra]}\n"
                        "      extra: {run: [y, \"$LEVEL\"]}\n");
    const struct ds_service_spec *a = service(manifest, "a"), *extra = service(manifest, "extra");
    assert_int_equal(a->labels.count, 2);
    assert_int_equal(a->port_count, 2);
    assert_string_equal(a->ports[0].name, "");
    assert_string_equal(a->ports[1].name, "admin");
    assert_int_equal(a->depends_on_count, 1);
    assert_string_equal(ds_template_literal(extra->command.items[1]), "debug");
    ds_manifest_free(manifest);
}

static void disabling_a_healthcheck_wins_over_its_kind(void **state)
{
    (void)state;
    struct ds_manifest *manifest =
        parse_in("e", "name: t\nservices: {a: {run: x, port: 80, healthcheck: {http: /}}}\n"
                      "environments: {e: {services: {a: {healthcheck: {disable: true}}}}}\n");
    assert_int_equal(service(manifest, "a")->health.kind, DS_HEALTH_NONE);
    ds_manifest_free(manifest);
}

static void watches_from_the_working_dir_on(void **state)
{
    (void)state;
    struct ds_manifest *manifest = parse(
        "name: t\nservices:\n"
        "  a: {run: x, watch: [server.js, ./src/, ../lib, /etc/hosts, ~/x], working_dir: api}\n"
        "  b: {run: x, watch: {paths: ., ignore: [\"*.log\"], debounce: 1s}}\n"
        "  c: {run: x}\n");
    const struct ds_watch_spec *a = &service(manifest, "a")->watch;
    static const char *const paths[] = {"/project/api/server.js", "/project/api/src",
                                        "/project/lib", "/etc/hosts", "/home/dev/x"};
    assert_int_equal(a->paths.count, DS_COUNT(paths));
    for (size_t i = 0; i < DS_COUNT(paths); i++)
        assert_string_equal(a->paths.items[i], paths[i]);
    assert_int_equal(a->debounce, 100 * DS_NS_PER_MS);
    const struct ds_watch_spec *b = &service(manifest, "b")->watch;
    assert_string_equal(b->paths.items[0], "/project");
    assert_string_equal(b->ignore.items[0], "*.log");
    assert_int_equal(b->debounce, DS_NS_PER_S);
    assert_int_equal(service(manifest, "c")->watch.paths.count, 0);
    ds_manifest_free(manifest);
}

static void finds_the_file_above(void **state)
{
    (void)state;
    char folder[] = "/tmp/manifest-test-XXXXXX";
    assert_non_null(mkdtemp(folder));
    ds_auto_free char *below = ds_path_join(folder, "one/two");
    ds_auto_free char *file = ds_path_join(folder, "services.yml");
    assert_true(ds_folder_make(below, 0700, NULL));
    ds_auto_error struct ds_error err = {0};
    ds_auto_free char *path = NULL;
    assert_false(ds_manifest_find(below, &path, &err));
    assert_int_equal(err.code, DS_ERROR_INVALID);
    assert_null(path);
    assert_true(ds_file_write(file, "", 0, 0600, NULL));
    assert_true(ds_manifest_find(below, &path, NULL));
    assert_string_equal(path, file);
    assert_true(ds_tree_remove(folder, NULL));
}

static void renders_configs_and_marks_secret_ones(void **state)
{
    (void)state;
    char folder[] = "/tmp/manifest-test-XXXXXX";
    assert_non_null(mkdtemp(folder));
    static const char text[] = "name: t\nsecrets: {s: }\n"
                               "configs: {open: {template: a.in}, closed: {template: b.in}}\n"
                               "services: {a: {run: \"x ${configs.open} ${configs.closed}\"}}\n";
    ds_auto_free char *a = ds_path_join(folder, "a.in");
    ds_auto_free char *b = ds_path_join(folder, "b.in");
    assert_true(ds_file_write(a, "listen $port ${stack.id};", 25, 0600, NULL));
    assert_true(ds_file_write(b, "\n  ${secrets.s} ${secrets.t}", 28, 0600, NULL));
    struct ds_faults faults = {0};
    assert_null(ds_manifest_parse("services.yaml", folder, text, strlen(text), NULL, &faults));
    assert_int_equal(faults.count, 1);
    ds_auto_free char *fault = ds_fault_format(&faults.items[0]);
    assert_string_equal(fault, "b.in:2:16: error: there is no secret 't'");
    ds_faults_finish(&faults);

    assert_true(ds_file_write(b, "\n  ${secrets.s}", 15, 0600, NULL));
    struct ds_manifest *manifest =
        ds_manifest_parse("services.yaml", folder, text, strlen(text), NULL, &faults);
    assert_non_null(manifest);
    assert_false(manifest->configs[0].tainted);
    assert_true(manifest->configs[1].tainted);
    ds_auto_free char *contents = source(manifest->configs[0].contents);
    assert_string_equal(contents, "listen $port ${stack.id};");
    ds_manifest_free(manifest);
    assert_true(ds_tree_remove(folder, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fills_in_the_defaults),
        cmocka_unit_test(lowers_postgres_to_a_container),
        cmocka_unit_test(postgres_18_moved_its_data),
        cmocka_unit_test(reads_a_container),
        cmocka_unit_test(replaces_variables_and_keeps_references),
        cmocka_unit_test(an_environment_lies_over_the_file),
        cmocka_unit_test(secrets_taint_what_they_flow_into),
        cmocka_unit_test(an_environment_may_bring_services),
        cmocka_unit_test(disabling_a_healthcheck_wins_over_its_kind),
        cmocka_unit_test(renders_configs_and_marks_secret_ones),
        cmocka_unit_test(watches_from_the_working_dir_on),
        cmocka_unit_test(finds_the_file_above),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
