/* Preflight: all checks over all services that are going to be started. */
#include "devstack/stack/preflight.h"

#include <stdlib.h>
#include <string.h>

#include "devstack/base/file.h"
#include "devstack/base/memory.h"
#include "devstack/stack/start.h"
#include "order.h"
#include "preflight_checks.h"

void ds_problems_finish(struct ds_problems *problems)
{
    for (size_t i = 0; i < problems->count; i++) {
        free(problems->items[i].subject);
        free(problems->items[i].message);
        free(problems->items[i].fix);
    }
    free(problems->items);
    *problems = (struct ds_problems){0};
}

struct ds_problem *ds_problems_add(struct ds_problems *problems, enum ds_error_code code,
                                   const char *subject, const char *fix, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *message = ds_vprintf(format, args);
    va_end(args);
    /* Ten services that lack the same program are one thing to fix. */
    for (size_t i = 0; i < problems->count; i++) {
        if (strcmp(problems->items[i].subject, subject) == 0 &&
            strcmp(problems->items[i].message, message) == 0) {
            free(message);
            return &problems->items[i];
        }
    }
    struct ds_problem *problem = DS_VEC_PUSH(problems);
    *problem = (struct ds_problem){
        .code = code, .subject = ds_strdup(subject), .message = message, .fix = ds_strdup(fix)};
    return problem;
}

char *preflight_place(const struct ds_where *where)
{
    return ds_printf("%s:%d", where->file ? ds_path_name(where->file) : "services.yaml",
                     where->line);
}

static bool check_names(const struct ds_preflight *preflight, struct ds_problems *problems)
{
    const struct ds_manifest *manifest = preflight->manifest;
    ds_auto_free const char **names = ds_alloc(manifest->service_count * sizeof(char *));
    for (size_t i = 0; i < manifest->service_count; i++)
        names[i] = manifest->services[i].name;
    bool good = true;
    for (size_t i = 0; i < preflight->services->count; i++) {
        const char *name = preflight->services->items[i];
        int index = order_index(manifest, name);
        if (index >= 0 && !manifest->services[index].disabled)
            continue;
        good = false;
        const char *nearest = ds_nearest(name, names, manifest->service_count);
        ds_auto_free char *fix =
            nearest && index < 0 ? ds_printf("did you mean %s?", nearest) : NULL;
        ds_problems_add(problems, DS_ERROR_USAGE, name, fix,
                        index < 0
                            ? "There is no service of that name in %s."
                            : "This service is disabled in the environment that %s is loaded for.",
                        manifest->file);
    }
    return good;
}

void ds_preflight_run(const struct ds_preflight *preflight, struct ds_problems *ret_problems)
{
    const struct ds_manifest *manifest = preflight->manifest;
    ds_auto_free bool *wanted = ds_alloc(manifest->service_count);
    if (!check_names(preflight, ret_problems))
        return;
    ds_start_choose(manifest, preflight->services, preflight->no_dependencies, wanted);
    preflight_check_disk(preflight, ret_problems);
    struct held_ports held = {0};
    preflight_check_engine(preflight, wanted, &held, ret_problems);
    preflight_check_ports(preflight, wanted, &held, ret_problems);
    for (size_t i = 0; i < held.count; i++)
        free(held.items[i].container);
    free(held.items);
    for (size_t i = 0; i < manifest->service_count; i++) {
        if (!wanted[i])
            continue;
        preflight_check_folders(preflight, &manifest->services[i], ret_problems);
        preflight_check_command(preflight, &manifest->services[i], ret_problems);
    }
}
