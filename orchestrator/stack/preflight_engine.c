/*
 * The engine: reachable, new enough, local; the images there, or to be had from their
 * registry where the policy lets them be pulled.
 *
 * A published port that a container holds is told by its container: docker-proxy's command line
 * says nothing to a user.
 */
#include <stdlib.h>
#include <string.h>

#include "devstack/base/memory.h"
#include "devstack/docker/engine.h"
#include "preflight_checks.h"

struct check {
    const struct ds_preflight *preflight;
    const bool *wanted;
    struct held_ports *held;
    struct ds_problems *problems;
    uv_loop_t loop;
    struct ds_http *http;
    struct ds_engine *engine;
    size_t pending;
};

struct image_check {
    struct check *check;
    const struct ds_service_spec *spec;
};

static bool wants_engine(const struct check *check, const struct ds_service_spec **ret_spec)
{
    const struct ds_manifest *manifest = check->preflight->manifest;
    for (size_t i = 0; i < manifest->service_count; i++) {
        if (check->wanted[i] && manifest->services[i].kind == DS_KIND_CONTAINER) {
            *ret_spec = &manifest->services[i];
            return true;
        }
    }
    return false;
}

static void add_error(struct check *check, const char *subject, const struct ds_error *error)
{
    ds_problems_add(check->problems, error->code ? error->code : DS_ERROR_MISSING, subject,
                    error->hint, "%s", error->message);
}

static void finish(struct check *check)
{
    ds_engine_destroy(check->engine);
    check->engine = NULL;
    ds_http_close(check->http, NULL, NULL);
}

/* `why` is NULL for an image that is not even asked for. */
static void add_missing_image(struct image_check *image, const char *why, const char *fix)
{
    const struct ds_service_spec *spec = image->spec;
    ds_auto_free char *place = preflight_place(&spec->where);
    ds_problems_add(image->check->problems, DS_ERROR_MISSING, spec->container.image, fix,
                    "The image is not here and %s%s, wanted by %s (%s).",
                    why ? "cannot be pulled: " : "may not be pulled", why ? why : "", spec->name,
                    place);
}

static void end_image(struct image_check *image)
{
    struct check *check = image->check;
    free(image);
    if (--check->pending == 0)
        finish(check);
}

/* Of an image that may not be pulled. */
static void on_image_present(void *data, bool present, const struct ds_error *error)
{
    struct image_check *image = data;
    const char *name = image->spec->container.image;
    if (error) {
        add_error(image->check, name, error);
    } else if (!present) {
        ds_auto_free char *fix = ds_printf("docker pull %s, or drop pull_policy: never", name);
        add_missing_image(image, NULL, fix);
    }
    end_image(image);
}

/* Of an image that is pulled when it is not here. */
static void on_image_available(void *data, const struct ds_error *error)
{
    struct image_check *image = data;
    if (error && error->code == DS_ERROR_MISSING)
        add_missing_image(image, error->message, error->hint);
    else if (error)
        add_error(image->check, image->spec->container.image, error);
    end_image(image);
}

static void on_containers(void *data, const struct ds_engine_item *items, size_t count,
                          const struct ds_error *error)
{
    struct check *check = data;
    (void)error; /* only names for messages are lost */
    for (size_t i = 0; i < count; i++)
        for (size_t p = 0; p < items[i].host_port_count; p++)
            *DS_VEC_PUSH(check->held) = (struct held_port){.port = items[i].host_ports[p],
                                                           .container = ds_strdup(items[i].name)};
    if (--check->pending == 0)
        finish(check);
}

static void on_connected(void *data, const struct ds_engine_info *info,
                         const struct ds_error *error)
{
    struct check *check = data;
    const struct ds_manifest *manifest = check->preflight->manifest;
    (void)info;
    if (error) {
        add_error(check, "docker", error);
        finish(check);
        return;
    }
    check->pending = 2;
    ds_engine_list(check->engine, DS_ENGINE_CONTAINERS, NULL, on_containers, check);
    for (size_t i = 0; i < manifest->service_count; i++) {
        const struct ds_service_spec *spec = &manifest->services[i];
        if (!check->wanted[i] || spec->kind != DS_KIND_CONTAINER)
            continue;
        struct image_check *image = DS_NEW(struct image_check);
        *image = (struct image_check){.check = check, .spec = spec};
        check->pending++;
        const char *name = spec->container.image;
        if (spec->container.pull_policy == DS_PULL_NEVER)
            ds_engine_image_present(check->engine, name, on_image_present, image);
        else
            ds_engine_image_available(check->engine, name, on_image_available, image);
    }
    if (--check->pending == 0)
        finish(check);
}

static bool open_engine(struct check *check)
{
    ds_auto_error struct ds_error err = {0};
    check->engine = ds_engine_create(check->http, check->preflight->shell, &err);
    if (!check->engine) {
        add_error(check, "docker", &err);
        return false;
    }
    if (!ds_engine_is_local(check->engine)) {
        ds_problems_add(
            check->problems, DS_ERROR_MISSING, "docker",
            "unset DOCKER_HOST, or select a local Docker context",
            "The engine at %s is not on this machine, so its ports would not be on 127.0.0.1.",
            ds_engine_address(check->engine));
        return false;
    }
    return true;
}

void preflight_check_engine(const struct ds_preflight *preflight, const bool *wanted,
                            struct held_ports *ret_held, struct ds_problems *problems)
{
    struct check check = {
        .preflight = preflight, .wanted = wanted, .held = ret_held, .problems = problems};
    const struct ds_service_spec *first;
    if (!wants_engine(&check, &first))
        return;
    uv_loop_init(&check.loop);
    check.http = ds_http_create(&check.loop);
    if (open_engine(&check))
        ds_engine_connect(check.engine, on_connected, &check);
    else
        finish(&check);
    uv_run(&check.loop, UV_RUN_DEFAULT);
    uv_loop_close(&check.loop);
}
