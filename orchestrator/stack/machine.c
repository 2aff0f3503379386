/* What `doctor` says of the machine: the engine, and the limits that a stack meets first. */
#include "devstack/stack/machine.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/statvfs.h>

#include "devstack/base/memory.h"
#include "devstack/docker/engine.h"

void ds_facts_finish(struct ds_facts *facts)
{
    for (size_t i = 0; i < facts->count; i++) {
        free(facts->items[i].subject);
        free(facts->items[i].message);
        free(facts->items[i].fix);
    }
    free(facts->items);
    *facts = (struct ds_facts){0};
}

static void add(struct ds_facts *facts, bool good, const char *subject, const char *fix,
                char *message)
{
    *DS_VEC_PUSH(facts) = (struct ds_fact){.good = good,
                                           .subject = ds_strdup(subject),
                                           .message = message,
                                           .fix = good ? NULL : ds_strdup(fix)};
}

struct inquiry {
    struct ds_facts *facts;
    struct ds_http *http;
    struct ds_engine *engine;
};

static void on_engine(void *data, const struct ds_engine_info *info, const struct ds_error *error)
{
    struct inquiry *inquiry = data;
    if (error)
        add(inquiry->facts, false, "docker", error->hint, ds_strdup(error->message));
    else
        add(inquiry->facts, true, "docker", NULL,
            ds_printf("Docker Engine %s (API %s) at %s", info->version, info->api_version,
                      ds_engine_address(inquiry->engine)));
    ds_engine_destroy(inquiry->engine);
    ds_http_close(inquiry->http, NULL, NULL);
}

static void inspect_engine(const struct ds_variables *shell, struct ds_facts *facts)
{
    ds_auto_error struct ds_error err = {0};
    uv_loop_t loop;
    uv_loop_init(&loop);
    struct inquiry inquiry = {.facts = facts, .http = ds_http_create(&loop)};
    inquiry.engine = ds_engine_create(inquiry.http, shell, &err);
    if (inquiry.engine) {
        ds_engine_connect(inquiry.engine, on_engine, &inquiry);
    } else {
        add(facts, false, "docker", err.hint, ds_strdup(err.message));
        ds_http_close(inquiry.http, NULL, NULL);
    }
    uv_run(&loop, UV_RUN_DEFAULT);
    uv_loop_close(&loop);
}

static void inspect_disk(const struct ds_variables *shell, struct ds_facts *facts)
{
    const char *home = ds_variables_get(shell, "HOME");
    struct statvfs status;
    if (statvfs(home ? home : "/", &status) < 0)
        return;
    double free_gib = (double)status.f_bavail * (double)status.f_frsize / (1024.0 * 1024 * 1024);
    add(facts, free_gib >= 1, "disk", "free some space: logs and images need it",
        ds_printf("%.1f GiB free in %s", free_gib, home ? home : "/"));
}

static void inspect_files(struct ds_facts *facts)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
        return;
    add(facts, limit.rlim_cur >= 1024, "open files", "ulimit -n 4096",
        ds_printf("%llu files may be open at once", (unsigned long long)limit.rlim_cur));
}

static void inspect_watches(struct ds_facts *facts)
{
    ds_auto_file FILE *file = fopen("/proc/sys/fs/inotify/max_user_watches", "re");
    unsigned long watches = 0;
    if (!file || fscanf(file, "%lu", &watches) != 1)
        return;
    add(facts, watches >= 8192, "file watches", "sudo sysctl fs.inotify.max_user_watches=524288",
        ds_printf("%lu inotify watches for each user", watches));
}

void ds_machine_inspect(const struct ds_variables *shell, struct ds_facts *ret_facts)
{
    inspect_engine(shell, ret_facts);
    inspect_disk(shell, ret_facts);
    inspect_files(ret_facts);
    inspect_watches(ret_facts);
}
